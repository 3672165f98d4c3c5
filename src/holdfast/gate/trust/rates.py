"""How often something happened in so many trials, and how often it may happen at most."""

from __future__ import annotations

import math
from collections.abc import Callable

_SURE = 0.95
_STEPS = 40


def upper_bound(count: int, trials: int, sure: float = _SURE) -> float:
    """Return the greatest probability that ``count`` of ``trials`` leave possible.

    The one-sided bound of Clopper and Pearson (Biometrika 26, 1934): with that probability, so
    few hits would have been seen in 5 % of all cases only. For no hit at all it is about three
    by the number of trials: 0 of 10 leaves up to 26 % possible.
    """
    if count >= trials:
        return 1.0
    return _bisect(lambda p: _at_most(count, trials, p) > 1 - sure)


def format_rate(count: int, trials: int) -> str:
    """Return a count as ``0 of 10 (0.0 %, under 26 %)``."""
    if not trials:
        return "0 of 0"
    share, most = count / trials * 100, upper_bound(count, trials) * 100
    digits = 0 if most >= 10 else 1 if most >= 1 else 2
    return f"{count} of {trials} ({share:.{max(digits, 1)}f} %, under {most:.{digits}f} %)"


def _at_most(count: int, trials: int, p: float) -> float:
    """Return the probability of ``count`` hits or fewer."""
    return math.fsum(
        math.exp(
            math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
            + k * math.log(p) + (trials - k) * math.log1p(-p)
        )
        for k in range(count + 1)
    )  # fmt: skip


def _bisect(is_below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return high
