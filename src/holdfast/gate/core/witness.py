"""The second witnesses of a change: CPU time, and how often functions were called."""

from __future__ import annotations

from dataclasses import replace

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
    cpu, calls = _estimate_cpu(pair), pair.after.calls if pair.after else None
    said = "; ".join(filter(None, (_describe_cpu(cpu), _describe_calls(calls))))
    if cpu and calls and found.verdict is not Verdict.FAIL and _acquit(cpu, calls, limits):
        return Finding(Verdict.PASS, said), ratios
    doubtful = found.verdict is Verdict.NOT_SURE
    if cpu and calls and doubtful and _convict(cpu, calls, limits):
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


def _acquit(cpu: Ratios, calls: tuple[str, int, int], limits: Limits) -> bool:
    # Within half of what is warned of: a change at the limit itself acquits nobody.
    return not calls[0] and max(cpu.estimates) <= 1 + (limits.warn - 1) / 2


def _convict(cpu: Ratios, calls: tuple[str, int, int], limits: Limits) -> bool:
    return calls[2] > calls[1] and min(cpu.estimates) > limits.warn


def _describe_cpu(cpu: Ratios | None) -> str:
    return f"CPU {format_change(to_float(cpu.judged))}" if cpu else ""


def _describe_calls(calls: tuple[str, int, int] | None) -> str:
    if calls is None:
        return ""
    function, before, after = calls
    if not function:
        return "every count equal: machine, memory or native code"
    return f"calls {before:,} -> {after:,} in {function}"
