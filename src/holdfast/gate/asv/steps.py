"""The steps that asv finds in a series of results."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.extras import is_installed, missing_extra

_LARGE = 1e50
"""Where products and differences of values and weights overflow, asv's search does not end."""


def detect_steps(
    values: Sequence[float | None], weights: Sequence[float | None]
) -> list[tuple[int, int, float]]:
    """Return the levels that asv finds in a series: first place, place after the last, value."""
    if not is_installed("asv"):
        raise missing_extra("history", "asv")
    # asv comes with an extra, and takes a while to import.
    from asv.step_detect import detect_steps

    largest = max((abs(value) for value in values if value is not None), default=0.0)
    size = largest if largest > _LARGE else 1.0
    scaled = [None if x is None else x / size for x in values]
    found = detect_steps(
        scaled, [None if x is None else min(max(x, 1 / _LARGE), _LARGE) for x in weights]
    )
    return [(left, right, value * size) for left, right, value, *_ in found]
