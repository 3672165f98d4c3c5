"""What is computed across the assets of one session: ranks, scores, quantiles; by groups or not.

Every function takes arrays of (n_sessions, n_assets). `usable` says which values count; `groups`
holds a label from 0 on for each of them, or is None where a session is one group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import UsageError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]

RANKS = ("average", "min", "max", "dense", "ordinal")


def labels_of(classes: NDArray[Any], missing: Any, usable: Flags) -> tuple[Labels, Flags]:
    """Return a classifier's values as labels from 0 on, and which of them are usable."""
    flat, names = pd.factorize(classes.ravel())
    absent = [code for code, name in enumerate(names) if name == missing]
    codes: Labels = flat.reshape(classes.shape)
    return codes, usable & (codes >= 0) & ~np.isin(codes, absent)


@dataclass(frozen=True, slots=True)
class _Groups:
    """The usable values of all sessions as one long array, and which group each belongs to.

    Parameters
    ----------
    usable
        Where the values were.
    ids : (n_values,) int64
        The group of each value, sessions in order.
    n_groups
        How many ids there are.
    """

    usable: Flags
    ids: Labels
    n_groups: int

    @classmethod
    def of(cls, usable: Flags, groups: Labels | None) -> _Groups:
        n_rows = len(usable)
        rows = np.broadcast_to(np.arange(n_rows)[:, None], usable.shape)[usable]
        if groups is None:
            return cls(usable, rows, n_rows)
        n_labels = int(groups.max(initial=0)) + 1
        return cls(usable, rows * n_labels + groups[usable], n_rows * n_labels)

    def counts(self) -> Labels:
        """How many values each group has."""
        return np.bincount(self.ids, minlength=self.n_groups)

    def mean(self, values: Floats) -> Floats:
        """Return for each value the mean of its group."""
        sums = np.bincount(self.ids, weights=values, minlength=self.n_groups)
        mean: Floats = (sums / self.counts())[self.ids]
        return mean

    def spread(self, values: Floats, otherwise: float = np.nan) -> Floats:
        """Return the values where they belong, and something else elsewhere."""
        out = np.full(self.usable.shape, otherwise)
        out[self.usable] = values
        return out


def demean(values: Floats, usable: Flags, groups: Labels | None) -> Floats:
    """Return the values less their group's mean."""
    usable = usable & ~np.isnan(values)
    grouped, known = _Groups.of(usable, groups), values[usable]
    return grouped.spread(known - grouped.mean(known))


def zscore(values: Floats, usable: Flags, groups: Labels | None) -> Floats:
    """Return the values less their group's mean, by its population standard deviation."""
    usable = usable & ~np.isnan(values)
    grouped, known = _Groups.of(usable, groups), values[usable]
    difference = known - grouped.mean(known)
    return grouped.spread(difference / np.sqrt(grouped.mean(difference * difference)))


def winsorize(
    values: Floats, usable: Flags, groups: Labels | None, low: float, high: float
) -> Floats:
    """Return the values, those below or above two percentiles of their group set to these.

    Parameters
    ----------
    low, high
        Parts from 0 to 1; 0 and 1 leave that side alone.
    """
    usable = usable & ~np.isnan(values)
    grouped, known = _Groups.of(usable, groups), values[usable]
    counts = grouped.counts()
    starts = np.cumsum(counts) - counts
    ordered = np.append(known[np.lexsort((known, grouped.ids))], np.nan)
    lowest = ordered[starts + np.floor(low * counts).astype(int)]
    upper = np.ceil(counts * high).astype(int)
    highest = ordered[starts + np.maximum(upper - 1, 0)]
    if low > 0:
        known = np.maximum(known, lowest[grouped.ids])
    if high < 1:
        known = np.minimum(known, highest[grouped.ids])
    return grouped.spread(known)


def rank(
    values: Floats, usable: Flags, groups: Labels | None, method: str, ascending: bool
) -> Floats:
    """Return the rank of each value within its group, from 1 on; NaN stays NaN.

    Parameters
    ----------
    method
        What equal values get: ``ordinal`` ranks in order of ``sid``, or one of ``average``,
        ``min``, ``max`` and ``dense``.
    """
    if method not in RANKS:
        raise UsageError(f"rank(method={method!r}): choose from {', '.join(RANKS)}")
    usable = usable & ~np.isnan(values)
    values = values if ascending else -values
    if groups is None and method == "ordinal":
        return _rank_rows(values, usable)
    grouped, known = _Groups.of(usable, groups), values[usable]
    order = np.lexsort((known, grouped.ids))
    ids, known = grouped.ids[order], known[order]
    ranks = np.empty(len(order))
    ranks[order] = _ranks_in_order(ids, known, method)
    return grouped.spread(ranks)


def _rank_rows(values: Floats, usable: Flags) -> Floats:
    order = np.argsort(np.where(usable, values, np.nan), axis=1, kind="stable")
    ranks = np.empty(values.shape)
    numbers = np.broadcast_to(np.arange(1.0, values.shape[1] + 1), values.shape)
    np.put_along_axis(ranks, order, numbers, axis=1)
    return np.where(usable, ranks, np.nan)


def _ranks_in_order(ids: Labels, values: Floats, method: str) -> Floats:
    """Return the ranks of values that lie in order of their group and size."""
    if not len(ids):
        return np.empty(0)
    place = np.arange(len(ids))
    new_group = np.concatenate([[True], ids[1:] != ids[:-1]])
    new_value = new_group | np.concatenate([[True], values[1:] != values[:-1]])
    starts = np.maximum.accumulate(np.where(new_group, place, 0))
    firsts = np.flatnonzero(new_value)
    tie = np.cumsum(new_value) - 1
    lowest = place[firsts][tie] - starts + 1
    highest = np.append(firsts[1:], len(ids))[tie] - starts
    match method:
        case "ordinal":
            return np.asarray(place - starts + 1, dtype=float)
        case "min":
            return lowest.astype(float)
        case "max":
            return highest.astype(float)
        case "average":
            return np.asarray((lowest + highest) / 2)
        case _:
            return np.asarray(tie - tie[starts] + 1, dtype=float)


def quantiles_of_rows(values: Floats, parts: Floats) -> Floats:
    """Return quantiles of what is not NaN in each session, shape (n_parts, n_sessions).

    Between two values they are interpolated, as NumPy does it.
    """
    ordered = np.sort(values, axis=1)
    counts = (~np.isnan(values)).sum(axis=1)
    at = parts[:, None] * np.maximum(counts - 1, 0)
    before = np.floor(at).astype(int)
    after = np.minimum(before + 1, np.maximum(counts - 1, 0))
    rows, share = np.arange(len(values)), at - before
    low, high = ordered[rows, before], ordered[rows, after]
    step = high - low
    return np.where(share >= 0.5, high - step * (1 - share), low + step * share)


def bins_of_rows(values: Floats, bins: int) -> Labels:
    """Return into which of `bins` quantiles of its session each value falls; -1 for NaN."""
    parts = np.linspace(0, 1, bins + 1) * 100 / 100  # as pandas' qcut arrives at them
    edges = quantiles_of_rows(values, parts)
    found = np.zeros(values.shape, dtype=np.int64)
    for edge in edges:
        found += edge[:, None] < values
    found[values == edges[0][:, None]] = 1
    found[np.isnan(values) | (found > bins)] = 0
    return found - 1
