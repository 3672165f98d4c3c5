"""The command ``sweep``: its options and its output."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.atomic import check_output, write_atomically
from holdfast.cli.objective import check_objective
from holdfast.cli.strategy_file import add_options, load_strategy, read_options, short_errors
from holdfast.errors import NothingMeasured, UsageError
from holdfast.plots import check_plot
from holdfast.sweep.ranges import parse_parameter
from holdfast.usage import Commands, add_command

if TYPE_CHECKING:
    import pandas as pd

_TOP = 10
_PER_CENT = ("algorithm_period_return", "max_drawdown", "algo_volatility")


def add_to(commands: Commands) -> None:
    """Add ``sweep`` to the command line's parser."""
    parser = add_command(
        commands,
        "sweep",
        _sweep,
        examples="""
        holdfast sweep averages.py --grid fast=10:50:10 --grid slow=60,120 \\
            --bundle stocks --start 2020-01-02 --end 2024-12-31
        holdfast sweep averages.py --grid fast=5:50:5 --walk-forward 4 --gap 20 \\
            --bundle stocks --start 2020-01-02 --end 2024-12-31 --csv rows.csv
        """,
        exits="0 done    2 wrong usage    3 no backtest was finished",
    )
    add_options(parser)
    parser.add_argument(
        "--grid",
        type=parse_parameter,
        action="append",
        required=True,
        metavar="NAME=VALUES",
        help="a range with its last value, fast=5:50:5, or a list, fast=5,10,20; repeatable",
    )
    parser.add_argument(
        "--objective",
        default="sharpe",
        metavar="NAME",
        help="the figure, or the name that the strategy records, of which more is better "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes (default: one for each core)"
    )
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep finished rows, and go on from them"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="give a backtest up after so long (default: never)",
    )
    parser.add_argument(
        "--top", type=int, metavar="N", help=f"rows to show, best first (default: {_TOP})"
    )
    parser.add_argument("--json", action="store_true", help="print all rows as JSON instead")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write all rows")
    parser.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help="also draw two parameters: .png or .svg (needs matplotlib)",
    )
    _add_walk(parser)
    parser.set_defaults(extra="backtest")


def _add_walk(parser: argparse.ArgumentParser) -> None:
    walk = parser.add_argument_group("walk-forward, in sessions")
    walk.add_argument(
        "--walk-forward",
        type=int,
        metavar="N",
        help="choose on one window, test on the next, N times",
    )
    for name, what in (
        ("--train-size", "at most so many to choose on (default: all before the test)"),
        ("--test-size", "so many to test on (default: all over N + 1)"),
        ("--gap", "so many left out between the two (default: 0)"),
    ):
        walk.add_argument(name, type=int, metavar="N", help=what)


def _sweep(args: argparse.Namespace) -> int:
    """Run a strategy file with many parameters.

    The file defines strategy(...), which takes the parameters by name and returns two functions:
    initialize, handle_data; or targets(prices, ...), which returns a table of what to hold, and
    perhaps initialize, and kind, "percent" where a table holds no shares. Every combination of
    --grid is run.
    """
    params = dict(args.grid)
    _check(args, params)
    with short_errors(args):
        swept = _choose_functions(args, load_strategy(args.strategy, not args.no_zipline_names))
    check_objective(args.objective, args.strategy)
    with _redirect_stdout():
        table = _run_backtests(args, swept, params)
    if args.csv is not None:
        with write_atomically(args.csv) as part:
            table.to_csv(part, index=False)
    if args.plot is not None:
        from holdfast.sweep.heatmap import draw_heatmap

        down, across = params
        about = f"{args.strategy.stem} on {Path(args.bundle).name}, {args.start} to {args.end}"
        draw_heatmap(table, (down, across), args.objective, args.plot, about)
    print(_to_json(table) if args.json else _to_text(table, args))
    errors = table["error"].dropna()
    if len(errors) == len(table):
        raise NothingMeasured(f"no backtest was finished; the first one: {errors.iat[0]}")
    return 0


def _check(args: argparse.Namespace, params: dict[str, Any]) -> None:
    """Refuse mistakes that would otherwise show only after the sweep."""
    if len(params) < len(args.grid):
        names = [name for name, _ in args.grid]
        raise UsageError(f"--grid names one parameter twice: {', '.join(names)}")
    _refuse_idle(args)
    if args.top is not None and args.top < 1:
        raise UsageError(f"--top is {args.top}; at least 1 is needed")
    check_output("--csv", args.csv, (".csv",))
    if args.plot is not None and (len(params) != 2 or args.walk_forward is not None):
        raise UsageError("--plot draws a grid of two parameters (leave it out, use --csv)")
    check_plot("--plot", args.plot)


def _refuse_idle(args: argparse.Namespace) -> None:
    """Refuse an option that would do nothing beside the others, or without them."""
    for name in ("train_size", "test_size", "gap"):
        if getattr(args, name) is not None and args.walk_forward is None:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} needs --walk-forward: it has no meaning for a grid alone")
    if args.top is not None and (args.json or args.walk_forward is not None):
        other = "--json prints all rows" if args.json else "--walk-forward shows all windows"
        raise UsageError(f"--top does nothing here: {other} (leave it out)")


def _choose_functions(args: argparse.Namespace, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the file a sweep takes, by the names of its arguments."""
    if callable(names.get("strategy")):
        return {"strategy": names["strategy"]}
    if callable(names.get("targets")):
        taken = ("targets", "initialize", "kind")
        return {name: names[name] for name in taken if name in names}
    raise UsageError(f"{args.strategy} defines no function strategy, and no targets")


def _run_backtests(
    args: argparse.Namespace, swept: dict[str, Any], params: dict[str, Any]
) -> pd.DataFrame:
    from holdfast.sweep import grid, walk_forward

    options = swept | read_options(args) | {
        "objective": args.objective, "workers": args.workers, "resume": args.resume,
        "timeout": args.timeout,
    }  # fmt: skip
    if args.walk_forward is None:
        return grid(params=params, **options)
    sizes = {"train_size": args.train_size, "test_size": args.test_size}
    sizes["gap"] = args.gap or 0
    return walk_forward(params=params, n_splits=args.walk_forward, **sizes, **options)


@contextmanager
def _redirect_stdout() -> Iterator[None]:
    """Send what strategies print to stderr, also in workers, which inherit the descriptor."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _to_json(table: pd.DataFrame) -> str:
    rows = [
        {name: _to_json_value(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]
    return json.dumps({"schema": 1, "rows": rows}, indent=2, default=str)


def _to_json_value(value: Any) -> Any:
    """Return what JSON can hold: no NaN, nothing infinite, and the date of a session."""
    if hasattr(value, "date"):
        return str(value.date())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _to_text(table: pd.DataFrame, args: argparse.Namespace) -> str:
    """Return the best rows as text; the windows of a walk-forward stay in order of time."""
    walk = args.walk_forward is not None
    failed, warned = (int(table[name].notna().sum()) for name in ("error", "warning"))
    shown = table
    if not walk:
        shown = table.sort_values(args.objective, ascending=False, kind="stable").head(
            args.top or _TOP
        )
    hidden = {"sortino", "algo_volatility"} - {args.objective}
    hidden |= {name for name in ("error", "warning") if shown[name].isna().all()}
    shown = shown.drop(columns=[*hidden])
    shown = shown.assign(**{name: shown[name].map(_to_per_cent) for name in _find_parts(shown)})
    said = f"{len(table):,} {'windows' if walk else 'backtests'}"
    said += f", {failed:,} of them failed" if failed else ""
    said += f", {warned:,} with a warning" if warned else ""
    return f"{shown.to_string(index=False, float_format=_format_number)}\n\n{said}"


def _find_parts(table: pd.DataFrame) -> list[str]:
    """Return the columns that are parts of one, and read as per cent, as ``run`` shows them."""
    return [name for name in table.columns if str(name).removeprefix("train_") in _PER_CENT]


def _to_per_cent(value: float) -> str:
    return f"{value:+.2%}" if math.isfinite(value) else "NaN"


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
