"""The steps that asv finds in a series of results."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.extras import is_installed, missing_extra


def detect_steps(
    values: Sequence[float | None], weights: Sequence[float | None]
) -> list[tuple[int, int, float]]:
    """Return the levels that asv finds in a series: first place, place after the last, value."""
    if not is_installed("asv"):
        raise missing_extra("history", "asv")
    # asv is no dependency of the gate, and takes a while to import.
    from asv.step_detect import detect_steps

    return [(left, right, value) for left, right, value, *_ in detect_steps(values, weights)]
