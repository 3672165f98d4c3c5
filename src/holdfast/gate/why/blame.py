"""Compare two profiles of a benchmark, function by function: what grew, and by how much."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product

from holdfast.escapes import escape
from holdfast.gate.asv.project import Project
from holdfast.gate.core.readings import Key, Side, State
from holdfast.gate.core.text import format_change, format_value
from holdfast.gate.why.changed import list_changed
from holdfast.gate.why.function_names import checkout
from holdfast.gate.why.profile import Cost, Profile, least, read_profile

_SHOWN, _NAMED = 15, 3
_SLOWER, _SHOWS = 1.05, 0.5
"""By the clock, what is slower; and the part of it that a profile must show."""
_HEADER = ("calls", "own time", "with callees", "share", "function")


@dataclass(frozen=True, slots=True)
class Change:
    """One function, before and after."""

    function: str
    before: Cost
    after: Cost

    @property
    def growth(self) -> float:
        """By how many seconds its own time grew."""
        return self.after.own - self.before.own

    @property
    def mark(self) -> str:
        """Whether only one of the two profiles has it: new or gone."""
        if self.before.calls and self.after.calls:
            return ""
        return "new" if self.after.calls else "gone"

    @property
    def calls(self) -> str:
        """How often it was called: the steadiest figure, for the clock has no part in it."""
        return _arrow(f"{self.before.calls:,}", f"{self.after.calls:,}")


@dataclass(frozen=True, slots=True)
class Blame:
    """Two commits' profiles of one benchmark."""

    benchmark: str
    base: str
    head: str
    before: Profile
    after: Profile
    takes: int
    """How many profiles of each commit these are the least of."""
    clock: float | None = None
    """The ratio of the times without the profiler, None where they are not known."""
    changed: Sequence[str] = ()
    """Which functions of a profile that the clock contradicts the diff changes."""

    @property
    def changes(self) -> list[Change]:
        """Every function; what grew most is first."""
        old, new = self.before.costs, self.after.costs
        names = old.keys() | new.keys()
        found = [Change(name, old.get(name, Cost()), new.get(name, Cost())) for name in names]
        return sorted(found, key=lambda change: (-change.growth, change.function))

    @property
    def summary(self) -> str:
        """The functions that grew most, in one line."""
        grown = [change for change in self.changes[:_NAMED] if change.growth > 0]
        if self.is_contradicted:
            named = ", ".join(self.changed[:_NAMED]) or "nothing that it calls"
            return f"the profile does not show it; the diff changes {named}"
        parts = [
            f"{one.function} +{_time(one.growth)} ({one.calls} call{'s' * (one.calls != '1')})"
            for one in grown
        ]
        return f"grew: {', '.join(parts)}" if parts else "no function grew"

    @property
    def is_contradicted(self) -> bool:
        """Whether the benchmark is slower by the clock, and the profile hardly shows it."""
        before, after = self.before.seconds, self.after.seconds
        if self.clock is None or self.clock <= _SLOWER or not before:
            return False
        return after / before - 1 < (self.clock - 1) * _SHOWS

    def share(self, change: Change) -> float:
        """Return the part of the benchmark's time that is the function's own."""
        gone = change.mark == "gone"
        cost, profile = (change.before, self.before) if gone else (change.after, self.after)
        return cost.own / profile.seconds if profile.seconds else 0.0


def compare_profiles(
    takes: Sequence[Sequence[Side]], project: Project, names: Collection[str] | None = None
) -> list[Blame]:
    """Compare base with head, for each benchmark (of ``names``) that has profiles in every take.

    Profiles that add up different numbers of parameter sets cannot be compared.
    """
    base, head = (checkout(project, side.commit) for side in takes[0])
    known = set.intersection(*(set(side.profiles) for pair in takes for side in pair))
    blames = []
    for name in sorted(known if names is None else known & set(names)):
        before, after = (
            least([read_profile(pair[place].profiles[name], commit) for pair in takes])
            for place, commit in enumerate((base, head))
        )
        if before.sets == after.sets:
            clock = _read_clock(takes, name)
            found = Blame(name, base.commit, head.commit, before, after, len(takes), clock)
            if found.is_contradicted:
                found = replace(found, changed=_find_changed(found, project))
            blames.append(found)
    return blames


def _read_clock(takes: Sequence[Sequence[Side]], name: str) -> float | None:
    """Return the ratio of the least times of both commits, all their parameter sets together."""
    times: list[dict[Key, float]] = [{}, {}]
    for pair, place in product(takes, (0, 1)):
        for key, reading in pair[place].readings.items():
            if key[0] == name and reading.state is State.MEASURED:
                times[place][key] = min(reading.value, times[place].get(key, reading.value))
    both = times[0].keys() & times[1].keys()
    before, after = (sum(each[key] for key in both) for each in times)
    return after / before if before else None


def _find_changed(blame: Blame, project: Project) -> list[str]:
    """Return the functions that the profile passes through and the diff changes."""
    changed = [f".{name}" for name in list_changed(project, blame.base, blame.head)]
    return [name for name in sorted(blame.after.costs)
            if any(one.endswith(f".{name}") for one in changed)]  # fmt: skip


def to_text(blame: Blame) -> str:
    """Return the functions that grew most as a table, and the whole as its last line."""
    changes = blame.changes
    table = [_HEADER, *(_cells(blame, change) for change in changes[:_SHOWN])]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join([*map(str.rjust, line[:-1], widths), line[-1]]).rstrip() for line in table]
    if hidden := len(changes) - _SHOWN if len(changes) > _SHOWN else 0:
        lines.append(f"... and {hidden} that grew less, or shrank")
    lines += ["", headline(blame)]
    if blame.is_contradicted:
        lines.append(explain_contradiction(blame))
    return "\n".join(lines) + "\n"


def explain_contradiction(blame: Blame) -> str:
    """Return one line: the profile does not show what the clock does, and where to look then."""
    named = [escape(name) for name in blame.changed]
    more = f" and {len(named) - _SHOWN} more" if named[_SHOWN:] else ""
    where = f"{', '.join(named[:_SHOWN])}{more}" if named else "none"
    return (
        "the profile does not show it: the profiler makes calls expensive, and so the rest cheap; "
        f"of the functions it passes through the diff changes: {where}"
    )


def headline(blame: Blame) -> str:
    """Return the change of the whole profile in one line."""
    before, after = blame.before.seconds, blame.after.seconds
    change = f" ({format_change(after / before)})" if before else ""
    takes = f", the least of {blame.takes} profiles" if blame.takes > 1 else ""
    clock = f"; {format_change(blame.clock)} by the clock" if blame.clock else ""
    return (
        f"{escape(blame.benchmark)}  {blame.base[:8]} -> {blame.head[:8]}: "
        f"{_time(before)} -> {_time(after)} under the profiler{change}{takes}{clock}"
    )


def to_json(blame: Blame) -> str:
    """Return both profiles as one JSON document, schema 1; CONTRIBUTING.md describes it."""
    functions = [
        {
            "function": change.function,
            "mark": change.mark,
            "calls": [change.before.calls, change.after.calls],
            "own": [change.before.own, change.after.own],
            "cumulative": [change.before.whole, change.after.whole],
            "share": blame.share(change),
        }
        for change in blame.changes
    ]
    document = {
        "schema": 1,
        "benchmark": blame.benchmark,
        "base": blame.base,
        "head": blame.head,
        "profiles": blame.takes,
        "seconds": [blame.before.seconds, blame.after.seconds],
        "clock": blame.clock,
        "contradicted": blame.is_contradicted,
        "changed": list(blame.changed),
        "functions": functions,
    }
    return json.dumps(document, indent=2) + "\n"


def _cells(blame: Blame, change: Change) -> tuple[str, ...]:
    sides = (change.before, change.after)
    own = " -> ".join(_time(cost.own) if cost.calls else "-" for cost in sides)
    whole = " -> ".join(_time(cost.whole) if cost.calls else "-" for cost in sides)
    mark = f"  ({change.mark})" if change.mark else ""
    return change.calls, own, whole, f"{blame.share(change):.0%}", escape(change.function) + mark


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} -> {after}"


def _time(seconds: float) -> str:
    return format_value(seconds, "seconds")
