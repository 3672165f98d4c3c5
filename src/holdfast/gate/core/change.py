"""Hold the estimates of a change against the limits: pass, warn, fail, faster or not sure."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.ratios import Ratios, exact, to_float
from holdfast.gate.core.text import format_change
from holdfast.gate.core.verdict import Finding, Verdict

_MADS = 4
"""A change must exceed this many median deviations of the benchmark's own past."""
ENOUGH_PAIRS = 4
"""With fewer pairs of processes, measured in turn, a change is a suspicion."""
_ERROR_OF_MEDIAN = 1.4826 * 1.2533
"""Of normal samples: the median's standard error in MADs, times the root of their number."""
_SURE = 2
"""So many standard errors from no change is an improvement; a regression is heard by witnesses."""


def judge_change(pair: Pair, ratios: Ratios | None) -> Finding | None:
    """Hold the estimates against the limits: a change counts when every estimate shows it."""
    assert ratios is not None
    limits = find_limits(pair, ratios)
    change = abs(exact(ratios.after) - exact(ratios.before))
    if pair.rule.floor and change <= exact(pair.rule.floor):
        return Finding(Verdict.PASS, _compared_with(pair))
    if limits.most > limits.warn:
        return _judge_slower(pair, ratios, limits)
    if limits.most < 1 / limits.warn:
        return _judge_faster(ratios)
    return Finding(Verdict.PASS, _compared_with(pair))


class Limits(NamedTuple):
    """The estimates, turned so that more is worse, beside the limits."""

    least: Fraction
    most: Fraction
    warn: Fraction
    fail: Fraction
    may_fail: bool
    """Whether some estimate of the benchmark alone exceeds the fail limit."""


def find_limits(pair: Pair, ratios: Ratios) -> Limits:
    """Return what a benchmark's estimates are held against; its past may raise the limits."""
    noise = exact(pair.past.noise) * _MADS if pair.past else Fraction(0)
    warn, fail = (1 + max(exact(x) / 100, noise) for x in (pair.rule.warn, pair.rule.fail))
    worse = _turn(ratios.all_estimates, pair)
    may_fail = max(_turn(ratios.estimates, pair)) > fail
    return Limits(min(worse), max(worse), warn, fail, may_fail)


def _turn(estimates: tuple[Fraction, ...], pair: Pair) -> list[Fraction]:
    # Where higher is better, 20 % less is as bad as 20 % more elsewhere.
    higher = pair.rule.direction == "higher"
    return [2 - ratio if higher else ratio for ratio in estimates]


def _judge_slower(pair: Pair, ratios: Ratios, limits: Limits) -> Finding:
    span = _format_span(ratios)
    if _is_usual(pair, ratios):
        assert pair.past is not None
        note = f"within what the last {pair.past.count} commits gave"
        return Finding(Verdict.NOT_SURE, note)
    if pair.rule.history and pair.past is None:
        note = "too few earlier results to judge it by"
        return Finding(Verdict.NOT_SURE, note, limits.may_fail)
    if _within_noise(ratios):
        note = f"within the noise of the samples{span}"
        return Finding(Verdict.NOT_SURE, note, limits.may_fail)
    if limits.least <= limits.warn or (limits.least <= limits.fail and limits.may_fail):
        return Finding(Verdict.NOT_SURE, _disagreement(ratios, span), limits.may_fail)
    if pair.interleaved and 0 < ratios.pairs < ENOUGH_PAIRS:
        note = f"only {ratios.pairs} pairs of processes were measured{span}"
        return Finding(Verdict.NOT_SURE, note, limits.may_fail)
    fails = limits.least > limits.fail
    return Finding(Verdict.FAIL if fails else Verdict.WARN, _compared_with(pair))


def _judge_faster(ratios: Ratios) -> Finding:
    if _within_noise(ratios):
        return Finding(Verdict.PERHAPS_FASTER, "within the noise of the samples")
    if 0 < ratios.pairs < ENOUGH_PAIRS:
        return Finding(Verdict.PERHAPS_FASTER, f"only {ratios.pairs} pairs were measured")
    if ratios.noise is not None:
        error = _ERROR_OF_MEDIAN * ratios.noise / math.sqrt(ratios.pairs)
        if abs(to_float(ratios.judged) - 1) < _SURE * error:
            return Finding(Verdict.PERHAPS_FASTER, f"the rounds disagree{_format_span(ratios)}")
    return Finding(Verdict.IMPROVED)


def _within_noise(ratios: Ratios) -> bool:
    """Whether asv's interval includes 'no change'; pairs of processes speak for themselves."""
    if ratios.pairs or ratios.interval is None:
        return False
    low, high = ratios.interval
    return low <= 1 <= high


def _is_usual(pair: Pair, ratios: Ratios) -> bool:
    """Whether the last commits gave as much already, each beside its own suite."""
    in_turn = pair.interleaved and not pair.rule.history
    if pair.past is None or in_turn:
        return False
    value = exact(ratios.after) / pair.shift
    if pair.rule.direction == "higher":
        return value >= exact(pair.past.low)
    return value <= exact(pair.past.high)


def _disagreement(ratios: Ratios, span: str) -> str:
    if ratios.shift == 1:
        return f"the rounds disagree{span}"
    return f"the suite as a whole changed too{span}"


def _format_span(ratios: Ratios) -> str:
    """Return what disagrees: the raw change and the one beside the suite, or the range."""
    if ratios.shift != 1:
        raw, beside = ratios.estimates[-1], ratios.estimates[-1] / ratios.shift
        changes = [format_change(to_float(ratio)) for ratio in (raw, beside)]
        return f" ({changes[0]}, {changes[1]} beside the suite)"
    if ratios.interval is None:
        return ""
    low, high = ratios.interval
    return f" ({(low - 1) * 100:+.0f} to {(high - 1) * 100:+.0f} %)"


def _compared_with(pair: Pair) -> str:
    if not (pair.rule.history and pair.past):
        return ""
    return f"against the median of {pair.past.count} commits"
