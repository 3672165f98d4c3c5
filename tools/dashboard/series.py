"""The benchmarks that the first page draws, with the steps that lasted."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

from holdfast.gate.asv.results import Tree
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Key, Side, Suite
from holdfast.gate.since.trend import Group, Level, Point, Step, group_steps, points

CARDS = {
    "Daily backtest": "scenarios.Daily.time_backtest",
    "Hourly backtest": "scenarios.Hourly.time_backtest",
    "Minute backtest": "scenarios.Minute.time_backtest",
    "Grid search, layers off and on": "cumulative.GridSearch.time_sweep",
}
LAYERS = (
    "asset_lists", "grouping", "windows", "connections", "shared", "workers", "pipelines",
    "sparse_clock",
)  # fmt: skip
_MOST_GRAPHS = 4
_LASTS = 3
"""So many commits on either side must agree that a benchmark stepped, or as many as there are."""
_WORTH_A_MARK = 1.05


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
    touched = re.findall(r"^src/holdfast/layers/(\w+)", ran.stdout, re.MULTILINE)
    return ", ".join(name.replace("_", " ") for name in LAYERS if name in touched)


def _read_series(sides: Sequence[Side], key: Key) -> Series:
    seen = points(sides, key)
    name = ", ".join(text.strip("'\"") for text in key[1])
    if not seen:
        return Series(name, (), (), ())
    places = find_steps([point.value for point in seen])
    levels = [
        Level(first, end, median(point.value for point in seen[first:end]))
        for first, end in pairwise([0, *places, len(seen)])
    ]
    steps = [
        Step(key, seen[new.first - 1], seen[new.first], old.value, new.value)
        for old, new in pairwise(levels)
    ]
    return Series(name, seen, levels, steps)


def find_steps(values: Sequence[float]) -> list[int]:
    """Return where a series went up or down by more than 5 %, and stayed there.

    asv's own detection wants more commits on a level than a young history has: it takes a series
    that fell four times within nine commits for a flat one.
    """
    found: list[int] = []
    for at in range(1, len(values)):
        before = values[max(found[-1] if found else 0, at - _LASTS) : at]
        after = values[at : at + _LASTS]
        if len(after) < min(_LASTS, 2):
            continue  # the last commit alone shows nothing that lasts
        fell = max(after) * _WORTH_A_MARK < min(before)
        if fell or min(after) > max(before) * _WORTH_A_MARK:
            found.append(at)
    return found
