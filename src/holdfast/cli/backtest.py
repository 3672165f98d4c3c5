"""The commands ``ingest``, ``synthesize`` and ``run``: their options and their output."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.atomic import check_output, write_atomically
from holdfast.cli.steps import show_steps
from holdfast.cli.strategy_file import add_options, load_strategy, read_options, short_errors
from holdfast.errors import UsageError
from holdfast.plots import check_plot

if TYPE_CHECKING:
    import pandas as pd

_CALLBACKS = ("initialize", "handle_data", "before_trading_start", "analyze")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the engine's commands to the command line's parser."""
    _add_ingest(commands)
    _add_synthesize(commands)
    _add_run(commands)


def _add_ingest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "ingest",
        help="make a bundle from CSV or Parquet files",
        description="Check bars and write them as a new version of a bundle; an older version "
        "stays current until the new one is complete.",
    )
    parser.add_argument(
        "bars",
        type=Path,
        help="a CSV or Parquet file with a symbol column, or a folder of one file per symbol "
        "(Zipline's csvdir layout, whose column split holds new shares per old share: "
        "2 for 2-for-1)",
    )
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--frequency", choices=("daily", "minute"), default="daily")
    parser.add_argument(
        "--calendar", default="XNYS", help="a calendar of exchange_calendars (default: XNYS)"
    )
    parser.add_argument(
        "--adjustments",
        type=Path,
        help="a CSV or Parquet file of splits and dividends: symbol, kind, date, value, pay_date; "
        "a split's value is the ratio of the price, 0.5 for 2-for-1",
    )
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="how dates are written, such as %%d/%%m/%%Y"
    )
    parser.set_defaults(run=_ingest, extra="backtest")


def _add_synthesize(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "synthesize",
        help="make a bundle of a seeded random market",
        description="Write a bundle of random walks on real sessions, in whole cents; the same "
        "arguments give the same market.",
    )
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--assets", type=int, default=10, help="named A000, A001, ... (10)")
    parser.add_argument("--start", required=True, help="first date, such as 2024-01-31")
    parser.add_argument("--end", required=True, help="last date, included")
    parser.add_argument("--frequency", choices=("daily", "minute"), default="daily")
    parser.add_argument("--calendar", default="XNYS")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=_synthesize, extra="backtest")


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "run",
        help="run a strategy file over a bundle",
        description="Run the functions initialize, handle_data, before_trading_start and analyze "
        "of a Python file, and print a summary.",
    )
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument(
        "--output", type=Path, help="write the perf frame to a file: .csv, .pickle or .parquet"
    )
    parser.add_argument(
        "--report", type=Path, help="write what came of it as one page, .html, for a browser"
    )
    parser.add_argument("--plot", type=Path, help="draw it into a picture, .png or .svg")
    parser.set_defaults(run=_run, extra="backtest")


def _ingest(args: argparse.Namespace) -> int:
    from holdfast.data.ingest import write_bundle
    from holdfast.data.ingest.sources import read_adjustments, read_bars

    with show_steps() as step:
        step(f"reading {args.bars}")
        source = read_bars(args.bars, args.frequency, args.date_format)
        table = source.adjustments
        if args.adjustments is not None:
            table = read_adjustments(args.adjustments, args.date_format)
        step(f"checking and writing {len(source.bars):,} bars")
        version = write_bundle(args.bundle, source.bars, args.frequency, args.calendar, table)
    _report(args.bundle, source.bars, version)
    return 0


def _report(bundle: Path, bars: pd.DataFrame, version: str) -> None:
    from holdfast.data.bundle import Bundle
    from holdfast.data.ingest.splits import splits_text

    symbols = bars["symbol"].nunique()
    print(f"{bundle}: {len(bars):,} bars of {symbols} assets, version {version[:12]}")
    with Bundle(bundle) as opened:
        if splits := splits_text(opened):
            print(splits)


def _synthesize(args: argparse.Namespace) -> int:
    from holdfast.data.ingest import synthetic_bars, write_bundle

    dates = (args.start, args.end)
    with show_steps() as step:
        step(f"making bars of {args.assets} assets")
        bars = synthetic_bars(args.assets, *dates, args.frequency, args.calendar, args.seed)
        step(f"checking and writing {len(bars):,} bars")
        version = write_bundle(args.bundle, bars, args.frequency, args.calendar)
    _report(args.bundle, bars, version)
    return 0


def _run(args: argparse.Namespace) -> int:
    from holdfast.run import run_algorithm

    check_output("--output", args.output, (".csv", ".pickle", ".parquet"))
    check_output("--report", args.report, (".html",))
    check_plot("--plot", args.plot)
    options = {**read_options(args), "progress": sys.stderr.isatty()}
    # With --json, what the strategy prints must not get into the document.
    printed = contextlib.redirect_stdout(sys.stderr if args.json else sys.stdout)
    with short_errors(args), printed:
        perf = run_algorithm(**options, **_load_callbacks(args))
    if args.output is not None:
        _write_perf(perf, args.output)
    _show(perf, args, options)
    summary = _summarize(perf)
    if args.json:
        print(json.dumps(summary, indent=2))
    else:
        width = max(map(len, summary))
        for name, value in summary.items():
            print(f"{name.replace('_', ' '):<{width}}  {_format_value(name, value)}")
    return 0


def _show(perf: pd.DataFrame, args: argparse.Namespace, options: dict[str, Any]) -> None:
    """Write the page and the picture that were asked for."""
    if args.report is not None:
        from holdfast.report import read_facts, write_page

        write_page(args.report, perf, read_facts(args.strategy, options, perf))
    if args.plot is not None:
        from holdfast.report.picture import draw_picture

        draw_picture(args.plot, perf, args.strategy.stem)


def _load_callbacks(args: argparse.Namespace) -> dict[str, Any]:
    path, aliases = args.strategy, not args.no_zipline_names
    names = load_strategy(path, aliases)
    found = {name: names[name] for name in _CALLBACKS if name in names}
    if not found:
        raise UsageError(f"{path} defines none of {', '.join(_CALLBACKS)}")
    return found


def _summarize(perf: pd.DataFrame) -> dict[str, Any]:
    last = perf.iloc[-1]
    figures = (
        "portfolio_value", "algorithm_period_return", "sharpe", "max_drawdown", "max_leverage"
    )  # fmt: skip
    return {
        "first_session": str(perf.index[0].date()),
        "last_session": str(perf.index[-1].date()),
        "sessions": len(perf),
        "transactions": int(perf["transactions"].map(len).sum()),
        **{name: _to_number(last[name]) for name in figures},
    }


def _to_number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _format_value(name: str, value: Any) -> str:
    if value is None:
        return "not defined"
    if name in ("algorithm_period_return", "max_drawdown"):
        return f"{value:+.2%}"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def _write_perf(perf: pd.DataFrame, path: Path) -> None:
    with write_atomically(path) as part:
        match path.suffix:
            case ".csv":
                perf.to_csv(part)
            case ".pickle":
                perf.to_pickle(part)
            case _:
                # Parquet has no type for assets and lists of orders, so they become text.
                texts = [str(name) for name in perf if perf[name].dtype.kind == "O"]
                nested = {name: perf[name].map(str) for name in texts}
                perf.assign(**nested).to_parquet(part)
