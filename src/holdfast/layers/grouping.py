"""Layer 1: the long table is grouped once into an array per asset, not searched at each call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.bars import STORED_FIELDS, Bars, Floats
from holdfast.layers.lru import LRU

_COLUMN = {field: number for number, field in enumerate(STORED_FIELDS)}


@dataclass(frozen=True, slots=True)
class Group:
    """All bars of one asset.

    Parameters
    ----------
    rows : (n_bars,) int64
        Row of the grid of each bar, ascending.
    values : (n_bars, 5) float64
        Open, high, low, close, volume; read-only.
    gapless
        Whether there is a bar at every row from the first to the last.
    """

    rows: NDArray[np.int64]
    values: Floats
    gapless: bool

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.rows.nbytes + self.values.nbytes


#: Groups by (version of the bundle, frequency, sid).
GroupCache = LRU[tuple[str, str, int], Group]


def make_group_cache(max_bytes: int) -> GroupCache:
    """Return an empty cache for groups of `max_bytes` together."""
    return LRU(max_items=None, max_bytes=max_bytes, size_of=lambda group: group.nbytes)


class Groupable(Bars, Protocol):
    """Bars that can return all rows of one asset at once."""

    def read_asset(self, asset: Asset) -> tuple[NDArray[np.int64], dict[str, Floats]]:
        """Return the rows of an asset, and by field their values, in order of time."""
        ...


class GroupedBars:
    """Reads bars from an array per asset; the long table is searched once per asset.

    Parameters
    ----------
    bars
        The long table.
    version, frequency
        Which bundle's bars they are, the cache's key.
    cache
        Keeps groups between backtests.
    """

    def __init__(self, bars: Groupable, version: str, frequency: str, cache: GroupCache) -> None:
        self._bars = bars
        self._key = (version, frequency)
        self._cache = cache
        self._local: dict[int, Group] = {}

    def window(self, asset: Asset, field: str, first: int, stop: int) -> Floats:
        """Return rows ``first:stop`` of one field; no bar is NaN, or 0 for volume."""
        group = self._group(asset)
        column = group.values[:, _COLUMN[field]]
        low, high = self._slice(group, first, stop)
        if high - low == stop - first:
            return column[low:high].copy()
        out = np.full(stop - first, 0.0 if field == "volume" else np.nan)
        out[group.rows[low:high] - first] = column[low:high]
        return out

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of one bar; no bar is NaN, or 0 for volume."""
        group = self._group(asset)
        low, high = self._slice(group, row, row + 1)
        if low < high:
            return float(group.values[low, _COLUMN[field]])
        return 0.0 if field == "volume" else float("nan")

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` that has a bar, -1 when there is none."""
        group = self._group(asset)
        high = self._slice(group, 0, row + 1)[1]
        return int(group.rows[high - 1]) if high else -1

    def _slice(self, group: Group, first: int, stop: int) -> tuple[int, int]:
        """Return where rows ``first:stop`` lie in a group, as a begin and an end."""
        rows = group.rows
        if group.gapless and len(rows):
            begin, end = int(rows[0]), int(rows[-1]) + 1
            low, high = max(first, begin), min(stop, end)
            return (low - begin, high - begin) if low < high else _empty_slice(high <= begin, rows)
        low, high = np.searchsorted(rows, (first, stop)).tolist()
        return low, high

    def _group(self, asset: Asset) -> Group:
        group = self._local.get(asset.sid)
        if group is None:
            key = (*self._key, asset.sid)
            group = self._cache.get(key)
            if group is None:
                group = _group_bars(*self._bars.read_asset(asset))
                self._cache.put(key, group)
            self._local[asset.sid] = group
        return group


def _empty_slice(before: bool, rows: NDArray[np.int64]) -> tuple[int, int]:
    at = 0 if before else len(rows)
    return at, at


def _group_bars(rows: NDArray[np.int64], columns: dict[str, Floats]) -> Group:
    values = np.column_stack([columns[field] for field in STORED_FIELDS])
    gapless = len(rows) > 0 and int(rows[-1] - rows[0]) == len(rows) - 1
    rows = rows.copy()
    for array in (rows, values):
        array.flags.writeable = False
    return Group(rows, values, gapless)
