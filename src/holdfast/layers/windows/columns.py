"""Finds the columns that a window is a slice of: in the cache, or computed once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.bars import Floats
from holdfast.data.plain_portal import PlainPortal
from holdfast.data.portal import FIELDS, Window, check_assets
from holdfast.data.statistics import check_statistic, compute_rolling
from holdfast.layers.windows.cache import Columns, Key, WindowCache
from holdfast.layers.windows.partial_day import compute_partial_day


class ColumnStore:
    """Looks up columns for one backtest, and computes what the cache lacks.

    Parameters
    ----------
    portal
        The uncached portal, which computes.
    version
        SHA-256 of the bundle's content, a part of the cache's key.
    cache
        Keeps columns between backtests.

    Attributes
    ----------
    local : dict of Window to Columns
        A cache of this backtest alone: the columns that it looked up last.
    """

    def __init__(self, portal: PlainPortal, version: str, cache: WindowCache) -> None:
        self._portal = portal
        self._version = version
        self._cache = cache
        self.finest = "1m" if portal.minute_mode else "1d"
        self.local: dict[Window, Columns] = {}
        self._evictions = cache.evictions
        # Columns that this backtest computed and that were evicted are not computed again: a
        # strategy that cycles through more windows than fit is faster without a cache.
        self._computed: set[tuple[Key, int]] = set()

    def find(self, window: Window, row: int, session: int) -> Columns | None:
        """Return columns that are valid at `session`; None where the uncached portal must answer.

        Raises
        ------
        UsageError
            When an asset or the statistic is unknown.
        """
        check_assets(window.assets)
        if window.statistic is not None:
            check_statistic(window.statistic)
        if not window.assets or not self._is_cacheable(window, row):
            return None
        if self._evictions != self._cache.evictions:
            # What was evicted must not be kept alive here, else the limit would not hold.
            self.local.clear()
            self._evictions = self._cache.evictions
        since, until = self._find_epoch(window.assets, session)
        key = (self._version, window.assets, _name_values(window), window.frequency, since)
        columns = self._cache.get(key, window.bar_count)
        if columns is None:
            columns = self._compute(key, window, row, session, until)
        if columns is not None:
            self.local[window] = columns
        return columns

    def _is_cacheable(self, window: Window, row: int) -> bool:
        """Return whether the window is valid; if not, the uncached portal raises its error."""
        finest = window.frequency == self.finest
        known = finest or (self._portal.minute_mode and window.frequency == "1d")
        stop = row + 1 if finest else self._portal.find_session(row) + 1
        return known and window.field in FIELDS and row >= 0 and 1 <= window.bar_count <= stop

    def _find_epoch(self, assets: tuple[Asset, ...], session: int) -> tuple[int, float]:
        """Return the sessions around `session` that see the same adjustments of `assets`."""
        since, until = 0, float("inf")
        for asset in assets:
            factors = self._portal.adjustments.factors(asset.sid)
            for effective in () if factors is None else factors.sessions.tolist():
                if effective <= session:
                    since = max(since, effective)
                else:
                    until = min(until, effective)
        return since, until

    def _compute(
        self, key: Key, window: Window, row: int, session: int, until: float
    ) -> Columns | None:
        self._cache.misses += 1
        entry = (key, window.bar_count)
        if entry in self._computed or not self._cache.fits(self._estimate_bytes(window)):
            return None
        self._computed.add(entry)
        if window.statistic is None:
            columns = self._compute_bars(window, key[-1], until)
        else:
            bars = self.find(window._replace(statistic=None), row, session)
            if bars is None or not bars.sliceable:
                return None
            values = compute_rolling(window.statistic, bars.values, window.bar_count)
            columns = Columns(values, bars.since, until, fills=False)
        self._cache.put(key, window.bar_count, columns)
        return columns

    def _estimate_bytes(self, window: Window) -> int:
        sessions = self._portal.sessions
        n_minutes = len(sessions.minutes) if self._portal.minute_mode else 0
        n_rows = n_minutes if window.frequency == "1m" else len(sessions) + n_minutes
        return n_rows * len(window.assets) * 8

    def _compute_bars(self, window: Window, since: int, until: float) -> Columns:
        """Let the uncached portal read one window over the whole bundle."""
        sessions = self._portal.sessions
        grid = sessions.minutes if self._portal.minute_mode else sessions.labels
        n_rows = len(sessions) if window.frequency == "1d" else len(grid)
        whole = window._replace(bar_count=n_rows)
        values = self._portal.history(whole, len(grid) - 1, since)
        crosses = partial_day = None
        if window.field == "price":
            flags = [self._mark_crossings(asset, whole, since) for asset in window.assets]
            crosses = np.logical_or.reduce(flags)
            crosses = crosses if crosses.any() else None
        if window.frequency != self.finest:
            days = [self._compute_partial_day(asset, window.field) for asset in window.assets]
            partial_day = np.column_stack(days)
        sliceable = crosses is None and partial_day is None
        fills = window.field == "price"
        return Columns(values, since, until, fills, crosses, partial_day, sliceable)

    def _mark_crossings(self, asset: Asset, whole: Window, since: int) -> NDArray[np.bool_]:
        """Return the rows without a bar at which a window would not start with what is here.

        Their price comes from before an adjustment, or from a bar without volume.
        """
        n_rows, bars = whole.bar_count, self._portal.bars[whole.frequency]
        factors = self._portal.adjustments.factors(asset.sid)
        taken = [] if factors is None else factors.sessions[factors.sessions <= since].tolist()
        begins = -1
        if taken:
            first_minutes = self._portal.sessions.first_minutes
            begins = taken[-1] if whole.frequency == "1d" else first_minutes[taken[-1]]
        missing = np.isnan(bars.window(asset, "close", 0, n_rows))
        source = np.maximum.accumulate(np.where(missing, -1, np.arange(n_rows)))
        untraded = bars.window(asset, "volume", 0, n_rows)[source] == 0
        crosses: NDArray[np.bool_] = missing & (source >= 0) & ((source < begins) | untraded)
        return crosses

    def _compute_partial_day(self, asset: Asset, field: str) -> Floats:
        name = "close" if field == "price" else field
        sessions = self._portal.sessions
        minutes = self._portal.bars["1m"].window(asset, name, 0, len(sessions.minutes))
        return compute_partial_day(minutes, name, sessions)


def _name_values(window: Window) -> str:
    """Return what the columns of a window hold.

    Windows of any length are slices of the same columns; a statistic has columns of its own.
    """
    if window.statistic is None:
        return window.field
    return f"{window.statistic} of {window.bar_count} {window.field}"
