"""Two readings of a benchmark in, estimates of their ratio out: exact, with an interval.

Numbers are compared as the decimals they were written as (``Fraction``), so that 2.1 against
2.0 is 5 % exactly, and 5 % exactly passes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from holdfast.gate.core.readings import Reading


@dataclass(frozen=True, slots=True)
class Ratios:
    """By how much a benchmark changed, according to each way of estimating it."""

    before: float
    """The base's estimate, in the benchmark's unit."""
    after: float
    estimates: tuple[Fraction, ...]
    """After by before, one for each way of estimating: a change counts when all show it."""
    interval: tuple[float, float] | None = None
    """Between which ratios the truth may lie, where the samples say so."""
    pairs: int = 0
    """How many processes of one commit have a partner of the other; 0 where unknown."""
    noise: float | None = None
    """The median absolute deviation of the pairs' ratios, as a part of their median."""

    shift: Fraction = Fraction(1)
    """By how much the suite as a whole changed, where the commits were measured apart."""

    @property
    def all_estimates(self) -> tuple[Fraction, ...]:
        """The estimates of the benchmark alone, then those beside the suite."""
        if self.shift == 1:
            return self.estimates
        return (*self.estimates, *(ratio / self.shift for ratio in self.estimates))

    @property
    def judged(self) -> Fraction:
        """The estimate that is nearest to no change: what a row shows."""
        return min(self.all_estimates, key=lambda ratio: abs(ratio - 1))


def estimate_ratios(before: Reading, after: Reading, statistic: str = "") -> Ratios | None:
    """Return by how much two readings differ; None when the base is zero.

    Where processes are known, each is reduced to its minimum (or the ``statistic``). Two
    estimates follow: the ratio of the quiet processes, and the median of the pairs' ratios.
    Otherwise asv's own value and its 99 % interval are all there is.
    """
    olds, news = _values(before, statistic), _values(after, statistic)
    pairs = list(zip(olds, news, strict=False)) if min(len(olds), len(news)) > 1 else []
    # Noise mostly adds time, so the quiet processes are the best; a percentile has no such
    # side, there the middle process counts.
    pick = find_quiet if statistic in ("", "min") else median
    old, new = pick(olds), pick(news)
    best, paired = divide(old, new), [divide(*pair) for pair in pairs]
    known = [ratio for ratio in paired if ratio is not None]
    if best is None or len(known) < len(pairs):
        return None
    if not known:
        interval = None if statistic else _stored_interval(before, after)
        return Ratios(old, new, (best,), interval)
    ends = (to_float(min(known)), to_float(max(known)))
    middle = median(known)
    return Ratios(old, new, (best, middle), ends, len(known), _spread(known, middle))


def find_quiet(values: Sequence[float]) -> float:
    """Return the lower quartile of some processes' values: of up to four, the least.

    The least of many is the one that the processor happened to run fastest.
    """
    return sorted(values)[(len(values) - 1) // 4]


def divide(before: float | Fraction, after: float | Fraction) -> Fraction | None:
    """Return the exact ratio of after to before; None when the base is zero.

    A negative base counts by its size: from -10 to -9 is 10 % more, a ratio of 1.1.
    """
    old, new = exact(before), exact(after)
    if old == new:
        return Fraction(1)
    return 1 + (new - old) / abs(old) if old else None


def multiply(before: float, ratio: float) -> float:
    """Return the value that ``ratio`` makes of ``before``: the inverse of ``divide``."""
    return before + abs(before) * (ratio - 1) if before < 0 else before * ratio


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


def _stored_interval(before: Reading, after: Reading) -> tuple[float, float] | None:
    if before.interval is None or after.interval is None or min(before.interval) <= 0:
        return None
    (old_low, old_high), (new_low, new_high) = before.interval, after.interval
    return (new_low / old_high, new_high / old_low)


def _spread(ratios: Sequence[Fraction], middle: Fraction) -> float | None:
    if len(ratios) < 3 or middle <= 0:
        return None
    return to_float(median(abs(ratio - middle) for ratio in ratios) / middle)
