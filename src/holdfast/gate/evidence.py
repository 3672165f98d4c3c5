"""By how much two readings differ: exact ratios, one per way of asking, and their interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median

from holdfast.gate.results import Reading


@dataclass(frozen=True, slots=True)
class Evidence:
    """By how much a benchmark changed, according to each way of asking."""

    before: float
    after: float
    ratios: tuple[Fraction, ...]
    """One estimate per way of asking; a change counts when all of them show it."""
    interval: tuple[float, float] | None = None
    blur: float = 0.0
    """How far the two values may differ by the way they are measured alone."""

    @property
    def may_be_nothing(self) -> bool:
        """Whether asv's own interval includes 'no change'; rounds speak for themselves."""
        known = self.interval is not None and len(self.ratios) == 1
        return known and self.interval is not None and self.interval[0] <= 1 <= self.interval[1]

    @property
    def span(self) -> str:
        """The interval in words."""
        if self.interval is None:
            return ""
        low, high = ((end - 1) * 100 for end in self.interval)
        return f" ({low:+.0f} to {high:+.0f} %)"

    def without(self, shift: Fraction) -> Evidence:
        """Return the evidence relative to a shift of everything."""
        if shift == 1:
            return self
        return self._mapped(lambda ratio: ratio / shift)

    def mirrored(self) -> Evidence:
        """Return the evidence with 20 % less as 20 % more: for benchmarks where more is better."""
        return self._mapped(lambda ratio: 2 - ratio)

    def _mapped(self, change: Callable[[Fraction], Fraction]) -> Evidence:
        ratios = tuple(map(change, self.ratios))
        if self.interval is None:
            return replace(self, ratios=ratios)
        ends = (change(Fraction(end)) if math.isfinite(end) else end for end in self.interval)
        low, high = sorted(float(end) for end in ends)
        return replace(self, ratios=ratios, interval=(low, high))


def weigh(before: Reading, after: Reading, statistic: str = "") -> Evidence | None:
    """Return by how much two readings differ, None when there is no ratio (a base of zero).

    Where processes are known, each is reduced to its minimum (or the ``statistic``), and both
    the ratio of the best processes and the median of the rounds' ratios are estimates; otherwise
    asv's own value and interval are all there is.
    """
    blur = max(before.blur, after.blur)
    if min(len(before.processes), len(after.processes)) > 1:
        found = _weigh_processes(before.processes, after.processes, statistic)
        return replace(found, blur=blur) if found else None
    old, new = _stored_value(before, statistic), _stored_value(after, statistic)
    ratio = ratio_of(old, new)
    interval = None if statistic else _ratio_interval(before, after)
    return None if ratio is None else Evidence(old, new, (ratio,), interval, blur)


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


def _weigh_processes(
    before: Sequence[Sequence[float]], after: Sequence[Sequence[float]], statistic: str
) -> Evidence | None:
    old, new = ([summarise(process, statistic) for process in side] for side in (before, after))
    # Noise only ever adds time, so the quietest process is the best minimum; a percentile
    # has no such side, there the middle process counts.
    pick = min if statistic in ("", "min") else median
    overall = ratio_of(pick(old), pick(new))
    rounds = [ratio_of(*pair) for pair in zip(old, new, strict=False)]
    known = [ratio for ratio in rounds if ratio is not None]
    if overall is None or len(known) < len(rounds):
        return None
    interval = (to_float(min(known)), to_float(max(known)))
    return Evidence(pick(old), pick(new), (overall, median(known)), interval)


def _stored_value(reading: Reading, statistic: str) -> float:
    value: float = reading.value
    samples = reading.processes[0] if reading.processes else ()
    return summarise(samples, statistic) if statistic and samples else value


def _ratio_interval(before: Reading, after: Reading) -> tuple[float, float] | None:
    if before.interval is None or after.interval is None or before.interval[0] <= 0:
        return None
    (old_low, old_high), (new_low, new_high) = before.interval, after.interval
    return (new_low / old_high, new_high / old_low)
