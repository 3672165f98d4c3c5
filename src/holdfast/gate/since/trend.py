"""How a benchmark went over the stored commits, and the steps that asv finds in it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from holdfast.escapes import escape
from holdfast.gate.asv.steps import detect_steps
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Key, Reading, Side, State, Suite, label
from holdfast.gate.core.text import format_change, format_value

_ENOUGH_FOR_A_SHIFT = 8


@dataclass(frozen=True, slots=True)
class Point:
    """One commit's value."""

    commit: str
    date: int
    """Milliseconds since 1970."""
    value: float
    weight: float | None
    """How much asv trusts it: by the width of its interval."""


@dataclass(frozen=True, slots=True)
class Level:
    """Commits in a row that asv takes to be equally fast."""

    first: int
    end: int
    """The place after the last commit."""
    value: float


@dataclass(frozen=True, slots=True)
class Step:
    """Where a benchmark went from one level to the next."""

    key: Key
    before: Point
    after: Point
    old: float
    new: float

    @property
    def ratio(self) -> float:
        """The new level by the old one."""
        return self.new / self.old if self.old else math.inf


@dataclass(frozen=True, slots=True)
class Group:
    """All steps of one unit that are seen at one commit, the greatest first."""

    commit: str
    date: int
    unit: str
    steps: Sequence[Step]
    measured: int
    """How many benchmarks of that unit have values before it and after it."""

    @property
    def names(self) -> set[str]:
        """The benchmarks that stepped, whatever their parameters."""
        return {step.key[0] for step in self.steps}

    @property
    def shift(self) -> float | None:
        """By how much the suite as a whole stepped: most benchmarks went the same way at once."""
        worse = {step.key[0] for step in self.steps if step.ratio > 1}
        most = max(len(worse), len(self.names - worse))
        if self.measured < _ENOUGH_FOR_A_SHIFT or 2 * most <= self.measured:
            return None
        return median(step.ratio for step in self.steps)


def points(sides: Sequence[Side], key: Key) -> list[Point]:
    """Return a benchmark's values, oldest first; another version of it is another benchmark."""
    seen = [(side, side.readings[key]) for side in sides if key in side.readings]
    sound = [(side, one) for side, one in seen if one.state is State.MEASURED]
    version = sound[-1][1].version if sound else None
    return [
        Point(side.commit, side.date, float(one.value), _weight(one))
        for side, one in sound
        if one.version == version
    ]


def levels(series: Sequence[Point]) -> list[Level]:
    """Return the levels that asv finds."""
    found = detect_steps([point.value for point in series], [point.weight for point in series])
    return [Level(*level) for level in found]


def steps(key: Key, series: Sequence[Point], warn: float) -> list[Step]:
    """Return the steps of more than ``warn`` per cent."""
    found = [
        Step(key, series[old.end - 1], series[new.first], old.value, new.value)
        for old, new in pairwise(levels(series))
    ]
    return [step for step in found if abs(step.ratio - 1) > warn / 100]


def group_steps(sides: Sequence[Side], suite: Suite, policy: Policy) -> list[Group]:
    """Return the steps of all benchmarks by the commit that shows them, latest first."""
    series = {key: points(sides, key) for key in suite.all_keys()}
    found: dict[tuple[str, str], list[Step]] = {}
    for key, seen in series.items():
        for step in steps(key, seen, policy.rule(label(key)).warn):
            found.setdefault((step.after.commit, suite.unit(key[0])), []).append(step)
    groups = []
    for (commit, unit), together in found.items():
        date = together[0].after.date
        spanning = {
            name
            for (name, _), seen in series.items()
            if seen and suite.unit(name) == unit and seen[0].date < date <= seen[-1].date
        }
        together.sort(key=lambda step: (-abs(step.ratio - 1), step.key))
        groups.append(Group(commit, date, unit, together, len(spanning)))
    return sorted(groups, key=lambda group: (-group.date, group.commit, group.unit))


def to_text(groups: Sequence[Group], subject: Callable[[str], str]) -> str:
    """Return the steps as text; ``subject`` gives the first line of a commit's message."""
    lines = []
    for group in groups:
        subject_of = escape(subject(group.commit))
        lines.append(f"{group.commit[:8]}  {day(group.date)}  {subject_of}".rstrip())
        if group.shift:
            counts = f"{len(group.names)} of {group.measured} benchmarks, in {group.unit}"
            lines.append(f"  {format_change(group.shift):>9}  the whole suite ({counts})")
        else:
            lines += [_line(step, group.unit) for step in group.steps]
    return "\n".join(lines or ["no steps"]) + "\n"


def day(date: int) -> str:
    """Return the day of a commit, which asv notes in milliseconds since 1970."""
    try:
        return f"{datetime.datetime.fromtimestamp(date / 1000, datetime.UTC):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return "no date"  # None of git's; a results file can hold any number.


def _line(step: Step, unit: str) -> str:
    change = f"{format_value(step.old, unit)} -> {format_value(step.new, unit)}"
    return f"  {format_change(step.ratio):>9}  {change}  {escape(label(step.key))}"


def _weight(reading: Reading) -> float | None:
    low, high = reading.interval or (0.0, 0.0)
    return 2 / (high - low) if 0 < high - low < math.inf else None
