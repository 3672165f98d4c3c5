"""Acceptance targets: what a commit's stored results must reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.gate.core.policy import Target
from holdfast.gate.core.readings import Reading, Side, State, Suite


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target beside what was measured.

    Parameters
    ----------
    target
        What is asked for.
    value
        Measured: the part saved for ``less``, the number itself otherwise; None when it was
        not measured.
    interval
        Between which it lies, by asv's 99 % intervals; None where asv has none.
    met
        Whether the value reaches the target; None when it was not measured.
    unit
        ``less`` for a part saved, else the benchmark's own.
    """

    target: Target
    value: float | None
    interval: tuple[float, float] | None
    met: bool | None
    unit: str


def check_targets(targets: Sequence[Target], side: Side, suite: Suite) -> list[Outcome]:
    """Hold the targets against the readings of one commit; units are the suite's."""
    return [_check(target, side, suite) for target in targets]


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 1 when a target is missed, else 3 when one was not measured, else 0."""
    if any(outcome.met is False for outcome in outcomes):
        return 1
    return 3 if any(outcome.met is None for outcome in outcomes) else 0


def _check(target: Target, side: Side, suite: Suite) -> Outcome:
    if target.kind == "less":
        off, on = (_read(side, target, params) for params in (target.off, target.on))
        value, interval = _part_saved(off, on)
        return Outcome(target, value, interval, _reaches(target, value), "less")
    reading = _read(side, target, target.params)
    unit = suite[target.benchmark].unit if target.benchmark in suite else ""
    if reading is None:
        return Outcome(target, None, None, None, unit)
    value = float(reading.value)
    return Outcome(target, value, reading.interval, _reaches(target, value), unit)


def _reaches(target: Target, value: float | None) -> bool | None:
    if value is None:
        return None
    if target.kind == "below":
        return value < target.limit
    return value > target.limit if target.kind == "above" else value >= target.limit


def _read(side: Side, target: Target, params: tuple[Any, ...]) -> Reading | None:
    found = side.readings.get((target.benchmark, tuple(map(repr, params))))
    return found if found is not None and found.state is State.MEASURED else None


def _part_saved(
    off: Reading | None, on: Reading | None
) -> tuple[float | None, tuple[float, float] | None]:
    if off is None or on is None or off.value <= 0:
        return None, None
    saved = 1 - on.value / off.value
    if off.interval is None or on.interval is None or off.interval[0] <= 0:
        return saved, None
    worst = 1 - on.interval[1] / off.interval[0]
    return saved, (worst, 1 - on.interval[0] / off.interval[1])
