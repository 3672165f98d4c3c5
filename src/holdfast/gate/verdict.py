"""The gate's arithmetic: two readings of a benchmark in, one verdict out.

Pure functions without input or output. Numbers are compared as the decimals they were written
as (``Fraction``), so that 2.1 against 2.0 is 5 % exactly, and 5 % exactly passes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from statistics import median
from typing import Any

from holdfast.errors import NothingMeasured
from holdfast.gate.policy import Policy, Rule
from holdfast.gate.results import Key, Reading, Side, State, Suite, label


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
JUDGED = FAILS | {Verdict.WARN, Verdict.IMPROVED, Verdict.PASS, Verdict.FIXED}
_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: a benchmark with one set of parameters, and its verdict."""

    key: Key
    verdict: Verdict
    unit: str
    before: Any = None
    after: Any = None
    ratio: float | None = None
    """After by before; more is worse."""
    interval: tuple[float, float] | None = None
    """Between which ratios the truth may lie, where the samples say so."""
    note: str = ""

    @property
    def label(self) -> str:
        """The benchmark's name with its parameters."""
        return label(self.key)


@dataclass(frozen=True, slots=True)
class Report:
    """Two commits, compared: rows, worst first."""

    base: str
    head: str
    machine: str
    environment: str
    rows: Sequence[Row]
    coarse: bool = False
    """The numbers come from printed text, with three digits."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the rows, as pass, warn or fail."""
        verdicts = {row.verdict for row in self.rows}
        if verdicts & FAILS:
            return Verdict.FAIL
        return Verdict.WARN if verdicts & WARNS else Verdict.PASS


@dataclass(frozen=True, slots=True)
class Evidence:
    """By how much a benchmark changed, according to each way of asking."""

    before: float
    after: float
    ratios: tuple[Fraction, ...]
    """One estimate per way of asking; a change counts when all of them show it."""
    interval: tuple[float, float] | None = None


def _same_hardware(base: Side, head: Side) -> bool:
    facts = [(base.hardware.get(key), head.hardware.get(key)) for key in ("arch", "cpu", "num_cpu")]
    return all(old == new for old, new in facts if old and new)


def judge(base: Side, head: Side, suite: Suite, policy: Policy) -> Report:
    """Judge every benchmark that either commit has.

    Raises
    ------
    NothingMeasured
        When no benchmark could be judged at all.
    """
    keys = sorted(base.readings.keys() | head.readings.keys())
    same_hardware = _same_hardware(base, head)
    rows = []
    for key in keys:
        unit, rule = suite.unit(key[0]), policy.rule(label(key))
        row = judge_one(key, base.readings.get(key), head.readings.get(key), unit, rule)
        if unit == "seconds" and row.ratio is not None and not same_hardware:
            note = "the two commits were timed on different processors"
            row = Row(
                key, Verdict.NOT_COMPARABLE, unit, row.before, row.after, row.ratio, None, note
            )
        rows.append(row)
    return report(Report(base.commit, head.commit, head.machine, head.environment, rows))


def report(found: Report) -> Report:
    """Return ``found`` with its rows worst first, after making sure that it judges something."""
    if not any(row.verdict in JUDGED for row in found.rows):
        reasons = sorted({row.note or row.verdict.value for row in found.rows})
        raise NothingMeasured(
            f"none of {len(found.rows)} benchmarks can be judged ({'; '.join(reasons[:3])}); "
            "measure both commits in the same way, for example with 'holdfast check'"
        )
    rows = sorted(found.rows, key=lambda row: (_ORDER[row.verdict], -(row.ratio or 0), row.key))
    return Report(found.base, found.head, found.machine, found.environment, rows, found.coarse)


def judge_one(
    key: Key, before: Reading | None, after: Reading | None, unit: str, rule: Rule
) -> Row:
    """Judge one benchmark with one set of parameters.

    Parameters
    ----------
    key : Key
        Name and parameters.
    before, after : Reading or None
        What base and head say; None when a commit knows nothing of the benchmark.
    unit : str
        What it is measured in; a "fingerprint" must not change at all.
    rule : Rule
        Its limits.
    """
    values = (before.value if before else None, after.value if after else None)
    presence = _verdict_of_presence(before, after)
    if presence:
        return Row(key, presence, unit, *values)
    assert before is not None and after is not None
    if before.version != after.version and before.version and after.version:
        note = "the benchmark itself changed"
        return Row(key, Verdict.NOT_COMPARABLE, unit, *values, note=note)
    if unit == "fingerprint":
        return _judge_exact(key, before, after, unit)
    if State.ODD in (before.state, after.state):
        note = "the value is no finite number"
        return Row(key, Verdict.NOT_COMPARABLE, unit, *values, note=note)
    if 1 in (before.count, after.count):
        note = "a single sample proves nothing (--quick?)"
        return Row(key, Verdict.NOT_SURE, unit, *values, note=note)
    found = weigh(before, after)
    if found is None:
        return Row(key, Verdict.NOT_SURE, unit, *values, note="no ratio to a base of zero")
    return _judge_numbers(key, found, unit, rule)


def ratio_of(before: float | Fraction, after: float | Fraction) -> Fraction | None:
    """Return the exact ratio of after to before, None when the base is zero.

    A negative base counts by its size: from -10 to -9 is 10 % more, a ratio of 1.1.
    """
    old, new = exact(before), exact(after)
    if old == new:
        return Fraction(1)
    return 1 + (new - old) / abs(old) if old else None


def exact(value: float | Fraction) -> Fraction:
    """Return the number that was written down, not the nearest binary one."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def to_float(value: Fraction) -> float:
    """Return the nearest float; 1e200 against 1e-200 is infinitely more."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def weigh(before: Reading, after: Reading) -> Evidence | None:
    """Return by how much two readings differ, None when there is no ratio (a base of zero).

    Where processes are known, each is reduced to its minimum, and both the ratio of the minima
    and the median of the rounds' ratios must agree; otherwise asv's own value and interval count.
    """
    if min(len(before.processes), len(after.processes)) > 1:
        return _weigh_processes(before.processes, after.processes)
    ratio = ratio_of(before.value, after.value)
    if ratio is None:
        return None
    return Evidence(before.value, after.value, (ratio,), _ratio_interval(before, after))


def _weigh_processes(
    before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]
) -> Evidence | None:
    old, new = [min(process) for process in before], [min(process) for process in after]
    overall = ratio_of(min(old), min(new))
    rounds = [ratio_of(*pair) for pair in zip(old, new, strict=False)]
    known = [ratio for ratio in rounds if ratio is not None]
    if overall is None or len(known) < len(rounds):
        return None
    interval = (to_float(min(known)), to_float(max(known)))
    return Evidence(min(old), min(new), (overall, median(known)), interval)


def _ratio_interval(before: Reading, after: Reading) -> tuple[float, float] | None:
    if before.interval is None or after.interval is None or before.interval[0] <= 0:
        return None
    (old_low, old_high), (new_low, new_high) = before.interval, after.interval
    return (new_low / old_high, new_high / old_low)


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


def _judge_exact(key: Key, before: Reading, after: Reading, unit: str) -> Row:
    if _seen(before) == _seen(after):
        return Row(key, Verdict.PASS, unit, before.value, after.value)
    note = "the result itself changed"
    return Row(key, Verdict.FAIL, unit, before.value, after.value, note=note)


def _seen(reading: Reading) -> set[str]:
    values: Iterable[Any] = [v for process in reading.processes for v in process] or [reading.value]
    return {json.dumps(value, sort_keys=True) for value in values}


def _judge_numbers(key: Key, found: Evidence, unit: str, rule: Rule) -> Row:
    verdict, note = _compare(found, rule)
    ratio = min(found.ratios, key=lambda ratio: abs(ratio - 1))
    shown = to_float(ratio)
    return Row(key, verdict, unit, found.before, found.after, shown, found.interval, note)


def _compare(found: Evidence, rule: Rule) -> tuple[Verdict, str]:
    warn, fail = 1 + exact(rule.warn) / 100, 1 + exact(rule.fail) / 100
    low, high = found.interval or (None, None)
    if max(found.ratios) > warn >= min(found.ratios):
        return Verdict.NOT_SURE, "the rounds disagree"
    if min(found.ratios) > warn:
        if low is not None and len(found.ratios) == 1 and low <= 1:
            return Verdict.NOT_SURE, "within the noise of the samples"
        return (Verdict.FAIL if min(found.ratios) > fail else Verdict.WARN), ""
    if max(found.ratios) < 1 / warn:
        if high is not None and len(found.ratios) == 1 and high >= 1:
            return Verdict.NOT_SURE, "within the noise of the samples"
        return Verdict.IMPROVED, ""
    return Verdict.PASS, ""
