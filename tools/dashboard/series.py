"""The benchmarks that the first page draws, with the steps that asv sees in them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from holdfast.gate.asv.results import Tree
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Key, Side, Suite
from holdfast.gate.since.trend import Group, Level, Point, Step, group_steps, levels, points, steps

CARDS = {
    "Daily backtest": "scenarios.Daily.time_backtest",
    "Hourly backtest": "scenarios.Hourly.time_backtest",
    "Minute backtest": "scenarios.Minute.time_backtest",
    "Grid search, layers off and on": "cumulative.GridSearch.time_sweep",
}
_MOST_GRAPHS = 4
_WORTH_A_MARK = 5
"""Per cent by which a step must go up or down to be marked."""


@dataclass(frozen=True, slots=True)
class Series:
    """One parameter set of a benchmark over the commits."""

    name: str
    points: Sequence[Point]
    levels: Sequence[Level]
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Graph:
    """What is drawn over one pair of axes."""

    title: str
    benchmark: str
    unit: str
    series: Sequence[Series]


def read_sides(tree: Tree, machine: str, environment: str, order: Sequence[str]) -> list[Side]:
    """Return the commits of one machine in the order in which git has them."""
    ages = {commit: age for age, commit in enumerate(order)}
    sides = tree.past(machine, environment, machine)
    return sorted(sides, key=lambda side: ages.get(side.commit[:8], -1))


def draw_graphs(sides: Sequence[Side], suite: Suite) -> list[Graph]:
    """Return the graphs of the first page; another project's are its first that take time."""
    keys = list(suite.all_keys())
    chosen = {title: name for title, name in CARDS.items() if name in suite}
    if not chosen:
        timed = [name for name, _ in keys if suite.unit(name) == "seconds"]
        chosen = {name: name for name in [*dict.fromkeys(timed)][:_MOST_GRAPHS]}
    graphs = []
    for title, name in chosen.items():
        found = [_read_series(sides, key) for key in keys if key[0] == name]
        if found := [one for one in found if one.points]:
            graphs.append(Graph(title, name, suite.unit(name), found))
    return graphs


def find_suspects(sides: Sequence[Side], suite: Suite, policy: Policy) -> list[Group]:
    """Return the commits at which something became slower, the latest first."""
    groups = group_steps(sides, suite, policy)
    return [group for group in groups if any(step.ratio > 1 for step in group.steps)]


@cache
def find_layers(root: Path, commit: str) -> str:
    """Return the layers whose files a commit touches, by their names."""
    command = ["git", "-C", str(root), "show", "--name-only", "--format=", "--end-of-options"]
    ran = subprocess.run([*command, commit], capture_output=True, text=True)
    names = dict.fromkeys(re.findall(r"\blayers/(\w+)", ran.stdout))
    return ", ".join(name.replace("_", " ") for name in names if not name.startswith("__"))


def _read_series(sides: Sequence[Side], key: Key) -> Series:
    seen = points(sides, key)
    name = ", ".join(text.strip("'\"") for text in key[1])
    if not seen:
        return Series(name, (), (), ())
    return Series(name, seen, levels(seen), steps(key, seen, _WORTH_A_MARK))
