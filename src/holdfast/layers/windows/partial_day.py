"""The day so far at each minute: the last bar of a daily window in minute mode."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from holdfast.data.bars import Floats
from holdfast.data.sessions import Sessions


def compute_partial_day(minutes: Floats, field: str, sessions: Sessions) -> Floats:
    """Return a field of the current day, at each of its minutes.

    Parameters
    ----------
    minutes : (n_minutes,) float64
        The field of each minute; no bar is NaN, or 0 for volume.
    field
        One of open, high, low, close, volume.
    sessions
        Which minutes make a day.

    Returns
    -------
    (n_minutes,) float64
        NaN until the day's first bar, or 0 for volume.
    """
    out = np.empty_like(minutes)
    edges = sessions.first_minutes.tolist()
    for first, stop in pairwise(edges):
        out[first:stop] = _RUNNING[field](minutes[first:stop])
    return out


def _spread_first(day: Floats) -> Floats:
    known = ~np.isnan(day)
    begins = int(known.argmax()) if known.any() else len(day)
    return np.where(np.arange(len(day)) < begins, np.nan, day[min(begins, len(day) - 1)])


def _fill_last(day: Floats) -> Floats:
    known = np.where(np.isnan(day), -1, np.arange(len(day)))
    latest = np.maximum.accumulate(known)
    return np.where(latest < 0, np.nan, day[latest])


_RUNNING: dict[str, Callable[[Floats], Floats]] = {
    "open": _spread_first,
    "high": np.fmax.accumulate,
    "low": np.fmin.accumulate,
    "close": _fill_last,
    "volume": np.cumsum,
}
