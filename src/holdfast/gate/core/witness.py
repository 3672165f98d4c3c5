"""The second witnesses of a change: CPU time, and calls of functions or instructions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from holdfast.gate.core.change import Limits, find_limits
from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.ratios import Ratios, estimate_ratios, to_float
from holdfast.gate.core.readings import Reading
from holdfast.gate.core.text import format_change
from holdfast.gate.core.verdict import Finding, Verdict

_WORKING = (0.9, 1.1)
"""Part of its time that work of one process computes: less waits, or has children; more has
threads."""
_CHANGED = {Verdict.WARN, Verdict.FAIL, Verdict.NOT_SURE}


def hear_witnesses(
    pair: Pair, ratios: Ratios | None, found: Finding
) -> tuple[Finding, Ratios | None]:
    """Let both witnesses together decide what lies between the limits; a note says what they saw.

    What both acquit is not warned of. What both convict is not *not sure*: it is judged by its
    CPU time.
    """
    if ratios is None or found.verdict not in _CHANGED or not _is_heard(pair):
        return found, ratios
    limits = find_limits(pair, ratios)
    if limits.most <= limits.warn:
        return found, ratios
    cpu, counts = _estimate_cpu(pair), _read_counts(pair)
    said = "; ".join(filter(None, (_describe_cpu(cpu), counts.said)))
    acquitted = cpu is not None and counts.acquit(limits) and _is_far_within(cpu, limits)
    if acquitted and found.verdict is not Verdict.FAIL:
        return Finding(Verdict.PASS, said), ratios
    doubtful = found.verdict is Verdict.NOT_SURE
    if cpu and doubtful and counts.convict(limits) and min(cpu.estimates) > limits.warn:
        verdict = Verdict.FAIL if min(cpu.estimates) > limits.fail else Verdict.WARN
        judged = replace(ratios, estimates=cpu.estimates)
        return Finding(verdict, f"by CPU time; {said}"), judged
    return found._replace(note="; ".join(filter(None, (found.note, said)))), ratios


def _is_heard(pair: Pair) -> bool:
    rule = pair.rule
    usual = rule.direction != "higher" and rule.statistic in ("", "min") and not rule.history
    return pair.unit == "seconds" and pair.interleaved and usual


def _estimate_cpu(pair: Pair) -> Ratios | None:
    """Return the change of the CPU time, where one process computes all the time."""
    sides = []
    for reading in pair.readings:
        if reading is None or len(reading.cpu) != len(reading.processes) or not reading.cpu:
            return None
        times = [min(samples) for samples in reading.processes]
        share = max(cpu / time for cpu, time in zip(reading.cpu, times, strict=True))
        if not _WORKING[0] <= share <= _WORKING[1]:
            return None
        sides.append(Reading(min(reading.cpu), tuple((cpu,) for cpu in reading.cpu)))
    return estimate_ratios(sides[0], sides[1])


def _is_far_within(cpu: Ratios, limits: Limits) -> bool:
    return all(one <= _halve(limits.warn) for one in cpu.estimates)


def _halve(limit: Fraction) -> Fraction:
    # Within half of what is warned of: a change at the limit itself acquits nobody.
    return 1 + (limit - 1) / 2


def _describe_cpu(cpu: Ratios | None) -> str:
    return f"CPU {format_change(to_float(cpu.judged))}" if cpu else ""


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was counted of the calls of base and head."""

    calls: tuple[str, int, int] | None
    instructions: tuple[int, int] | None

    @property
    def said(self) -> str:
        """In words."""
        return "; ".join(filter(None, (self._describe_instructions(), self._describe_calls())))

    def acquit(self, limits: Limits) -> bool:
        """Say whether base and head do the same."""
        if self.instructions:
            return self._ratio <= _halve(limits.warn)
        return self.calls is not None and not self.calls[0]

    def convict(self, limits: Limits) -> bool:
        """Say whether the head does more."""
        if self.instructions:
            return self._ratio > limits.warn
        return self.calls is not None and self.calls[2] > self.calls[1]

    @property
    def _ratio(self) -> Fraction:
        before, after = self.instructions or (1, 1)
        return Fraction(after, before)

    def _describe_instructions(self) -> str:
        return f"instructions {format_change(to_float(self._ratio))}" if self.instructions else ""

    def _describe_calls(self) -> str:
        if self.calls is None:
            return ""
        function, before, after = self.calls
        if function:
            return f"calls {before:,} -> {after:,} in {function}"
        return "every count equal: machine, memory or native code"


def _read_counts(pair: Pair) -> _Counts:
    after = pair.after
    return _Counts(after.calls, after.instructions) if after else _Counts(None, None)
