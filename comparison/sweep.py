"""Sweep one scenario with Holdfast and with its peers.

It is the daily scenario over five years, with a hundred pairs of windows. Two processes share the
backtests of an engine, the way its own users would sweep on two cores; only vectorbt computes all
pairs at once, in one.

Zipline's sweep takes many minutes: it is left out unless ``--engines`` names it.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.scenarios import DAILY

from comparison.environments import sweep
from comparison.roster import ENGINES, SWEEPING, ZIPLINE, ZIPLINE_CLOSE
from comparison.scenarios import make_market
from comparison.table import Row, markdown
from comparison.turns import installed, run_in_turns, show
from holdfast.sweep.ranges import parse_parameter

SWEEP = dataclasses.replace(
    DAILY, market_from="2019-06-03", dates={"full": ("2020-08-03", "2025-08-01")}
)
GRID = {"fast": range(5, 51, 5), "slow": range(60, 241, 20)}
QUICK = [name for name in SWEEPING if name not in (ZIPLINE, ZIPLINE_CLOSE)]
HEAD = (
    "engine",
    "fills at",
    "sweep s",
    "second sweep s",
    "import+sweep s",
    "trades",
    "mean final equity",
    "agrees",
)
NOTES = """\
All seconds are on the clock. sweep: the first one of a process whose imports are done; second
sweep: another one in the same process. import+sweep: from the start of the process to the end of
its first sweep. trades: of all backtests. agrees: each backtest's trades and equity are the
reference's, to the cent, or how many backtests' are; for other fills only trades can be compared
('trades' when every backtest has as many)."""


def measure(args: Any) -> list[Row]:
    """Sweep, and print the table."""
    engines = [one for one in args.engines or QUICK if one in SWEEPING]
    once_over = 60.0 if args.once_over is None else args.once_over
    pairs = list(product(*(GRID | dict(args.grid)).values()))
    run = partial(sweep, pairs=pairs, once_over=once_over)
    with tempfile.TemporaryDirectory() as folder:
        market = make_market(SWEEP, Path(folder))
        pythons = installed(engines, args.envs)
        rows = run_in_turns("sweep", market, pythons, args.runs, once_over, run)
    show(
        "", f"{len(pairs)} backtests", markdown(HEAD, [cells(row) for row in rows], rows), "", NOTES
    )
    return rows


def windows(text: str) -> tuple[str, list[Any]]:
    """Read one ``--grid``, as ``holdfast sweep`` does."""
    name, values = parse_parameter(text)
    if name not in GRID:
        raise argparse.ArgumentTypeError(f"{name!r}; there are {', '.join(GRID)}")
    return name, values


def cells(row: Row) -> tuple[str, ...]:
    names = (row.engine, ENGINES[row.engine].fills)
    if not row.measured:
        return (*names, "failed", *[""] * (len(HEAD) - len(names) - 1))
    again = [sample["again"] for sample in row.samples if sample["again"] is not None]
    return (
        *names,
        f"{row.median('run'):.2f}",
        f"{statistics.median(again):.2f}" if again else "",
        f"{row.median('total'):.2f}",
        f"{row.samples[0]['trades']:,}",
        f"{row.samples[0]['equity']:,.2f}",
        row.agrees,
    )
