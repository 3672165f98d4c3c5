"""Statistics of every window within an array, along its first axis.

Each function takes arrays of n rows and returns n - length + 1: one row for each window. A single
window (n == length) and many windows give the same answers to the last bit, since both add in
the same order; so a day by itself and whole columns agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BLOCK = 16384  # values that are summed up together: they stay in the processor's cache


def first(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Return the oldest value of each window."""
    return values[: len(values) - length + 1]


def last(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Return the newest value of each window."""
    return values[length - 1 :]


def rolled_sum(values: Floats, length: int) -> Floats:
    """Return the sum of each window; NaN where it holds one.

    The window is summed up by halves, so that neighbouring windows share most of the work.
    """
    return _sum_one(values) if len(values) == length else _sum_many(values, length)


def _sum_one(values: Floats) -> Floats:
    total = None
    while len(values):
        if len(values) % 2:
            total = values[-1] if total is None else total + values[-1]
            values = values[:-1]
        values = values[0::2] + values[1::2]
    assert total is not None
    return np.array(total)[None]


def _sum_many(values: Floats, length: int) -> Floats:
    n_windows = len(values) - length + 1
    total, offset, width, left = None, 0, 1, length
    while left:
        if left % 2:
            start = length - offset - width
            part = values[start : start + n_windows]
            total = part if total is None else total + part
            offset += width
        left //= 2
        if left:
            values = values[:-width] + values[width:]
            width *= 2
    assert total is not None
    return np.array(total) if length == 1 else total


def rolled_count(values: Floats, length: int) -> Floats | float:
    """Return how many values of each window are not NaN."""
    missing = np.isnan(values)
    return rolled_sum((~missing).astype(float), length) if missing.any() else float(length)


def rolled_nansum(values: Floats, length: int) -> Floats:
    """Return the sum of each window, NaN taken for 0."""
    missing = np.isnan(values)
    return rolled_sum(np.where(missing, 0.0, values) if missing.any() else values, length)


def rolled_nanmean(values: Floats, length: int) -> Floats:
    """Return the mean of what is not NaN in each window; NaN where all is."""
    return rolled_nansum(values, length) / rolled_count(values, length)


def rolled_nanstd(values: Floats, length: int) -> Floats:
    """Return the population standard deviation of what is not NaN in each window."""
    mean = rolled_nanmean(values, length)
    count = rolled_count(values, length)
    holes = not isinstance(count, float)

    def squared(value: Floats, about: Floats) -> Floats:
        difference = value - about
        difference *= difference
        return np.where(np.isnan(difference), 0.0, difference) if holes else difference

    return np.sqrt(fold(squared, length, (values,), (mean,)) / count)


def fold(
    function: Callable[..., Floats],
    length: int,
    series: tuple[Floats, ...],
    about: tuple[Floats, ...] = (),
    weights: Floats | None = None,
) -> Floats:
    """Sum up a function of the values in each window, oldest first.

    Parameters
    ----------
    function
        Takes as many arrays as `series` and `about` hold, returns a new one; element by element.
    length
        Of the windows.
    series : (n, ...)
        What the windows are taken from.
    about : (n - length + 1, ...)
        One value per window, such as its mean.
    weights : (length,)
        What the function is multiplied by, for each row of a window.
    """
    n_windows = len(series[0]) - length + 1
    if n_windows == 1:
        terms = function(*series, *about)
        if weights is not None:
            terms = terms * weights.reshape(-1, *[1] * (terms.ndim - 1))
        return _sum_in_order(terms)[None]
    shape = np.broadcast_shapes(*(each.shape[1:] for each in series))
    out = np.empty((n_windows, *shape))
    step = max(1, _BLOCK // max(1, int(np.prod(shape))))
    for start in range(0, n_windows, step):
        stop = min(start + step, n_windows)
        centers = [each[start:stop] for each in about]
        total = out[start:stop]
        for row in range(length):
            terms = function(*(each[start + row : stop + row] for each in series), *centers)
            if weights is not None:
                terms = terms * weights[row]
            if row:
                total += terms
            else:
                total[...] = terms
    return out


def in_blocks(function: Callable[[Floats, int], Floats], length: int, values: Floats) -> Floats:
    """Return what a function makes of the windows, of so many at once as fit the cache."""
    n_windows = len(values) - length + 1
    step = max(1, _BLOCK // max(1, values[0].size))
    if n_windows <= step:
        return function(values, length)
    starts = range(0, n_windows, step)
    return np.concatenate([function(values[at : at + step + length - 1], length) for at in starts])


def _sum_in_order(terms: Floats) -> Floats:
    """Sum up along the first axis from the first to the last, which a reduction may not do."""
    if terms.ndim == 1 or terms[0].size == 1:
        total: Floats = np.add.accumulate(terms)[-1]
        return total
    return np.asarray(np.add.reduce(np.ascontiguousarray(terms), axis=0))


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Return the weighted mean of each window; NaN where it holds one."""
    return fold(_same, len(weights), (values,), weights=weights) / weights.sum()


def _same(values: Floats) -> Floats:
    return values


def extreme(values: Floats, length: int, choose: Any) -> Floats:
    """Return the largest or smallest value of each window.

    Parameters
    ----------
    choose
        ``np.fmax`` or ``np.fmin``, which pass over NaN, ``np.maximum`` or ``np.minimum``, which
        do not.
    """
    if len(values) == length:
        return np.asarray(choose.reduce(values, axis=0))[None]
    n_windows, width = len(values) - length + 1, 1
    while 2 * width <= length:
        values = choose(values[:-width], values[width:])
        width *= 2
    start = length - width
    return np.asarray(choose(values[:n_windows], values[start : start + n_windows]))


def where_first(values: Floats, length: int, extremes: Floats) -> Floats:
    """Return the row within each window at which its extreme occurs first; NaN for none."""
    n_windows = len(values) - length + 1
    if n_windows == 1:
        found = np.argmax(values == extremes, axis=0)[None].astype(float)
        return np.where(np.isnan(extremes), np.nan, found)
    found = np.full(extremes.shape, np.nan)
    step = max(1, _BLOCK // max(1, values[0].size))
    for start in range(0, n_windows, step):
        stop = min(start + step, n_windows)
        for row in range(length - 1, -1, -1):
            same = values[start + row : stop + row] == extremes[start:stop]
            np.copyto(found[start:stop], row, where=same)
    return found
