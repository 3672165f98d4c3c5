"""By how much two readings differ: exact ratios, one per way of asking, and their interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from holdfast.gate.core.readings import Reading


@dataclass(frozen=True, slots=True)
class Evidence:
    """By how much a benchmark changed, according to each way of asking."""

    before: float
    after: float
    ratios: tuple[Fraction, ...]
    """One estimate per way of asking; a change counts when all of them show it."""
    interval: tuple[float, float] | None = None


def weigh(
    before: Reading, after: Reading, statistic: str = "", shift: Fraction = Fraction(1)
) -> Evidence | None:
    """Return by how much two readings differ, None when there is no ratio (a base of zero).

    Where processes are known, each is reduced to its minimum (or the ``statistic``), and both
    the ratio of the best processes and the median of the rounds' ratios are estimates; otherwise
    asv's own value and interval are all there is. ``shift`` is what everything changed by.
    """
    olds, news = _values(before, statistic), _values(after, statistic)
    rounds = list(zip(olds, news, strict=False)) if min(len(olds), len(news)) > 1 else []
    # Noise only ever adds time, so the quietest process is the best minimum; a percentile
    # has no such side, there the middle process counts.
    pick = min if statistic in ("", "min") else median
    old, new = pick(olds), pick(news)
    ratios = [ratio_of(*pair) for pair in [(old, new), *rounds]]
    known = [ratio / shift for ratio in ratios if ratio is not None]
    if len(known) < len(ratios):
        return None
    if not rounds:
        interval = None if statistic else _ratio_interval(before, after, float(shift))
        return Evidence(old, new, (known[0],), interval)
    ends = (to_float(min(known[1:])), to_float(max(known[1:])))
    return Evidence(old, new, (known[0], median(known[1:])), ends)


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


def summarise(samples: Sequence[float], statistic: str) -> float:
    """Return the statistic of some samples; a percentile is the nearest sample at or above it."""
    if statistic in ("", "min"):
        return min(samples)
    if statistic in ("median", "p50"):
        return median(samples)
    rank = math.ceil(len(samples) * int(statistic[1:]) / 100)
    return sorted(samples)[max(rank, 1) - 1]


def _values(reading: Reading, statistic: str) -> list[float]:
    """Return one number per process; of a stored result asv's own, unless another is asked for."""
    processes = reading.processes
    if processes and (statistic or len(processes) > 1):
        return [summarise(samples, statistic) for samples in processes]
    return [reading.value]


def _ratio_interval(before: Reading, after: Reading, shift: float) -> tuple[float, float] | None:
    if before.interval is None or after.interval is None or min(before.interval) <= 0:
        return None
    (old_low, old_high), (new_low, new_high) = before.interval, after.interval
    return (new_low / old_high / shift, new_high / old_low / shift)
