"""Read a profile that asv stored: what each function cost, by names that commits share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from holdfast.errors import UsageError
from holdfast.gate.why.function_names import Checkout, Place
from holdfast.gate.why.stored_profile import decode_profile

_HARNESS = "method_caller"
"""asv's function that calls the benchmark, once for each set of parameters."""


class Cost(NamedTuple):
    """What a function cost: calls, seconds of its own, seconds with all that it called."""

    calls: int = 0
    own: float = 0.0
    whole: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """One run of a benchmark, function by function."""

    costs: Mapping[str, Cost]
    callees: Mapping[str, Mapping[str, Cost]]
    """By caller, then by callee; the caller of the benchmark itself is the empty name."""
    sets: int
    """How many sets of parameters are added up."""

    @property
    def seconds(self) -> float:
        """What the benchmark took, which the profiler makes longer."""
        return sum(cost.whole for cost in self.callees[""].values())


def read_profile(stored: str, commit: Checkout) -> Profile:
    """Return the profile that asv stored as text."""
    # The bytes may hold anything; one net is simpler than a check of each value.
    try:
        stats = decode_profile(stored)
        return _profile(stats, commit.names(stats))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise UsageError(
            f"a profile of {commit.commit[:8]} is damaged, or was not taken by asv "
            f"({type(error).__name__}); take it again with 'asv run --profile'"
        ) from error


def least(profiles: Sequence[Profile]) -> Profile:
    """Return the least that each function took: noise only ever adds time."""
    callers = {name for profile in profiles for name in profile.callees}
    return Profile(
        _least([profile.costs for profile in profiles]),
        {name: _least([profile.callees.get(name, {}) for profile in profiles]) for name in callers},
        profiles[-1].sets,
    )


def _least(tables: Sequence[Mapping[str, Cost]]) -> dict[str, Cost]:
    names = {name: None for table in tables for name in table}
    seen = {name: [table[name] for table in tables if name in table] for name in names}
    return {name: Cost(*map(min, zip(*costs, strict=True))) for name, costs in seen.items()}


def _profile(stats: Mapping[Place, Any], names: Mapping[Place, str]) -> Profile:
    (harness,) = (place for place in stats if place[2] == _HARNESS)
    costs: dict[str, Cost] = {}
    callees: dict[str, dict[str, Cost]] = {"": {}}
    for place, (_, calls, own, whole, callers) in stats.items():
        # What nobody called is the profiler itself.
        if place == harness or not callers:
            continue
        _add(costs, names[place], Cost(calls, own, whole))
        for caller, (calls_from, _, own_from, whole_from) in callers.items():
            name = "" if caller == harness else names[caller]
            _add(callees.setdefault(name, {}), names[place], Cost(calls_from, own_from, whole_from))
    return Profile(costs, callees, stats[harness][1])


def _add(table: dict[str, Cost], name: str, cost: Cost) -> None:
    # Built-in functions of one name, such as __new__ of every type, are one.
    calls, own, whole = table.get(name, Cost())
    table[name] = Cost(calls + cost.calls, own + cost.own, whole + cost.whole)
