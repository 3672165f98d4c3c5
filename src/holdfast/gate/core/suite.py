"""The suite as a whole: by how much all of its times changed together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import fmean, median, stdev

from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.policy import Rule
from holdfast.gate.core.ratios import Ratios, estimate_ratios, exact, to_float
from holdfast.gate.core.verdict import Row, Verdict

WHOLE = ("(the whole suite)", ())
ENOUGH_BENCHMARKS = 8
_SMALLEST_SHIFT = Fraction(2, 100)
_MADS = 4
_STANDARD_ERRORS = 2.576  # 99 % of a normal distribution


def ratios_by_name(pairs: Sequence[Pair]) -> dict[str, Fraction]:
    """Return by how much each benchmark's times changed.

    A benchmark counts once, however many parameters it has: by their median.
    """
    by_name: dict[str, list[Fraction]] = {}
    for pair in pairs:
        found = _comparable_ratios(pair)
        if found:
            by_name.setdefault(pair.key[0], []).append(median(found.estimates))
    return {name: median(ratios) for name, ratios in by_name.items()}


def common_shift(by_name: Mapping[str, Fraction]) -> Fraction:
    """Return by how much the suite as a whole became slower: the median over its benchmarks.

    Few benchmarks, or a shift of two per cent, tell nothing: the answer is 1 then.
    """
    if len(by_name) < ENOUGH_BENCHMARKS:
        return Fraction(1)
    shift = median(by_name.values())
    return shift if abs(shift - 1) > _SMALLEST_SHIFT else Fraction(1)


def judge_suite(by_name: Mapping[str, Fraction], rules: Iterable[Rule], noise: float) -> Row | None:
    """Judge the geometric mean of the benchmarks' ratios by the strictest of their rules.

    Parameters
    ----------
    by_name
        By how much each benchmark changed.
    rules
        The rules that hold for them.
    noise
        How far the suite as a whole usually moves from one commit to the next, as a part: of
        separate runs. Four times that does not count as a change.

    Returns
    -------
    Row or None
        None where there are fewer than eight benchmarks to average.
    """
    if len(by_name) < ENOUGH_BENCHMARKS:
        return None
    logs = [math.log(to_float(ratio)) for ratio in by_name.values()]
    middle, error = fmean(logs), _STANDARD_ERRORS * stdev(logs) / math.sqrt(len(logs))
    # Rounded, so that equal ratios of exactly 20 % stay exactly 20 %.
    low, ratio, high = (round(math.exp(middle + x), 12) for x in (-error, 0.0, error))
    limits = [(rule.warn, rule.fail) for rule in rules]
    warn, fail = (1 + max(min(limit) / 100, _MADS * noise) for limit in zip(*limits, strict=True))
    verdict, note = _judge_mean(low, ratio, high, warn, fail)
    return Row(WHOLE, verdict, "", ratio=ratio, interval=(low, high), note=note)


def _judge_mean(
    low: float, ratio: float, high: float, warn: float, fail: float
) -> tuple[Verdict, str]:
    """Judge by the interval's near end: what only some benchmarks did is theirs."""
    span = f"geometric mean of the benchmarks ({low - 1:+.1%} to {high - 1:+.1%})"
    span = span.replace("%", " %")
    if low > warn:
        return (Verdict.FAIL if low > fail else Verdict.WARN), span
    if ratio > warn:
        return Verdict.NOT_SURE, span
    return (Verdict.IMPROVED if high < 1 / warn else Verdict.PASS), span


def _comparable_ratios(pair: Pair) -> Ratios | None:
    comparable = pair.measured and pair.same_version and pair.same_machine
    if pair.unit != "seconds" or not comparable:
        return None
    assert pair.before is not None and pair.after is not None
    found = estimate_ratios(pair.before, pair.after)
    if found is None or exact(found.before) <= 0:
        return None
    sizes = [to_float(ratio) for ratio in found.estimates]
    return found if min(sizes) > 0 and max(sizes) < math.inf else None
