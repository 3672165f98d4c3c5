"""Run what the arguments name with Holdfast and with its peers, in turn, and print the tables.

::

    python -m comparison daily hourly minute sweep --json results/peers.json

Every peer gets a virtual environment of its own below ``--envs``. All engines get the same bars and
the same rules, costs are zero, and each peer's strategy is written the way that is natural and fast
for it. Each run is a fresh process, so that a busy moment of the machine hits all of them; a number
is the median of its runs.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.scenarios import SCENARIOS

from comparison import pipelines, scenarios, sweep
from comparison.goals import check_goals
from comparison.roster import ENGINES, PIPELINES
from comparison.store import store
from comparison.table import NOTES, Row, list_disagreements
from comparison.turns import describe_machine, show

NAMES = [*SCENARIOS, "sweep", *PIPELINES]


def main() -> int:
    """Print the tables and the goals; return 1 when engines disagree that should not."""
    args = parse_arguments()
    about = {"date": date.today().isoformat(), "runs": format_runs(args), **describe_machine()}
    show(", ".join(f"{name} {value}" for name, value in about.items()))
    rows: list[Row] = []
    ledgers: dict[str, float] = {}
    for name in dict.fromkeys(args.what):
        if name in SCENARIOS:
            rows += scenarios.measure(name, args, ledgers)
        else:
            rows += sweep.measure(args) if name == "sweep" else pipelines.measure(name, args)
    if SCENARIOS.keys() & set(args.what):
        show("", NOTES)
    goals = check_goals(rows, ledgers)
    show("", *map(str, goals))
    if args.json:
        store(args.json, about, rows, goals, ledgers)
    wrong = list_disagreements(rows)
    for line in wrong:
        sys.stderr.write(f"ERROR: {line}\n")
    return int(bool(wrong))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m comparison", description=__doc__.split("\n")[0])
    parser.add_argument("what", nargs="+", choices=NAMES, metavar="WHAT", help=", ".join(NAMES))
    parser.add_argument("--engines", type=read_engines, help="only these (all but slow sweeps)")
    parser.add_argument("--runs", type=int, default=3, help="processes per engine (3)")
    once = "run an engine that takes more than so many seconds only once (never; a sweep 60)"
    parser.add_argument("--once-over", type=float, help=once)
    parser.add_argument("--json", type=Path, help="also keep every sample in this file")
    parser.add_argument("--envs", type=Path, default=Path(".peers"), help="environments (.peers)")
    grid = "other windows of the sweep than fast=5:50:5 and slow=60:240:20; repeatable"
    parser.add_argument("--grid", type=sweep.windows, action="append", default=[], help=grid)
    parser.add_argument("--assets", type=int, default=500, help="in the pipelines' market (500)")
    return parser.parse_args()


def read_engines(text: str) -> list[str]:
    """Read names of engines, commas between."""
    unknown = set(names := text.split(",")) - set(ENGINES)
    if unknown:
        raise argparse.ArgumentTypeError(f"{sorted(unknown)}; there are {', '.join(ENGINES)}")
    return names


def format_runs(args: Any) -> str:
    """Return how many times an engine was run."""
    slow = f" (1 of what takes over {args.once_over:g} s)" if args.once_over is not None else ""
    return f"{args.runs}{slow}"


if __name__ == "__main__":
    sys.exit(main())
