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
from holdfast.cli.strategy_file import (
    END,
    START,
    add_options,
    load_strategy,
    read_options,
    short_errors,
)
from holdfast.errors import UsageError
from holdfast.plots import check_plot
from holdfast.usage import RUN_EXITS, Commands, add_command

if TYPE_CHECKING:
    import pandas as pd

_CALLBACKS = ("initialize", "handle_data", "before_trading_start", "analyze")


def add_to(commands: Commands) -> None:
    """Add the engine's commands to the command line's parser."""
    _add_ingest(commands)
    _add_synthesize(commands)
    _add_run(commands)


def _add_ingest(commands: Commands) -> None:
    parser = add_command(
        commands,
        "ingest",
        _ingest,
        examples="""
        holdfast ingest prices.csv --bundle stocks
        holdfast ingest csvs --bundle stocks --adjustments splits.csv --date-format %d/%m/%Y
        holdfast ingest minutes.parquet --bundle stocks-1m --frequency minute
        """,
        exits="0 written    2 wrong usage, or the bars are wrong: the bundle stays as it was",
    )
    parser.add_argument(
        "bars",
        type=Path,
        help="a CSV or Parquet file with a symbol column, or a folder of one file per symbol "
        "(Zipline's csvdir layout, whose column split holds new shares per old share: "
        "2 for 2-for-1)",
    )
    _add_bundle(parser)
    parser.add_argument(
        "--adjustments",
        type=Path,
        metavar="FILE",
        help="a CSV or Parquet file of splits and dividends: symbol, kind, date, value, pay_date; "
        "a split's value is the ratio of the price, 0.5 for 2-for-1",
    )
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="how dates are written, such as %%d/%%m/%%Y"
    )
    parser.set_defaults(extra="backtest")


def _add_bundle(parser: argparse.ArgumentParser) -> None:
    """Add the options of a bundle that is to be written."""
    parser.add_argument(
        "--bundle", type=Path, required=True, metavar="DIR", help="folder of the bundle"
    )
    parser.add_argument(
        "--frequency",
        choices=("daily", "minute"),
        default="daily",
        help="of the bars (default: %(default)s)",
    )
    parser.add_argument(
        "--calendar",
        default="XNYS",
        metavar="NAME",
        help="a calendar of exchange_calendars (default: %(default)s)",
    )


def _add_synthesize(commands: Commands) -> None:
    parser = add_command(
        commands,
        "synthesize",
        _synthesize,
        examples="""
        holdfast synthesize --bundle market --start 2023-01-03 --end 2024-12-31
        holdfast synthesize --bundle minutes --frequency minute --start 2024-06-03 --end 2024-06-07
        """,
        exits="0 written    2 wrong usage",
    )
    _add_bundle(parser)
    parser.add_argument(
        "--assets",
        type=int,
        default=10,
        metavar="N",
        help="how many, named A000, A001, ... (default: %(default)s)",
    )
    parser.add_argument("--start", required=True, metavar="DATE", help=START)
    parser.add_argument("--end", required=True, metavar="DATE", help=END)
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the random numbers; one seed gives one market (default: %(default)s)",
    )
    parser.set_defaults(extra="backtest")


def _add_run(commands: Commands) -> None:
    parser = add_command(
        commands,
        "run",
        _run,
        examples="""
        holdfast run strategy.py --bundle stocks --start 2020-01-02 --end 2024-12-31
        holdfast run strategy.py --bundle stocks --start 2024-01-02 --end 2024-12-31 --json
        holdfast run strategy.py --bundle stocks --start 2024-01-02 --end 2024-12-31 --report r.html
        """,
        exits=RUN_EXITS,
    )
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    for name, what in (
        ("--output", "write the perf frame: .csv, .pickle or .parquet"),
        ("--report", "write a page for a browser with what came of it: .html"),
        ("--plot", "draw it: .png or .svg (needs matplotlib)"),
    ):
        parser.add_argument(name, type=Path, metavar="FILE", help=f"also {what}")
    parser.set_defaults(extra="backtest")


def _ingest(args: argparse.Namespace) -> int:
    """Make a bundle from CSV or Parquet files.

    Checks the bars and writes them as a new version of the bundle; an older version stays current
    until the new one is complete.
    """
    from holdfast.data.ingest import write_bundle
    from holdfast.data.ingest.sources import open_bars, read_adjustments

    with show_steps() as step:
        step(f"reading {args.bars}")
        source = open_bars(args.bars, args.frequency, args.date_format)
        table = source.adjustments
        if args.adjustments is not None:
            table = read_adjustments(args.adjustments, args.date_format)
        market = (args.frequency, args.calendar, table)
        version = write_bundle(args.bundle, source.bars, *market, progress=step)
    _report(args.bundle, len(source.bars), version)
    return 0


def _report(bundle: Path, n_bars: int, version: str) -> None:
    from holdfast.data.bundle import Bundle
    from holdfast.data.ingest.splits import splits_text

    with Bundle(bundle, version) as opened:
        n_assets = len(opened.assets.retrieve_all())
        print(f"{bundle}: {n_bars:,} bars of {n_assets} assets, version {version[:12]}")
        if splits := splits_text(opened):
            print(splits)


def _synthesize(args: argparse.Namespace) -> int:
    """Make a bundle of a seeded random market.

    Writes random walks on real sessions, in whole cents; the same arguments give the same market.
    """
    from holdfast.data.ingest import synthetic_bars, write_bundle

    dates = (args.start, args.end)
    with show_steps() as step:
        step(f"making bars of {args.assets} assets")
        bars = synthetic_bars(args.assets, *dates, args.frequency, args.calendar, args.seed)
        version = write_bundle(args.bundle, bars, args.frequency, args.calendar, progress=step)
    _report(args.bundle, len(bars), version)
    return 0


def _run(args: argparse.Namespace) -> int:
    """Run a strategy file over a bundle, and print a summary.

    The file defines some of initialize, handle_data, before_trading_start and analyze, as for
    Zipline.
    """
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
