"""The figures of a release: what one commit measured, kept to hold later commits against.

The file is for people and programs alike: every number stands in it once. What makes a number
comparable, the version of its benchmark and its interval, stands at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from holdfast.errors import NothingMeasured, TargetMissed, UsageError
from holdfast.gate.core.policy import Target
from holdfast.gate.core.readings import Key, Reading, Side, State, label
from holdfast.gate.core.targets import Outcome
from holdfast.gate.show.targets import format_target

FILE_NAME = "performance_baselines.json"
SCENARIOS = ("daily", "hourly", "minute")

_SCHEMA = 2
_OLD_SECONDS, _SECONDS = "decimal_rust", "pure_python_optimized"
_HARDWARE = ("cpu", "num_cpu", "arch")
_AVERAGE = ("latency.LedgersTogether.track_decimal_over_float", ("'full'",))
_FIGURES = {
    _SECONDS: "scenarios.{title}.time_backtest('full')",
    "overhead": "latency.Ledgers.track_decimal_over_float('full', '{name}')",
    "p50_seconds": "latency.Latency.track_bar('full', '{name}', 50)",
    "p95_seconds": "latency.Latency.track_bar('full', '{name}', 95)",
    "p99_seconds": "latency.Latency.track_bar('full', '{name}', 99)",
    "peak_memory_bytes": "scenarios.{title}.peakmem_backtest('full')",
}
"""What is kept of each scenario, and which benchmark measures it."""


def make(
    side: Side,
    outcomes: Sequence[Outcome],
    about: Mapping[str, str],
) -> dict[str, Any]:
    """Return the baseline of a commit.

    Parameters
    ----------
    side
        What asv stored of it.
    outcomes
        What became of each target of the policy.
    about
        The commit's full hash, its date and its story.

    Raises
    ------
    TargetMissed
        When one is missed: such a commit is nothing to hold others against.
    NothingMeasured
        When a target or a figure was not measured.
    """
    refuse_unmet(outcomes)
    figures = {name: _figures_of(name) for name in SCENARIOS}
    layers = [one for one in outcomes if one.target.kind == "less"]
    kept = [key for keys in figures.values() for key in keys.values()]
    kept += [_switched_on(one.target) for one in layers]
    found = require(side, [*kept, _AVERAGE])
    scenarios = {
        f"{name}_backtest": {figure: _shown(figure, found[key]) for figure, key in keys.items()}
        for name, keys in figures.items()
    }
    return {
        "schema": _SCHEMA,
        **scenarios,
        "average_overhead": _shown("overhead", found[_AVERAGE]),
        "target_met": True,
        "layers": {one.target.name: _layer(one, found) for one in layers},
        **about,
        "machine": _machine(side),
        "measured_by": {
            label(key): {"version": found[key].version, "interval": found[key].interval}
            for key in kept
        },
    }


def refuse_unmet(outcomes: Sequence[Outcome]) -> None:
    """Raise unless every target is met."""
    if missed := [
        f"{one.target.name} ({format_target(one)})" for one in outcomes if one.met is False
    ]:
        raise TargetMissed(f"no baseline is saved while a target is missed: {'; '.join(missed)}")
    if unmeasured := [one.target.name for one in outcomes if one.met is None]:
        raise NothingMeasured(
            f"no baseline is saved while a target is not measured: {'; '.join(unmeasured)}"
        )


def require(side: Side, keys: Sequence[Key]) -> dict[Key, Reading]:
    """Return the readings of all ``keys``, or raise ``NothingMeasured`` naming those without."""
    known = {key: side.readings.get(key) for key in keys}
    found = {key: one for key, one in known.items() if one and one.state is State.MEASURED}
    if missing := [label(key) for key in keys if key not in found]:
        listed = "; ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
        raise NothingMeasured(
            f"{side.commit[:8]} has no result on {side.machine} of {listed}; "
            f"measure them with 'asv run {side.commit[:8]}^! --machine {side.machine}'"
        )
    return found


def read(text: str, place: str) -> Side:
    """Return a stored baseline as what one commit measured, ready to be judged.

    Raises
    ------
    UsageError
        When it is none, or of the older layout, which names no machine.
    """
    try:
        document = json.loads(text)
        if document.get("schema") != _SCHEMA:
            raise UsageError(
                f"{place} is not a baseline of layout {_SCHEMA} and names no machine; "
                "'holdfast baseline save' writes one"
            )
        machine = document["machine"]
        hardware = {fact: str(machine[fact]) for fact in _HARDWARE}
        return Side(
            commit=str(document["commit"]),
            machine=str(machine["name"]),
            environment=str(machine["environment"]),
            hardware=hardware,
            readings=dict(_readings(document)),
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{place} is damaged ({type(error).__name__}: {error}); "
            "take it from git, or save it anew with 'holdfast baseline save'"
        ) from error


def refuse_another(base: Side, head: Side) -> None:
    """Raise ``UsageError`` when a baseline is of another machine or another environment."""
    here = _machine(head)
    for fact, value in _machine(base).items():
        if value != here[fact]:
            raise UsageError(
                f"the baseline is of another machine: its {fact} is {value!r}, here it is "
                f"{here[fact]!r}; save one of this machine with 'holdfast baseline save'"
            )


def migrate(text: str, place: str) -> dict[str, Any]:
    """Return a baseline of the older layout with its key renamed, everything else as it was."""
    try:
        old = json.loads(text)
        new = {name: _renamed(entry) for name, entry in old.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise UsageError(f"{place} holds no JSON object: {error}") from error
    if new == old:
        raise UsageError(f"{place} is not an older baseline: no scenario has {_OLD_SECONDS!r}")
    return new


def _machine(side: Side) -> dict[str, str]:
    hardware = {fact: side.hardware.get(fact, "") for fact in _HARDWARE}
    return {"name": side.machine, "environment": side.environment, **hardware}


def _renamed(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {_SECONDS if key == _OLD_SECONDS else key: value for key, value in entry.items()}


def _figures_of(name: str) -> dict[str, Key]:
    return {
        figure: _parsed(pattern.format(name=name, title=name.title()))
        for figure, pattern in _FIGURES.items()
    }


def _parsed(text: str) -> Key:
    """Return the key that a label was made of; no parameter here holds a comma."""
    name, _, params = text.partition("(")
    return name, tuple(params.removesuffix(")").split(", ")) if params else ()


def _switched_on(target: Target) -> Key:
    return target.benchmark, tuple(map(repr, target.on))


def _layer(one: Outcome, found: Mapping[Key, Reading]) -> Any:
    key = _switched_on(one.target)
    return {
        "seconds": found[key].value,
        "less": one.value,
        "target": one.target.limit,
        "benchmark": label(key),
    }


def _shown(figure: str, reading: Reading) -> Any:
    return f"{reading.value - 1:+.2%}" if figure == "overhead" else reading.value


def _readings(document: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    """Yield what each figure and each layer measured."""
    facts = document["measured_by"]
    values = {
        key: document[f"{name}_backtest"][figure]
        for name in SCENARIOS
        for figure, key in _figures_of(name).items()
    }
    values |= {_parsed(one["benchmark"]): one["seconds"] for one in document["layers"].values()}
    for key, value in values.items():
        number = 1 + float(value.rstrip("%")) / 100 if isinstance(value, str) else float(value)
        fact = facts[label(key)]
        interval = fact["interval"] and (float(fact["interval"][0]), float(fact["interval"][1]))
        yield key, Reading(number, interval=interval, version=fact["version"])
