"""One benchmark in two commits: rules, read from top to bottom, of which the first answer counts.

Pure functions without input or output.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any

from holdfast.gate.core.change import find_limits, judge_change
from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.ratios import Ratios, estimate_ratios, exact, multiply, to_float
from holdfast.gate.core.readings import Reading, State
from holdfast.gate.core.verdict import FAILS, WARNS, Finding, Row, Verdict
from holdfast.gate.core.witness import hear_witnesses

RowRule = Callable[[Pair, Ratios | None], Finding | None]


def judge_pair(pair: Pair) -> Row:
    """Judge one benchmark with one set of parameters by the first rule that has an answer."""
    ratios = _estimate(pair)
    found = next(found for rule in RULES if (found := rule(pair, ratios)) is not None)
    found, ratios = hear_witnesses(pair, ratios, found)
    return _apply_waiver(_make_row(pair, ratios, found), pair)


def judge_limit(pair: Pair, ratios: Ratios | None) -> Finding | None:
    """Fail what is beyond an absolute limit, whatever it was before."""
    limit, after = pair.rule.limit, pair.after
    if limit is None or after is None or after.state is not State.MEASURED:
        return None
    value = ratios.after if ratios else after.value
    beyond = value < limit if pair.rule.direction == "higher" else value > limit
    return Finding(Verdict.FAIL, f"beyond its limit of {limit:g}") if beyond else None


def judge_presence(pair: Pair, ratios: Ratios | None) -> Finding | None:
    """Answer for what one of the commits has no number of."""
    before, after = pair.before, pair.after
    old = before.state if before else None
    if after is None:
        return Finding(Verdict.SKIPPED if old is State.SKIPPED else Verdict.REMOVED)
    if after.state is State.FAILED:
        return _judge_failure(pair, old, after)
    if before is None:
        return Finding(Verdict.NEW)
    if State.SKIPPED in (old, after.state):
        return _judge_skipped(pair, before, after)
    return Finding(Verdict.FIXED) if old is State.FAILED else None


def judge_comparable(pair: Pair, ratios: Ratios | None) -> Finding | None:
    """Refuse to compare another version of a benchmark, or times of another processor."""
    if not pair.same_version:
        return Finding(Verdict.NOT_COMPARABLE, "the benchmark itself, or its unit, changed")
    if pair.unit == "seconds" and not pair.same_machine:
        note = "the two commits were timed on different processors"
        return Finding(Verdict.NOT_COMPARABLE, note)
    return None


def judge_exact(pair: Pair, ratios: Ratios | None) -> Finding | None:
    """Fail any change at all of what must not change."""
    if not pair.rule.exact and pair.unit != "fingerprint":
        return None
    same = _list_values(pair.before) == _list_values(pair.after)
    return Finding(Verdict.PASS) if same else Finding(Verdict.FAIL, "the result itself changed")


def judge_number(pair: Pair, ratios: Ratios | None) -> Finding | None:
    """Answer for what is not a finite number, or rests on one sample, or has no ratio."""
    if not pair.measured:
        return Finding(Verdict.NOT_COMPARABLE, "the value is not a finite number")
    if ratios is None:
        return _judge_base_of_zero(pair)
    if any(one is not None and one.single_sample for one in pair.readings):
        why = next((one.error for one in pair.readings if one is not None and one.error), "")
        note = why or "a single sample proves nothing (--quick, or no time left)"
        limits = find_limits(pair, ratios)
        if limits.most < 1 / limits.warn:
            return Finding(Verdict.PERHAPS_FASTER, note)
        return Finding(Verdict.NOT_SURE, note, may_fail=limits.may_fail)
    return None


RULES: tuple[RowRule, ...] = (
    judge_limit,
    judge_presence,
    judge_comparable,
    judge_exact,
    judge_number,
    judge_change,
)


def _judge_failure(pair: Pair, old: State | None, after: Reading) -> Finding:
    why = after.error
    if old is State.FAILED:
        if pair.ran:
            note = "; ".join(filter(None, (why, "earlier commits have a result of it")))
            return Finding(Verdict.NOT_COMPARABLE, f"fails in both commits: {note}")
        return Finding(Verdict.BOTH_FAILING, why)
    return Finding(Verdict.NEWLY_FAILING, why)


def _judge_skipped(pair: Pair, before: Reading, after: Reading) -> Finding:
    if before.state is after.state:
        # The budget ended before it: nothing is known of it, and that is not a pass.
        unknown = Finding(Verdict.NOT_SURE, after.error, may_fail=True)
        return unknown if after.error else Finding(Verdict.SKIPPED)
    which = "later" if after.state is State.SKIPPED else "earlier"
    note = "; ".join(filter(None, (f"not measured of the {which} commit", after.error)))
    # Stored results say as little of what was not selected as of what skipped itself.
    lost = pair.interleaved and before.state is State.MEASURED
    return Finding(Verdict.NEWLY_SKIPPED if lost else Verdict.SKIPPED, note)


def _judge_base_of_zero(pair: Pair) -> Finding:
    assert pair.after is not None and pair.before is not None
    worse = pair.after.value < 0 if pair.rule.direction == "higher" else pair.after.value > 0
    if pair.rule.floor and abs(exact(pair.after.value)) <= exact(pair.rule.floor):
        return Finding(Verdict.PASS)
    note = "no ratio to a base of zero: give it a floor or a limit in the policy"
    return Finding(Verdict.NOT_SURE, note, may_fail=worse)


def _estimate(pair: Pair) -> Ratios | None:
    if not (pair.measured and pair.same_version):
        return None
    before, after = pair.readings
    assert before is not None and after is not None
    if pair.rule.history and pair.past:
        before = Reading(pair.past.middle)
    found = estimate_ratios(before, after, pair.rule.statistic)
    if found is None or pair.unit != "seconds":
        return found
    return replace(found, shift=pair.shift)


def _make_row(pair: Pair, ratios: Ratios | None, found: Finding) -> Row:
    old, new = (one or Reading(None) for one in pair.readings)
    row = Row(
        pair.key,
        found.verdict,
        pair.unit,
        old.value,
        new.value,
        note=found.note,
        owner=pair.rule.owner,
        may_fail=found.may_fail,
        samples=(old.processes, new.processes),
        measured=(old.value, new.value),
    )
    exactly = pair.rule.exact or pair.unit == "fingerprint"
    if ratios is None or exactly or found.verdict is Verdict.NOT_COMPARABLE:
        return row
    # A doubtful row shows the middle of what was seen; what counts is the most cautious estimate.
    doubtful = found.verdict is Verdict.NOT_SURE
    ratio = to_float(ratios.estimates[-1] if doubtful else ratios.judged)
    return replace(
        row,
        before=ratios.before,
        after=multiply(ratios.before, ratio),
        ratio=ratio,
        interval=ratios.interval,
        noise=ratios.noise,
        measured=(ratios.before, ratios.after),
    )


def _apply_waiver(row: Row, pair: Pair) -> Row:
    rule = pair.rule
    counts = row.verdict in FAILS | WARNS or row.may_fail
    if not (rule.waiver and counts):
        return row
    note = f"waived until {rule.until}: {rule.waiver}"
    return replace(row, waived=True, note="; ".join(filter(None, (row.note, note))))


def _list_values(reading: Reading | None) -> set[str]:
    assert reading is not None
    values: list[Any] = [*chain(*reading.processes)] or [reading.value]
    return {json.dumps(value, sort_keys=True) for value in values}
