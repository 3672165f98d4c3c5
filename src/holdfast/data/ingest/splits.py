"""Splits in words, and whether the bars bear them out."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.data.bundle import Bundle

_LARGEST_PART = 100  # of 3-for-2 the larger is 3
_SHOWN = 5
_SURE_MOVE = math.log(1.25)  # in one session; what a stock does by itself is mostly less


def split_text(ratio: float) -> str:
    """Return ``2-for-1`` for a split that halves the price.

    Parameters
    ----------
    ratio
        What the split multiplies earlier prices by.
    """
    shares = 1 / ratio
    parts = Fraction(shares).limit_denominator(_LARGEST_PART)
    if parts and math.isclose(parts, shares, rel_tol=1e-4):
        return f"{parts.numerator}-for-{parts.denominator}"
    return f"{shares:.6g}-for-1"


def moves_against(ratio: float, before: float, after: float) -> bool:
    """Return whether the close moved so far the other way that the split must be inverted.

    Parameters
    ----------
    ratio
        What the split multiplies earlier prices by.
    before, after
        The last close before the split and the first one with it; NaN when there is none.
    """
    expected, moved = math.log(ratio), math.log(after / before)
    opposite = expected * moved < 0
    return opposite and abs(moved) >= max(abs(expected) / 2, _SURE_MOVE)


def splits_text(bundle: Bundle) -> str:
    """Return a line such as ``1 split: AAA 2024-01-31 2-for-1``; empty when there is none."""
    assets = bundle.assets.retrieve_all()
    found = [
        f"{assets[sid].symbol} {day} {split_text(ratio)}"
        for session, day in enumerate(bundle.sessions.labels)
        for sid, ratio in bundle.adjustments.splits_on(session)
    ]
    if not found:
        return ""
    more = f", and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    noun = "split" if len(found) == 1 else "splits"
    return f"{len(found):,} {noun}: {', '.join(found[:_SHOWN])}{more}"
