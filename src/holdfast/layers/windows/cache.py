"""The cache of columns that windows are slices of: two tiers within one limit of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.bars import Floats
from holdfast.layers.locks import CACHE_LOCK
from holdfast.layers.lru import LRU

#: Version of the bundle, assets, field (or statistic of it), frequency, and the first session
#: from which the columns are valid.
Key = tuple[str, tuple[Asset, ...], str, str, int]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Columns:
    """One field of some assets over the whole bundle, as seen from certain sessions.

    Parameters
    ----------
    values : (n_rows, n_assets) float64
        Read-only; adjusted, and filled forward for ``price``.
    since, until
        The sessions ``since <= session < until`` all see these values.
    fills
        Whether gaps are filled forward: the field is ``price``.
    crosses_adjustment : (n_rows,) bool or None
        Rows at which no window may begin: the uncached portal fills in a price from before the
        window, and does not round it.
    partial_day : (n_minutes, n_assets) float64 or None
        For daily windows in minute mode: the day so far at each minute, not filled forward.
    sliceable
        Whether every window is a plain slice of the values: neither of the two before applies.
    """

    values: Floats
    since: int
    until: float
    fills: bool
    crosses_adjustment: NDArray[np.bool_] | None = None
    partial_day: Floats | None = None
    sliceable: bool = True

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        partial_day = 0 if self.partial_day is None else self.partial_day.nbytes
        return self.values.nbytes + partial_day


def _get_nbytes(columns: Columns) -> int:
    return columns.nbytes


class WindowCache:
    """Caches columns by window: some lengths permanently, others in the room that is left.

    Parameters
    ----------
    permanent
        Lengths of windows, in bars, that are evicted only for want of bytes.
    max_windows
        How many windows of other lengths are cached.
    max_bytes
        Bytes of all columns. Columns that windows share count for each of them.

    Attributes
    ----------
    lookups, misses : int
        How often a window was looked up, and how often its columns had to be computed.
    evictions : int
        How many windows were evicted to make room.
    """

    def __init__(self, permanent: tuple[int, ...], max_windows: int, max_bytes: int) -> None:
        self._permanent = permanent
        self._max_windows = max_windows
        self._max_bytes = max_bytes
        self._fixed: LRU[tuple[Key, int], Columns] = LRU(
            None, max_bytes, _get_nbytes, self._count_eviction
        )
        self._others: LRU[tuple[Key, int], Columns] = LRU(
            max_windows, max_bytes, _get_nbytes, self._count_eviction
        )
        self._alive: WeakValueDictionary[Key, Columns] = WeakValueDictionary()
        self.lookups = self.misses = self.evictions = 0

    @property
    def bytes(self) -> int:
        """Bytes of all columns."""
        return self._fixed.bytes + self._others.bytes

    @property
    def hit_rate(self) -> float:
        """Part of all lookups that were hits; NaN before the first."""
        return 1 - self.misses / self.lookups if self.lookups else float("nan")

    def __len__(self) -> int:
        return len(self._fixed) + len(self._others)

    def get(self, key: Key, bar_count: int) -> Columns | None:
        """Return the columns of a window; None on a miss."""
        tier = self._fixed if bar_count in self._permanent else self._others
        columns = tier.get((key, bar_count))
        if columns is None:
            # A window of another length may have brought the same columns.
            columns = self._alive.get(key)
            if columns is not None:
                self.put(key, bar_count, columns)
        return columns

    def put(self, key: Key, bar_count: int, columns: Columns) -> None:
        """Cache the columns of a window."""
        with CACHE_LOCK:
            self._alive[key] = columns
            if bar_count in self._permanent:
                self._fixed.put((key, bar_count), columns)
                self._others.resize(self._max_windows, self._max_bytes - self._fixed.bytes)
            else:
                self._others.put((key, bar_count), columns)

    def fits(self, n_bytes: int) -> bool:
        """Return whether columns of this size could be cached at all."""
        return n_bytes <= self._max_bytes

    def clear(self) -> None:
        """Remove all columns and reset the counters of lookups."""
        with CACHE_LOCK:
            self._fixed.clear()
            self._others.clear()
            self._others.resize(self._max_windows, self._max_bytes)
            self._alive.clear()
            self.lookups = self.misses = 0

    def _count_eviction(self, key: tuple[Key, int], columns: Columns) -> None:
        self.evictions += 1
