"""Engines that take turns, each run in a fresh process, and what the numbers depend on."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comparison.environments import Failed, backtest, python_of
from comparison.roster import ENGINES, Engine
from comparison.table import Row, judge_agreement

Measure = Callable[[Engine, Path, Path], dict[str, Any]]


def show(*lines: str) -> None:
    """Print lines at once: whoever stops the next scenario keeps this one."""
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def installed(names: list[str], envs: Path) -> dict[str, Path | Failed]:
    """Return each engine's interpreter, or why it has none."""
    pythons: dict[str, Path | Failed] = {}
    for name in names:
        try:
            pythons[name] = python_of(ENGINES[name], envs)
        except Failed as failed:
            pythons[name] = failed
    return pythons


def run_in_turns(
    scenario: str,
    market: Path,
    pythons: dict[str, Path | Failed],
    runs: int,
    once_over: float,
    measure: Measure,
) -> list[Row]:
    """Return a row per engine; one that fails is out of the rounds that follow."""
    rows = [Row(scenario, name) for name in pythons]
    for turn in range(runs + 1):
        for row in rows:
            python = pythons[row.engine]
            try:
                if isinstance(python, Failed):
                    raise python
                if not row.failed and not is_slow(row, once_over):
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


def describe_machine() -> dict[str, str]:
    """Return what the numbers depend on."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    facts = dict(re.split(r"\s*: ?", line, maxsplit=1) for line in lines if ":" in line)
    model = facts.get("model name") or platform.processor() or platform.machine()
    # A virtual machine may hide the name of its model, but not of which family it is.
    if "cpu family" in facts:
        model += f" (family {facts['cpu family']}, model {facts.get('model', '?')})"
    return {"machine": f"{model} x {os.cpu_count()}", "Python": platform.python_version()}
