"""Acceptance targets: what a commit's stored results must reach, as data in policy.toml."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.core.readings import Key, Reading, Side, State
from holdfast.gate.core.text import human

_KEYS = {"name", "benchmark", "off", "on", "params", "less", "below", "above"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target beside what was measured.

    Parameters
    ----------
    name
        What the target is about.
    target
        What it asks for, as text.
    value
        Measured: the part saved for a ratio, the number itself otherwise; None when it was
        not measured.
    interval
        Between which it lies, by asv's 99 % intervals; None where asv has none.
    met
        Whether the value reaches the target; None when it was not measured.
    unit
        ``less`` for a ratio, else the benchmark's own.
    """

    name: str
    target: str
    value: float | None
    interval: tuple[float, float] | None
    met: bool | None
    unit: str


def check_targets(
    targets: Sequence[Mapping[str, Any]], side: Side, units: Mapping[str, str]
) -> list[Outcome]:
    """Hold the targets against the readings of one commit.

    Parameters
    ----------
    targets
        The ``[[target]]`` tables of a policy. ``less = 0.5`` asks that the parameters ``on``
        take half the time of the parameters ``off``; ``below`` and ``above`` limit the number
        itself.
    side
        What asv stored of the commit.
    units
        By name of the benchmark.

    Raises
    ------
    UsageError
        When a table is wrong.
    """
    return [_outcome(_checked(table, number), side, units) for number, table in enumerate(targets)]


def _checked(table: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    where = f"[[target]] number {number + 1} ({table.get('name', 'without a name')})"
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise UsageError(f"{where} has an unknown key {', '.join(unknown)}; known: {_KEYS}")
    limits = [key for key in ("less", "below", "above") if key in table]
    needed = ["name", "benchmark"] + (["off", "on"] if limits == ["less"] else [])
    missing = [key for key in needed if key not in table]
    if missing or len(limits) != 1:
        what = f"lacks {', '.join(missing)}" if missing else "needs one of less, below, above"
        raise UsageError(f"{where} {what}")
    return table


def _outcome(table: Mapping[str, Any], side: Side, units: Mapping[str, str]) -> Outcome:
    benchmark = table["benchmark"]
    if "less" in table:
        off, on = (_reading(side, benchmark, table[state]) for state in ("off", "on"))
        value, interval = _less(off, on)
        target = f">= {table['less']:.2%} less"
        return Outcome(
            table["name"], target, value, interval, _reaches(value, table["less"]), "less"
        )
    reading = _reading(side, benchmark, table.get("params", []))
    value, interval = (None, None) if reading is None else (float(reading.value), reading.interval)
    unit = units.get(benchmark, "")
    if "below" in table:
        target, limit = f"< {_shown(table['below'], unit)}", table["below"]
        met = None if value is None else value < limit
    else:
        target, limit = f"> {_shown(table['above'], unit)}", table["above"]
        met = None if value is None else value > limit
    return Outcome(table["name"], target, value, interval, met, unit)


def _reading(side: Side, benchmark: str, params: Sequence[Any]) -> Reading | None:
    key: Key = (benchmark, tuple(repr(value) for value in params))
    found = side.readings.get(key)
    return found if found is not None and found.state is State.MEASURED else None


def _less(
    off: Reading | None, on: Reading | None
) -> tuple[float | None, tuple[float, float] | None]:
    if off is None or on is None or off.value <= 0:
        return None, None
    if off.interval is None or on.interval is None or off.interval[0] <= 0:
        return 1 - on.value / off.value, None
    worst = 1 - on.interval[1] / off.interval[0]
    return 1 - on.value / off.value, (worst, 1 - on.interval[0] / off.interval[1])


def _reaches(value: float | None, least: float) -> bool | None:
    return None if value is None else value >= least


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 1 when a target is missed, else 3 when one was not measured, else 0."""
    if any(outcome.met is False for outcome in outcomes):
        return 1
    return 3 if any(outcome.met is None for outcome in outcomes) else 0


def to_json(outcomes: Sequence[Outcome], side: Side) -> str:
    """Return one document, schema 1."""
    rows = [asdict(outcome) for outcome in outcomes]
    document = {"schema": 1, "commit": side.commit, "machine": side.machine, "targets": rows}
    return json.dumps(document, indent=2) + "\n"


def to_text(outcomes: Sequence[Outcome], side: Side) -> str:
    """Return a table, in the order of the policy, and a line that sums it up."""
    rows = [("", "target", "measured", "interval", "")]
    rows += [
        (_met(one), one.target, _shown(one.value, one.unit), _interval(one), one.name)
        for one in outcomes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    met = sum(one.met is True for one in outcomes)
    missed = sum(one.met is False for one in outcomes)
    unmeasured = len(outcomes) - met - missed
    summary = f"{met} met, {missed} missed, {unmeasured} not measured"
    where = f"{side.commit[:8]} on {side.machine}"
    return "\n".join([*lines, "", f"{where}: {summary}\n"])


def _met(one: Outcome) -> str:
    return {True: "met", False: "MISSED", None: "not measured"}[one.met]


def _interval(one: Outcome) -> str:
    if one.interval is None:
        return ""
    low, high = (_shown(value, one.unit) for value in one.interval)
    return f"{low} .. {high}"


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "less":
        return f"{value:.2%}"
    return human(value, unit) if unit in ("seconds", "bytes") else f"{value:.4g} {unit}".rstrip()
