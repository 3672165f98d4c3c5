"""Stored bars of one frequency, read as windows on the calendar's grid."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset

STORED_FIELDS = ("open", "high", "low", "close", "volume")
Floats = NDArray[np.float64]


class Bars(Protocol):
    """The interface of bars: raw values by asset, field and row of the grid."""

    def window(self, asset: Asset, field: str, first: int, stop: int) -> Floats:
        """Return rows ``first:stop`` of one field, shape (stop - first,)."""
        ...

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of one bar."""
        ...

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` that has a bar, -1 when there is none."""
        ...


class LongBars:
    """The long table as stored; it is searched for an asset's rows at each call.

    Parameters
    ----------
    sids : (n_bars,) int32
        Ascending.
    rows : (n_bars,) int64
        Row of the grid (session or minute) of each bar, ascending within an asset.
    columns : dict of (n_bars,) float64
        By field.
    """

    def __init__(
        self, sids: NDArray[np.int32], rows: NDArray[np.int64], columns: dict[str, Floats]
    ) -> None:
        self.sids, self.rows, self.columns = sids, rows, columns

    def forbid_writing(self) -> None:
        """Make the arrays read-only, so that they can be shared."""
        arrays: tuple[NDArray[Any], ...] = (self.sids, self.rows, *self.columns.values())
        for array in arrays:
            array.flags.writeable = False

    def window(self, asset: Asset, field: str, first: int, stop: int) -> Floats:
        """Return rows ``first:stop`` of one field; no bar is NaN, or 0 for volume."""
        begin, end = self._find_bounds(asset)
        rows = self.rows[begin:end]
        low, high = np.searchsorted(rows, (first, stop))
        out = np.full(stop - first, 0.0 if field == "volume" else np.nan)
        out[rows[low:high] - first] = self.columns[field][begin + low : begin + high]
        return out

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of one bar; no bar is NaN, or 0 for volume."""
        begin, end = self._find_bounds(asset)
        position = begin + int(np.searchsorted(self.rows[begin:end], row))
        if position < end and self.rows[position] == row:
            return float(self.columns[field][position])
        return 0.0 if field == "volume" else float("nan")

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` that has a bar, -1 when there is none."""
        begin, end = self._find_bounds(asset)
        before = int(np.searchsorted(self.rows[begin:end], row, side="right"))
        return int(self.rows[begin + before - 1]) if before else -1

    def read_asset(self, asset: Asset) -> tuple[NDArray[np.int64], dict[str, Floats]]:
        """Return an asset's rows, and their values by field, in order of time."""
        begin, end = self._find_bounds(asset)
        return self.rows[begin:end], {name: c[begin:end] for name, c in self.columns.items()}

    def _find_bounds(self, asset: Asset) -> tuple[int, int]:
        # With another type NumPy would convert the whole column at each call.
        bounds = np.array((asset.sid, asset.sid + 1), dtype=self.sids.dtype)
        begin, end = np.searchsorted(self.sids, bounds)
        return int(begin), int(end)


def last_traded(bars: Bars, asset: Asset, row: int) -> int:
    """Return the last row with volume, from a row with a bar (or -1) backwards; -1 for none."""
    while row >= 0 and bars.value(asset, "volume", row) == 0:
        row = bars.last_row(asset, row - 1)
    return row
