"""Sweep one scenario with Holdfast and with its peers, side by side, and print one table.

::

    python benchmarks/peers/sweep.py --engines holdfast-statistic,bt,vectorbt

It is the daily scenario over five years, with a hundred pairs of windows. Two processes share the
backtests of an engine, the way its own users would sweep on two cores; only vectorbt computes all
pairs at once, in one. Bars, environments and turns are those of ``compare.py``.

Zipline's sweep takes many minutes: it is left out unless ``--engines`` names it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).parents[2]))

from benchmarks.scenarios import DAILY
from compare import installed, machine, make_market, names_of, run_in_turns, runs_of, show
from environments import sweep
from roster import ENGINES, SWEEPING, ZIPLINE, ZIPLINE_CLOSE
from table import Row, markdown

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


def main() -> int:
    """Print the table; return 1 when engines disagree that should not."""
    args = arguments()
    pythons = installed(args.engines, args.envs)
    pairs = list(product(*(GRID | dict(args.grid)).values()))
    about = {"date": date.today().isoformat(), "runs": runs_of(args), **machine()}
    about["backtests"] = str(len(pairs))
    show(", ".join(f"{name} {value}" for name, value in about.items()), "")
    measure = partial(sweep, pairs=pairs, once_over=args.once_over)
    with tempfile.TemporaryDirectory() as folder:
        market = make_market(SWEEP, Path(folder))
        rows = run_in_turns("sweep", market, pythons, args, measure)
    show(markdown(HEAD, [cells(row) for row in rows], rows), "", NOTES)
    if args.json:
        stored = {**about, "rows": [without_each(row) for row in rows]}
        args.json.write_text(json.dumps(stored, indent=1))
    return int(any(row.agrees == "NO" for row in rows))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engines", type=names_of(SWEEPING), default=QUICK)
    grid = "other windows than fast=5:50:5 and slow=60:240:20; repeatable"
    parser.add_argument("--grid", type=windows, action="append", default=[], help=grid)
    parser.add_argument("--runs", type=int, default=3, help="processes per engine (3)")
    once = "an engine that sweeps for more than so many seconds does it only once (60)"
    parser.add_argument("--once-over", type=float, default=60.0, help=once)
    parser.add_argument("--json", type=Path, help="also write every sample to this file")
    parser.add_argument("--envs", type=Path, default=Path(".peers"), help="environments (.peers)")
    return parser.parse_args()


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


def without_each(row: Row) -> dict[str, Any]:
    """Return what is stored: the sums of a sweep, but not each of its backtests."""
    for sample in row.samples:
        del sample["each"]
    return dataclasses.asdict(row)


if __name__ == "__main__":
    sys.exit(main())
