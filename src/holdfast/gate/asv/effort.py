"""How sure a benchmark is after some pairs, and which one deserves the next pair.

A sequential rule. Two pairs of everything; what is clearly within its limits is done. What is
not gets fresh pairs, on which alone it is judged, until the answer is clear or `MOST` are taken.
What is not clear by then is not sure: nothing is called slower or faster that the rule did not
call so. `tests/gate/test_effort.py` holds how often it may err, on recorded pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from holdfast.gate.core.policy import Rule
from holdfast.gate.core.ratios import find_quiet, summarise
from holdfast.gate.core.readings import Reading, State

FIRST, ENOUGH, MOST = 2, 4, 40
"""Pairs of everything; fresh pairs that a change needs; fresh pairs after which no more help."""
_FLOOR, _OF_ONE = 0.015, 0.03
"""No ratio of a few pairs is known better than the first; of many, than the second by the root of
their number."""
_SURE = 2.0
"""By how many standard errors a change must exceed its limit."""
_KNOWN = 0.05
"""With a greater error than this, the error itself is hardly known."""
_GROSS = 4.0
"""By how many of them a failure may be told before `ENOUGH` pairs."""
_MANY, _ODD_ONE = 8, 6
"""Of so many pairs all but one must be beyond a limit, of twelve all but two."""
_TO_SD = (0.0, 0.0, 1.128, 1.693, 2.059, 2.326, 2.534, 2.704)
"""The expected range of so many normal values, in standard deviations."""

Pair = Sequence[Reading]
"""A process of each commit, seconds apart."""

Answer = Enum("Answer", ["OPEN", "CLEAR", "SLOWER", "FASTER", "SPENT"])
"""What the pairs say: not enough yet, nothing changed, slower, faster, or it stays unclear."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the pairs of one benchmark say so far."""

    answer: Answer
    urgency: float = 0.0
    """What may be the worst gets the next pair."""
    may_fail: bool = True
    """Whether it may be beyond its fail limit, as far as the pairs can tell."""
    fresh: bool = False
    """Whether it is judged on the pairs after the first two alone."""


@dataclass(frozen=True, slots=True)
class _Estimate:
    """The change of some pairs: above 1 is worse, whatever the rule's direction."""

    low: float
    high: float
    """The lesser and the greater of: the ratio of the quiet processes, the median of the ratios."""
    error: float
    """The standard error of the median, as a part of it."""
    ratios: Sequence[float]
    """Of each pair."""

    def exceeds(self, limit: float) -> bool:
        """Say whether a change is surely beyond a limit: by its error, or in almost every pair.

        Where a machine is so busy that ratios stray by half, their number still tells.
        """
        beyond = sum(ratio > limit for ratio in self.ratios)
        count = len(self.ratios)
        in_most = count >= _MANY and beyond >= count - count // _ODD_ONE
        by_far = self.error <= _KNOWN and self.low * (1 - _SURE * self.error) > limit
        return self.low > limit and (by_far or in_most)

    def is_within(self, limit: float) -> bool:
        """Say whether a change is most likely within a limit."""
        return self.high * (1 + self.error) <= limit


def assess(
    pairs: Sequence[Pair],
    rule: Rule,
    *,
    first: int = FIRST,
    exact: bool = False,
    steady: bool = False,
    less: Sequence[float] = (0.0, 0.0),
) -> Assessment:
    """Return what the pairs of one benchmark say by a rule.

    Parameters
    ----------
    pairs
        All that were taken, in order.
    first
        How many of them only tell what is in doubt; 0 where there is a doubt to begin with.
    exact
        Whether any change at all counts (a fingerprint), so that more pairs tell nothing new.
    steady
        Whether it is not a time but a size or a count, of which one equal pair is enough.
    less
        What is subtracted from the values of each commit: the memory of the imports.
    """
    if not pairs:
        return Assessment(Answer.OPEN, math.inf)
    if steady and _is_unchanged(pairs[0], rule):
        return Assessment(Answer.CLEAR)
    sound = [pair for pair in pairs if all(_is_sampled(reading) for reading in pair)]
    whole = _estimate(sound, rule, less)
    if len(pairs) < FIRST:
        return Assessment(Answer.OPEN, whole.high if whole else math.inf)
    if whole is None or exact or rule.exact or rule.history or _within_floor(sound, rule):
        return Assessment(Answer.CLEAR)
    if len(sound) < FIRST:  # a failure that may have been an accident
        return Assessment(Answer.OPEN if len(pairs) < ENOUGH else Answer.CLEAR, whole.high)
    return _assess_change(sound, first, rule, whole, less)


def _assess_change(
    pairs: Sequence[Pair], first: int, rule: Rule, whole: _Estimate, less: Sequence[float]
) -> Assessment:
    warn, fail = 1 + rule.warn / 100, 1 + rule.fail / 100
    suspect = not whole.is_within(warn)
    if first and not suspect and whole.high >= 1 / warn:
        return Assessment(Answer.CLEAR)
    urgency = whole.high * (1 + whole.error) if suspect else -whole.high
    may_fail = whole.high * (1 + _SURE * whole.error) > fail
    fresh = pairs[first:]
    late = _estimate(fresh, rule, less)
    if late is None:
        return Assessment(Answer.OPEN, urgency, may_fail)
    gross = min(late.low, whole.low * (1 - _GROSS * whole.error)) > fail
    if gross and len(fresh) >= FIRST and len(pairs) >= ENOUGH:
        return Assessment(Answer.SLOWER, urgency, fresh=True)
    if len(fresh) >= ENOUGH:
        last = len(fresh) >= MOST
        answer, earlier = (
            _answer(found, warn, fail, last) if found else Answer.OPEN
            for found in (late, _estimate(fresh[:-1], rule, less))
        )
        # One look of many may err: an answer counts when it was the same a pair ago.
        if answer is not earlier:
            answer = Answer.SPENT if last else Answer.OPEN
        return Assessment(answer, urgency, may_fail, fresh=True)
    return Assessment(Answer.OPEN, urgency, may_fail)


def _answer(late: _Estimate, warn: float, fail: float, last: bool) -> Answer:
    """Return what the fresh pairs say; ``last``, when there will be no more of them."""
    if late.exceeds(warn) and (last or late.exceeds(fail) or late.is_within(fail)):
        return Answer.SLOWER
    if late.error <= _KNOWN and late.high * (1 + _SURE * late.error) < 1 / warn:
        return Answer.FASTER
    if late.high >= 1 / warn and (late.is_within(warn) or (last and late.high <= warn)):
        return Answer.CLEAR
    return Answer.SPENT if last else Answer.OPEN


def _estimate(pairs: Sequence[Pair], rule: Rule, less: Sequence[float]) -> _Estimate | None:
    values = [_summaries(pairs, place, rule, less[place]) for place in (0, 1)]
    if not pairs or min(values[0]) <= 0 or min(values[1]) <= 0:
        return None
    best = find_quiet if rule.statistic in ("", "min") else median
    higher = rule.direction == "higher"
    ratios = [
        (2 - after / before) if higher else after / before
        for before, after in [(best(values[0]), best(values[1])), *zip(*values, strict=True)]
    ]
    middle = median(ratios[1:])
    stray = _deviation(ratios[1:]) / abs(middle) if middle else math.inf
    known = math.sqrt(len(pairs))
    error = max(min(_FLOOR, _OF_ONE / known), 1.25 * stray / known)
    return _Estimate(min(ratios[0], middle), max(ratios[0], middle), error, ratios[1:])


def _summaries(pairs: Sequence[Pair], place: int, rule: Rule, less: float) -> list[float]:
    chosen = [pair[place].processes[0] for pair in pairs]
    return [summarise(samples, rule.statistic) - less for samples in chosen]


def _deviation(ratios: Sequence[float]) -> float:
    """Return a standard deviation; of many pairs one that a disturbed one does not spoil."""
    if len(ratios) < 2:
        return 0.0
    if len(ratios) < len(_TO_SD):
        return (max(ratios) - min(ratios)) / _TO_SD[len(ratios)]
    middle = median(ratios)
    return 1.4826 * median(abs(ratio - middle) for ratio in ratios)


def _within_floor(pairs: Sequence[Pair], rule: Rule) -> bool:
    values = [[min(pair[place].processes[0]) for pair in pairs] for place in (0, 1)]
    return bool(rule.floor and pairs) and abs(min(values[1]) - min(values[0])) <= rule.floor


def _is_unchanged(pair: Pair, rule: Rule) -> bool:
    """Say whether a pair's values are equal, or within the rule's floor."""
    before, after = (reading.value for reading in pair)
    if any(reading.state is not State.MEASURED for reading in pair):
        return all(reading.state is State.ODD for reading in pair) and before == after
    return bool(before == after or abs(after - before) <= rule.floor)


def _is_sampled(reading: Reading) -> bool:
    return reading.state is State.MEASURED and bool(reading.processes)
