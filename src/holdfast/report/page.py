"""The report's page: one file with its style, no script, and nothing that is loaded."""

from __future__ import annotations

import html
from pathlib import Path
from string import Template

import pandas as pd

from holdfast.atomic import write_text
from holdfast.report.charts import Line, Mark, draw_chart
from holdfast.report.facts import RunFacts
from holdfast.report.figures import by_month, drawdown, find_warnings, summarize

_TEMPLATE = Path(__file__).with_name("page.html")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DARKEST = 0.1  # a month that gains or loses so much, or more


def write_page(path: Path, perf: pd.DataFrame, facts: RunFacts) -> None:
    """Write the report of a run as a whole, or leave the file as it was.

    Parameters
    ----------
    path
        An HTML file.
    perf
        What ``run_algorithm`` returned.
    facts
        How the run was made.
    """
    span = f"{facts.parameters['first session']} to {facts.parameters['last session']}"
    page = Template(_TEMPLATE.read_text("utf-8")).substitute(
        title=html.escape(facts.title),
        span=span,
        warnings="".join(f'<p class="warning">{html.escape(w)}</p>' for w in find_warnings(perf)),
        figures=_table(summarize(perf)),
        charts="".join(_draw_all(perf, facts)),
        months=_months(perf),
        parameters=_table(facts.parameters),
    )
    write_text(path, page)


def _draw_all(perf: pd.DataFrame, facts: RunFacts) -> list[str]:
    compared = bool((perf["benchmark_period_return"] != 0).any())
    benchmark = Line("benchmark", perf["benchmark_period_return"], "other")
    own = Line("portfolio", perf["algorithm_period_return"], "own")
    charts = [
        draw_chart("Return since the start", [own, benchmark] if compared else [own], _percent),
        draw_chart(
            "Drawdown", [Line("below its peak", drawdown(perf), "bad")], _percent, area=True
        ),
        draw_chart("Leverage", _draw_leverage(perf), _plain),
    ]
    charts += [_draw_trades(perf, symbol, closes) for symbol, closes in facts.prices.items()]
    return [chart for chart in charts if chart]


def _draw_leverage(perf: pd.DataFrame) -> list[Line]:
    """Gross and net exposure over the portfolio's value; without shorts they are the same."""
    gross = Line("gross exposure over value", perf["gross_leverage"], "own")
    if (perf["shorts_count"] == 0).all():
        return [gross]
    return [gross, Line("net exposure over value", perf["net_leverage"], "other")]


def _draw_trades(perf: pd.DataFrame, symbol: str, closes: pd.Series) -> str:
    marks = [
        Mark(
            row,
            done["price"],
            "good" if done["amount"] > 0 else "bad",
            f"{'bought' if done['amount'] > 0 else 'sold'} {abs(done['amount']):,} at "
            f"{done['price']:,.2f} on {done['dt']:%Y-%m-%d}",
        )
        for row, day in enumerate(perf["transactions"])
        for done in day
        if done["sid"].symbol == symbol
    ]
    line = Line("close, as traded", closes, "own")
    dots = '<span class="good">bought</span><span class="bad">sold</span>'
    return draw_chart(f"Trades in {symbol}", [line], _plain, marks, note=dots)


def _months(perf: pd.DataFrame) -> str:
    returns = by_month(perf)
    years = sorted({year for year, _ in returns.index})
    head = "".join(f'<th scope="col">{name}</th>' for name in _MONTHS)
    rows = []
    for year in years:
        cells = "".join(_cell(returns.get((year, month))) for month in range(1, 13))
        total = (1 + returns[year]).prod() - 1
        rows.append(f'<tr><th scope="row">{year}</th>{cells}{_cell(total)}</tr>')
    return f'<thead><tr><td></td>{head}<th scope="col">Year</th></tr></thead>' + "".join(rows)


def _cell(value: float | None) -> str:
    if value is None:
        return "<td></td>"
    if abs(value) < 0.0005:
        return "<td>0.0%</td>"
    kind, part = ("good" if value > 0 else "bad"), min(abs(value) / _DARKEST, 1.0)
    return f'<td class="{kind}" style="--part:{part:.0%}">{value:+.1%}</td>'


def _table(rows: dict[str, str]) -> str:
    pairs = ((html.escape(name), html.escape(value)) for name, value in rows.items())
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in pairs)


def _percent(value: float) -> str:
    return f"{value:,.0%}" if abs(value) >= 0.1 or not value else f"{value:.1%}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"
