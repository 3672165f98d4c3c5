"""Run the scenarios with Holdfast and with its peers, side by side, and print one table.

::

    python benchmarks/peers/compare.py --scenarios daily --runs 5

Every peer gets a virtual environment of its own below ``--envs``. All engines get the same
bars and the same rules, costs are zero, and each peer's strategy is written the way that is
natural and fast for it. The engines take turns, each run in a fresh process, so that a busy
moment of the machine hits all of them; a number is the median of its runs.

This folder is no package (it has no ``__init__.py``), so asv does not look into it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).parents[2]))

from benchmarks.latency import ON_ARRAYS, decimal_over_float
from benchmarks.scenarios import SCENARIOS, Scenario
from environments import Failed, backtest, python_of
from goals import goals_of
from market import write_market
from roster import ALONE, ARRAY, ENGINES, Engine
from table import NOTES, Row, judge_agreement, table

from holdfast.data.ingest import synthetic_bars, write_bundle

LEDGER_SECONDS = 10.0

Measure = Callable[[Engine, Path, Path], dict[str, Any]]


def main() -> int:
    """Print the table and the goals; return 1 when engines disagree that should not."""
    args = arguments()
    pythons = installed(args.engines, args.envs)
    about = {"date": date.today().isoformat(), "runs": runs_of(args), **machine()}
    show(", ".join(f"{name} {value}" for name, value in about.items()))
    rows: list[Row] = []
    ledgers: dict[str, float] = {}
    for name in args.scenarios:
        with tempfile.TemporaryDirectory() as folder:
            market = make_market(SCENARIOS[name], Path(folder))
            measured = run_in_turns(name, market, pythons, args, backtest)
            rows += measured
            show("", table(measured))  # at once: whoever stops the next scenario keeps this one
            if ARRAY in args.engines:
                ledgers[name] = decimal_over_float(
                    ON_ARRAYS[name], market / "bundle", "full", LEDGER_SECONDS
                )
    goals = goals_of(rows, ledgers)
    show("", NOTES, "", *map(str, goals))
    if args.json:
        listed = {"rows": rows, "goals": goals}
        stored = {name: [dataclasses.asdict(one) for one in each] for name, each in listed.items()}
        args.json.write_text(json.dumps({**about, **stored, "ledgers": ledgers}, indent=1))
    return int(any(row.agrees == "NO" for row in rows))


def show(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scenarios", type=names_of(list(SCENARIOS)), default=list(SCENARIOS))
    parser.add_argument("--engines", type=names_of(ALONE), default=ALONE)
    parser.add_argument("--runs", type=int, default=3, help="backtests per engine (3)")
    once = "run an engine that takes more than so many seconds only once (never)"
    parser.add_argument("--once-over", type=float, default=float("inf"), help=once)
    parser.add_argument("--json", type=Path, help="also write every sample to this file")
    parser.add_argument("--envs", type=Path, default=Path(".peers"), help="environments (.peers)")
    return parser.parse_args()


def names_of(known: list[str]):
    """Return the reader of an option that takes some of these names, commas between."""

    def read(text: str) -> list[str]:
        unknown = set(names := text.split(",")) - set(known)
        if unknown:
            raise argparse.ArgumentTypeError(f"{sorted(unknown)}; there are {', '.join(known)}")
        return names

    return read


def installed(names: list[str], envs: Path) -> dict[str, Path | Failed]:
    """Return each engine's interpreter, or why it has none."""
    pythons: dict[str, Path | Failed] = {}
    for name in names:
        try:
            pythons[name] = python_of(ENGINES[name], envs)
        except Failed as failed:
            pythons[name] = failed
    return pythons


def make_market(scenario: Scenario, folder: Path) -> Path:
    """Write the scenario's bars, for the peers and as Holdfast's bundle."""
    end = scenario.dates["full"][1]
    bars = synthetic_bars(scenario.n_assets, scenario.market_from, end, scenario.frequency)
    write_market(folder, scenario, bars)
    write_bundle(folder / "bundle", bars, scenario.frequency)
    return folder


def run_in_turns(
    scenario: str,
    market: Path,
    pythons: dict[str, Path | Failed],
    args: argparse.Namespace,
    measure: Measure,
) -> list[Row]:
    """Return a row per engine; one that fails is out of the rounds that follow."""
    rows = [Row(scenario, name) for name in pythons]
    for turn in range(args.runs + 1):
        for row in rows:
            python = pythons[row.engine]
            try:
                if isinstance(python, Failed):
                    raise python
                if not row.failed and not is_slow(row, args.once_over):
                    take_turn(row, python, market, turn, measure)
            except Failed as failed:
                row.failed = str(failed)
    judge_agreement(rows)
    return rows


def is_slow(row: Row, seconds: float) -> bool:
    return any(sample["run"] > seconds for sample in row.samples)


def take_turn(row: Row, python: Path, market: Path, turn: int, measure: Measure) -> None:
    """Prepare the engine in the first turn, measure it in every other."""
    engine = ENGINES[row.engine]
    if not turn:
        backtest(engine, python, market, "prepare")
        return
    row.samples.append(sample := measure(engine, python, market))
    sys.stderr.write(f"{row.scenario} {row.engine} {turn}: {sample['run']:.4f} s\n")


def runs_of(args: argparse.Namespace) -> str:
    slow = f" (1 of what takes over {args.once_over:g} s)" if args.once_over < float("inf") else ""
    return f"{args.runs}{slow}"


def machine() -> dict[str, str]:
    """Return what the numbers depend on."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    return {"machine": f"{model} x {os.cpu_count()}", "Python": platform.python_version()}


if __name__ == "__main__":
    sys.exit(main())
