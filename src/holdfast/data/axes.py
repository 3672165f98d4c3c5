"""The indexes of Series and frames, made once for all calls that share them."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from holdfast.assets import Asset
from holdfast.data.portal import Portal
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE

Several = tuple[Asset, ...]

MAX_CACHED = 128  # sets of assets or fields; a strategy that screens has new ones at each bar


class Axes:
    """Makes the indexes of one run, and keeps what the next call needs again.

    A cached index is handed out as a view: a caller may set the names of its own.

    Parameters
    ----------
    portal
        Whose sessions and minutes are the times.
    """

    def __init__(self, portal: Portal) -> None:
        self._sessions = portal.sessions
        self._minute_mode = portal.minute_mode
        # Not at module level: assets of two bundles are equal when their numbers are.
        self._make_assets = lru_cache(MAX_CACHED)(_make_assets)
        self._make_pairs = lru_cache(MAX_CACHED)(_make_pairs)
        self._row = -1
        self._times: dict[tuple[int, str], pd.DatetimeIndex] = {}

    def times(self, row: int, bar_count: int, frequency: str) -> pd.DatetimeIndex:
        """Return the times of the last bars up to `row`; the assets of a bar share them."""
        if row != self._row:
            self._row = row
            self._times.clear()
        known = self._times.get((bar_count, frequency))
        if known is None:
            known = self._slice_times(row, bar_count, frequency)
            self._times[bar_count, frequency] = known
        return known.view()

    def assets(self, several: Several) -> pd.Index:
        """Return assets as an index."""
        return self._make_assets(several).view()

    def pairs(
        self, several: Several, row: int, bar_count: int, frequency: str
    ) -> tuple[pd.MultiIndex, list[int] | None]:
        """Return an index of times and assets, and which asset comes when.

        Returns
        -------
        pairs : MultiIndex
            For each time, the assets in order of their numbers, as in Zipline.
        order : list of int or None
            The positions in `several` of the assets in that order; None when it is their own.
        """
        level, codes, order = self._make_pairs(several, bar_count)
        levels: Any = [self.times(row, bar_count, frequency), level]
        names = ["date" if frequency == "1d" else "date_time", None]
        return pd.MultiIndex(levels, codes, names=names, verify_integrity=False), order

    def _slice_times(self, row: int, bar_count: int, frequency: str) -> pd.DatetimeIndex:
        if frequency == "1m" or not self._minute_mode:
            stop = row + 1
        else:
            stop = int(self._sessions.session_of_minute[row]) + 1
        grid = self.minutes if frequency == "1m" else self.dates
        return grid[stop - bar_count : stop]

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """The sessions, without a time zone."""
        return pd.DatetimeIndex(self._sessions.labels.astype("datetime64[ns]"))

    @cached_property
    def minutes(self) -> pd.DatetimeIndex:
        """The minutes, in UTC."""
        moments = (self._sessions.minutes * NANOSECONDS_PER_MINUTE).astype("datetime64[ns]")
        return pd.DatetimeIndex(moments, tz="UTC")

    @property
    def rows(self) -> pd.DatetimeIndex:
        """The time of each row: sessions in daily mode, minutes in minute mode."""
        return self.minutes if self._minute_mode else self.dates


def _make_assets(several: Several) -> pd.Index:
    return pd.Index(several)


def _make_pairs(several: Several, bar_count: int) -> tuple[pd.Index, Any, list[int] | None]:
    """Return all of an index of times and assets but the times: level, codes and order."""
    order = sorted(range(len(several)), key=several.__getitem__)
    in_order = order == list(range(len(several)))
    pairs = pd.MultiIndex.from_product([range(bar_count), [several[i] for i in order]])
    return pairs.levels[1], list(pairs.codes), None if in_order else order


@lru_cache(MAX_CACHED)
def make_fields(names: tuple[str, ...]) -> pd.Index:
    """Return the columns of a frame of several fields; make a view before you hand it out."""
    empty: dict[str, list[float]] = {name: [] for name in names}
    return pd.DataFrame(empty).columns.rename("fields")


@lru_cache(MAX_CACHED)
def make_names(names: tuple[str, ...]) -> pd.Index:
    """Return fields as an index without a name; make a view before you hand it out."""
    return pd.Index(list(names))
