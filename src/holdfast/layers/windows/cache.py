"""Columns that windows are views of, remembered in two tiers within a limit of bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.bars import Floats
from holdfast.layers.locks import MEMORY
from holdfast.layers.lru import LRU

Assets = tuple[Asset, ...]

#: Version of the bundle, assets, field (or statistic of it), frequency, first session that sees
#: the columns so.
Key = tuple[str, Assets, str, str, int]

_MANY = 1_000_000


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
    unlike : (n_rows,) bool or None
        Rows at which a window may not begin: there the plain part fills in a price from
        before the window, which it does not round.
    today : (n_minutes, n_assets) float64 or None
        For daily windows in minute mode: the day so far at each minute, not filled forward.
    """

    values: Floats
    since: int
    until: float
    fills: bool
    unlike: NDArray[np.bool_] | None = None
    today: Floats | None = None

    plain: bool = field(init=False)
    """Whether every window is a simple view of the values."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.unlike is None and self.today is None)

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return self.values.nbytes + (0 if self.today is None else self.today.nbytes)


def _nbytes(columns: Columns) -> int:
    return columns.nbytes


class WindowMemory:
    """Columns by window: some lengths are kept, the others share what room is left.

    Parameters
    ----------
    permanent
        Lengths of windows that are kept, in bars.
    max_windows
        How many windows of other lengths are kept.
    max_bytes
        How much all of them may take. Columns that windows share count for each of them.

    Attributes
    ----------
    asked, made : int
        How many windows were asked for, and for how many columns had to be made.
    forgotten : int
        How many were let go for want of room.
    """

    def __init__(self, permanent: tuple[int, ...], max_windows: int, max_bytes: int) -> None:
        self._permanent, self._max_windows, self._max_bytes = permanent, max_windows, max_bytes
        self.forgotten = 0
        self._kept: LRU[tuple[Key, int], Columns] = LRU(_MANY, max_bytes, _nbytes, self._forget)
        self._others: LRU[tuple[Key, int], Columns] = LRU(
            max_windows, max_bytes, _nbytes, self._forget
        )
        self._alive: WeakValueDictionary[Key, Columns] = WeakValueDictionary()
        self.asked = self.made = 0

    @property
    def bytes(self) -> int:
        """How much all columns take."""
        return self._kept.bytes + self._others.bytes

    @property
    def hit_rate(self) -> float:
        """Part of all windows that was remembered; NaN before the first."""
        return 1 - self.made / self.asked if self.asked else float("nan")

    def resize(self, permanent: tuple[int, ...], max_windows: int, max_bytes: int) -> None:
        """Change the limits, and forget what they leave no room for."""
        with MEMORY:
            self._permanent, self._max_windows, self._max_bytes = permanent, max_windows, max_bytes
            self._kept.resize(_MANY, max_bytes)
            self._others.resize(max_windows, max_bytes - self._kept.bytes)

    def __len__(self) -> int:
        return len(self._kept) + len(self._others)

    def get(self, key: Key, bar_count: int) -> Columns | None:
        """Return the columns of a window, None when they are not remembered."""
        tier = self._kept if bar_count in self._permanent else self._others
        found = tier.get((key, bar_count))
        if found is None:
            # A window of another length may have made the same columns.
            found = self._alive.get(key)
            if found is not None:
                self.put(key, bar_count, found)
        return found

    def put(self, key: Key, bar_count: int, columns: Columns) -> None:
        """Remember the columns of a window."""
        with MEMORY:
            self._alive[key] = columns
            if bar_count in self._permanent:
                self._kept.put((key, bar_count), columns)
                self._others.resize(self._max_windows, self._max_bytes - self._kept.bytes)
            else:
                self._others.put((key, bar_count), columns)

    def has_room(self, n_bytes: int) -> bool:
        """Return whether columns of this size could be kept at all."""
        return n_bytes <= self._max_bytes

    def _forget(self, key: tuple[Key, int], columns: Columns) -> None:
        self.forgotten += 1

    def clear(self) -> None:
        """Forget everything."""
        with MEMORY:
            self._kept.clear()
            self._others.clear()
            self._others.resize(self._max_windows, self._max_bytes)
            self._alive.clear()
            self.asked = self.made = 0


#: Columns of this process; ``Layers`` has the limits.
WINDOWS = WindowMemory((20, 50, 200), 256, 200 * 1024**2)
