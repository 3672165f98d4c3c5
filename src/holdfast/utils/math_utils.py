"""``zipline.utils.math_utils`` as strategies import it: statistics that skip NaN."""

from __future__ import annotations

import math

from numpy import nanargmax, nanargmin, nanmax, nanmean, nanmin, nanstd, nansum

__all__ = [
    "nanargmax",
    "nanargmin",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanstd",
    "nansum",
    "round_if_near_integer",
    "tolerant_equals",
]


def tolerant_equals(
    a: float, b: float, atol: float = 10e-7, rtol: float = 10e-7, equal_nan: bool = False
) -> bool:
    """Return whether two numbers are equal to within an absolute or relative tolerance."""
    if equal_nan and math.isnan(a) and math.isnan(b):
        return True
    return abs(a - b) <= atol + rtol * abs(b)


def round_if_near_integer(a: float, epsilon: float = 1e-4) -> float:
    """Return the nearest integer where `a` is within `epsilon` of it, otherwise `a`."""
    return round(a) if abs(a - round(a)) <= epsilon else a
