"""The portal with the cache of windows in front of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import Floats
from holdfast.data.plain_portal import PlainPortal
from holdfast.data.portal import Window
from holdfast.data.sessions import Sessions
from holdfast.layers.windows.cache import Columns, WindowCache
from holdfast.layers.windows.columns import ColumnStore


class CachedWindows:
    """A portal whose windows are slices of cached columns.

    Parameters
    ----------
    portal
        The uncached portal: it computes the columns, and answers what is not a slice of them.
    version
        SHA-256 of the bundle's content, a part of the cache's key.
    cache
        Keeps columns between backtests.
    """

    def __init__(self, portal: PlainPortal, version: str, cache: WindowCache) -> None:
        self._portal = portal
        self._cache = cache
        self._columns = ColumnStore(portal, version, cache)
        self._local = self._columns.local
        self.sessions: Sessions = portal.sessions
        self.adjustments: Adjustments = portal.adjustments
        self.minute_mode = portal.minute_mode

    def history(self, window: Window, row: int, session: int) -> Floats:
        """Return the bars of a window, shape (bar_count, n_assets), read-only.

        See Also
        --------
        holdfast.data.plain_portal.PlainPortal.history
        """
        self._cache.lookups += 1
        columns = self._local.get(window)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._columns.find(window, row, session)
        if columns is not None:
            first = row + 1 - window.bar_count
            if columns.sliceable and first >= 0:
                return columns.values[first : row + 1]  # the common case
            bars = self._read_special_window(columns, window.bar_count, row, session)
            if bars is not None:
                return bars
        return self._portal.history(window, row, session)

    def statistic(self, window: Window, row: int, session: int) -> Floats:
        """Return the statistic of a window, shape (n_assets,), read-only.

        See Also
        --------
        holdfast.data.plain_portal.PlainPortal.statistic
        """
        self._cache.lookups += 1
        columns = self._find_columns(window, row, session)
        first = row + 1 - window.bar_count
        if columns is not None and first >= 0:
            values: Floats = columns.values[first]
            return values
        return self._portal.statistic(window, row, session)

    def price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted; NaN when the asset is not alive."""
        columns = self._find_prices(asset, row, session)
        # Before the market opens, the last bar is seen across the day's adjustments.
        trading = columns is not None and row >= 0 and self._portal.find_session(row) == session
        if columns is None or not trading or _crosses_adjustment(columns, row):
            return self._portal.price(asset, row, session)
        return float(columns.values[row, 0])

    def last_price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted, also after the asset's end."""
        price = self.price(asset, row, session)
        return price if price == price else self._portal.last_price(asset, row, session)

    def closes(self, asset: Asset, sessions: NDArray[np.int64]) -> Floats:
        """Return `last_price` as each of some sessions ends, shape (n_sessions,)."""
        rows = self._portal.last_rows(sessions)
        columns = self._find_prices(asset, int(rows[-1]), int(sessions[-1]))
        if columns is None or not columns.sliceable or sessions[0] < columns.since:
            ends = zip(rows.tolist(), sessions.tolist(), strict=True)
            return np.array([self.last_price(asset, row, session) for row, session in ends])
        closes: Floats = columns.values[rows, 0]
        ended = np.isnan(closes)
        if ended.any():
            closes[ended] = self._portal.closes(asset, sessions[ended])
        return closes

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of the bar at `row`; no bar is NaN, or 0 for volume."""
        return self._portal.value(asset, field, row)

    def factor(self, asset: Asset, field: str, row: int, session: int) -> float:
        """Return what the bar at `row` is multiplied by, as seen from `session`."""
        return self._portal.factor(asset, field, row, session)

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` with a bar, -1 when there is none."""
        return self._portal.last_row(asset, row)

    def life(self, asset: Asset) -> tuple[int, int]:
        """Return the sessions of the asset's first and last bar."""
        return self._portal.life(asset)

    def _find_columns(self, window: Window, row: int, session: int) -> Columns | None:
        columns = self._local.get(window)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._columns.find(window, row, session)
        return columns

    def _find_prices(self, asset: Asset, row: int, session: int) -> Columns | None:
        window = Window((asset,), "price", 1, self._columns.finest)
        return self._find_columns(window, row, session)

    def _read_special_window(
        self, columns: Columns, bar_count: int, row: int, session: int
    ) -> Floats | None:
        """Return a window that is not a plain slice; None where the uncached portal must answer."""
        if columns.partial_day is not None:
            return self._append_partial_day(columns, bar_count, row, session)
        first = row + 1 - bar_count
        if first < 0 or _crosses_adjustment(columns, first):
            return None
        return columns.values[first : row + 1]

    def _append_partial_day(
        self, columns: Columns, bar_count: int, row: int, session: int
    ) -> Floats | None:
        """Return daily bars and the day so far; None where the uncached portal must answer."""
        partial_day = columns.partial_day
        now = self._portal.find_session(row)
        first = now + 1 - bar_count
        if partial_day is None or row < 0 or first < 0 or now != session:
            return None
        if _crosses_adjustment(columns, first):
            return None
        if columns.fills and np.isnan(partial_day[row]).any():
            return None
        window = np.empty((bar_count, partial_day.shape[1]))
        window[:-1] = columns.values[first:now]
        window[-1] = partial_day[row]
        window.flags.writeable = False
        return window


def _crosses_adjustment(columns: Columns, row: int) -> bool:
    return columns.crosses_adjustment is not None and bool(columns.crosses_adjustment[row])
