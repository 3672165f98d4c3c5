"""The gate's arithmetic: two readings of a benchmark in, one verdict out.

Pure functions without input or output. Numbers are compared as the decimals they were written
as (``Fraction``), so that 2.1 against 2.0 is 5 % exactly, and 5 % exactly passes.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import chain
from typing import Any

from holdfast.gate.core.policy import Rule
from holdfast.gate.core.ratios import Evidence, exact, to_float, weigh
from holdfast.gate.core.readings import Key, Past, Reading, State, label

_MADS = 4
"""A change must exceed this many median deviations of the benchmark's own history."""


class Verdict(StrEnum):
    """Every answer the gate can give, worst first."""

    FAIL = "fail"
    NEWLY_FAILING = "newly failing"
    WARN = "warn"
    REMOVED = "removed"
    NOT_SURE = "not sure"
    NOT_COMPARABLE = "not comparable"
    BOTH_FAILING = "both failing"
    IMPROVED = "improved"
    FIXED = "fixed"
    NEW = "new"
    SKIPPED = "skipped"
    PASS = "pass"


FAILS = {Verdict.FAIL, Verdict.NEWLY_FAILING}
WARNS = {Verdict.WARN, Verdict.REMOVED}
GOOD = {Verdict.IMPROVED, Verdict.FIXED}
QUIET = {Verdict.PASS, Verdict.SKIPPED, Verdict.BOTH_FAILING}
"""What is as it was: shown last, and not at all in a long table."""

Samples = tuple[tuple[float, ...], ...]
"""One tuple per process."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: a benchmark with one set of parameters, and its verdict."""

    key: Key
    verdict: Verdict
    unit: str
    before: Any = None
    after: Any = None
    ratio: float | None = None
    """After by before, the whole suite's shift removed."""
    interval: tuple[float, float] | None = None
    """Between which ratios the truth may lie, where the samples say so."""
    note: str = ""
    owner: str = ""
    waived: bool = False
    """A known regression: listed, but it does not count."""
    samples: tuple[Samples, Samples] = ((), ())

    @property
    def label(self) -> str:
        """The benchmark's name with its parameters."""
        return label(self.key)

    @property
    def fails(self) -> bool:
        """Whether this row alone makes the whole fail."""
        return self.verdict in FAILS and not self.waived


def judge_one(
    key: Key,
    before: Reading | None,
    after: Reading | None,
    unit: str,
    rule: Rule,
    *,
    shift: Fraction = Fraction(1),
    past: Past | None = None,
) -> Row:
    """Judge one benchmark with one set of parameters.

    ``before`` and ``after`` are None where a commit knows nothing of it; a ``unit`` of
    "fingerprint" must not change at all; ``shift`` is by how much the whole suite changed, which
    is no fault of this benchmark. How far the results of the ``past`` strayed raises the limits
    of the ``rule`` and never lowers them; a rule of ``history`` compares with their median.
    """
    nothing = Reading(None)
    old, new = before or nothing, after or nothing
    row = Row(
        key, Verdict.PASS, unit, old.value, new.value, owner=rule.owner,
        samples=(old.processes, new.processes),
    )  # fmt: skip
    presence = _verdict_of_presence(before, after)
    if presence:
        note = _which_was_skipped(old, new) if presence is Verdict.SKIPPED else ""
        row = replace(row, verdict=presence, note=note)
    else:
        row = _judge(row, old, new, rule, shift, past)
    row = _apply_limit(row, new, rule)
    if rule.waiver and row.verdict in FAILS | WARNS:
        note = f"waived until {rule.until}: {rule.waiver}"
        return replace(row, waived=True, note="; ".join(filter(None, (row.note, note))))
    return row


def compare(found: Evidence, rule: Rule, noise: float = 0.0) -> tuple[Verdict, str]:
    """Return the verdict of the ratios alone; a change counts when every estimate shows it."""
    higher = rule.direction == "higher"  # there 20 % less is as bad as 20 % more elsewhere
    ratios = [2 - ratio for ratio in found.ratios] if higher else found.ratios
    warn, fail = (
        1 + max(exact(per_cent) / 100, _MADS * exact(noise)) for per_cent in (rule.warn, rule.fail)
    )
    least, most = min(ratios), max(ratios)
    change = abs(exact(found.after) - exact(found.before))
    if rule.floor and change <= exact(rule.floor):
        return Verdict.PASS, ""
    low, high = found.interval or (math.nan, math.nan)
    span = f" ({(low - 1) * 100:+.0f} to {(high - 1) * 100:+.0f} %)" if found.interval else ""
    if least <= warn < most:
        return Verdict.NOT_SURE, f"the rounds disagree{span}"
    improved = most < 1 / warn
    # Rounds speak for themselves; asv's interval may include 'no change'.
    if (least > warn or improved) and len(ratios) == 1 and low <= 1 <= high:
        return Verdict.NOT_SURE, f"within the noise of the samples{span}"
    if least > warn:
        return (Verdict.FAIL if least > fail else Verdict.WARN), ""
    return (Verdict.IMPROVED if improved else Verdict.PASS), ""


def _judge(
    row: Row, before: Reading, after: Reading, rule: Rule, shift: Fraction, past: Past | None
) -> Row:
    def say(verdict: Verdict, note: str) -> Row:
        return replace(row, verdict=verdict, note=note)

    if before.version != after.version and before.version and after.version:
        return say(Verdict.NOT_COMPARABLE, "the benchmark itself, or its unit, changed")
    if rule.exact or row.unit == "fingerprint":
        same = _seen(before) == _seen(after)
        return row if same else say(Verdict.FAIL, "the result itself changed")
    if State.ODD in (before.state, after.state):
        return say(Verdict.NOT_COMPARABLE, "the value is no finite number")
    against = ""
    if rule.history:
        if past is None:
            return say(Verdict.NOT_SURE, "too few earlier results to judge it by")
        before, against = Reading(past.middle), f"against the median of {past.count} commits"
    found = weigh(before, after, rule.statistic, shift)
    if found is None:
        return say(Verdict.NOT_SURE, "no ratio to a base of zero")
    verdict, said = compare(found, rule, past.noise if past else 0.0)
    note = said or against
    if before.lone or after.lone:
        verdict, note = (
            Verdict.NOT_SURE,
            "a single sample proves nothing (--quick, or no time left)",
        )
    ratio = to_float(min(found.ratios, key=lambda ratio: abs(ratio - 1)))
    row = replace(row, before=found.before, after=found.after)
    return replace(row, verdict=verdict, note=note, ratio=ratio, interval=found.interval)


def _apply_limit(row: Row, after: Reading, rule: Rule) -> Row:
    if rule.limit is None or after.state is not State.MEASURED:
        return row
    beyond = row.after < rule.limit if rule.direction == "higher" else row.after > rule.limit
    note = f"beyond its limit of {rule.limit:g}"
    return replace(row, verdict=Verdict.FAIL, note=note) if beyond else row


def _verdict_of_presence(before: Reading | None, after: Reading | None) -> Verdict | None:
    old = before.state if before else None
    if after is None:
        return Verdict.SKIPPED if old is State.SKIPPED else Verdict.REMOVED
    if after.state is State.FAILED:
        return Verdict.BOTH_FAILING if old is State.FAILED else Verdict.NEWLY_FAILING
    if before is None:
        return Verdict.NEW
    if State.SKIPPED in (old, after.state):
        return Verdict.SKIPPED
    return Verdict.FIXED if old is State.FAILED else None


def _which_was_skipped(before: Reading, after: Reading) -> str:
    if before.state is after.state:
        return ""
    return f"not measured of the {'later' if after.state is State.SKIPPED else 'earlier'} commit"


def _seen(reading: Reading) -> set[str]:
    values: list[Any] = [*chain(*reading.processes)] or [reading.value]
    return {json.dumps(value, sort_keys=True) for value in values}
