"""Statistics of windows: of one, or of every window of a column at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from holdfast.data.bars import Floats
from holdfast.errors import UsageError

# The bytes of a deviation's intermediate arrays: small enough for the processor's cache.
_CHUNK_BYTES = 4 * 1024**2

STATISTICS: dict[str, Callable[[Floats], Floats]] = {
    "mean": lambda windows: windows.mean(axis=-1),
    "std": lambda windows: windows.std(axis=-1),
    "sum": lambda windows: windows.sum(axis=-1),
    "min": lambda windows: windows.min(axis=-1),
    "max": lambda windows: windows.max(axis=-1),
    "return": lambda windows: windows[..., -1] / windows[..., 0] - 1,
}


def compute_rolling(name: str, values: Floats, bar_count: int) -> Floats:
    """Return a statistic of every window of `bar_count` rows.

    Each window is summed by itself, in the same order whether it is the only one or one of
    thousands, so the results are the same to the last bit.

    Parameters
    ----------
    name
        A key of ``STATISTICS``; ``std`` is that of the population, as NumPy's.
    values : (n_rows, n_assets) float64
        At least `bar_count` rows.
    bar_count
        Rows of a window.

    Returns
    -------
    (n_rows - bar_count + 1, n_assets) float64
        Read-only; NaN where a window has one.
    """
    summarise = STATISTICS[name]
    out = np.empty((len(values) - bar_count + 1, values.shape[1]))
    step = max(1, _CHUNK_BYTES // (8 * bar_count))
    with np.errstate(divide="ignore", invalid="ignore"):
        for column, series in enumerate(np.ascontiguousarray(values.T)):
            windows = sliding_window_view(series, bar_count)
            for first in range(0, len(windows), step):
                out[first : first + step, column] = summarise(windows[first : first + step])
    out.flags.writeable = False
    return out


def check_statistic(name: str | None) -> str:
    """Return the name of a statistic.

    Raises
    ------
    UsageError
        When it is not a key of ``STATISTICS``.
    """
    if name is None or name not in STATISTICS:
        raise UsageError(f"no statistic {name!r}; choose from {', '.join(STATISTICS)}")
    return name
