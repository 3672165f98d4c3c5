"""A bundle's daily bars as arrays of (assets x sessions), and when each asset existed.

Row r of a pipeline is a session; the prices known when it begins are those of session r - 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset, Finder
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import LongBars
from holdfast.data.bundle import OpenedBundle

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Events:
    """Splits and dividends, in order of asset and session.

    Parameters
    ----------
    assets : (n_events,) int64
        Column of the asset.
    sessions : (n_events,) int64
        From which session on earlier bars are multiplied.
    prices, volumes : (n_events,) float64
        By what.
    """

    assets: Integers
    sessions: Integers
    prices: Floats
    volumes: Floats

    @classmethod
    def read(cls, adjustments: Adjustments, sids: Integers) -> Events:
        """Collect the factors of some assets; those of one session are one event."""
        rows: list[tuple[Any, ...]] = []
        for column, sid in enumerate(sids.tolist()):
            factors = adjustments.factors(sid)
            if factors is not None:
                sessions, at = np.unique(factors.sessions, return_index=True)
                prices = np.multiply.reduceat(factors.prices, at)
                volumes = np.multiply.reduceat(factors.volumes, at)
                rows.append((np.full(len(sessions), column), sessions, prices, volumes))
        if not rows:
            none, nothing = np.empty(0, int), np.empty(0)
            return cls(none, none, nothing, nothing)
        parts: list[Any] = [np.concatenate(each) for each in zip(*rows, strict=True)]
        return cls(*parts)

    def by(self, field: str) -> Floats:
        """Return what the bars of a field are multiplied by."""
        return self.volumes if field == "volume" else self.prices

    def chosen(self, which: NDArray[np.bool_]) -> Events:
        """Return some of the events."""
        sessions, prices, volumes = self.sessions[which], self.prices[which], self.volumes[which]
        return Events(self.assets[which], sessions, prices, volumes)


class Market:
    """What terms are computed from.

    Parameters
    ----------
    bundle
        Whose daily bars are read, when they are first needed.
    finder
        Where its assets are looked up.
    """

    def __init__(self, bundle: OpenedBundle, finder: Finder) -> None:
        self._bundle = bundle
        self.version = bundle.version
        self.span = bundle.sessions.span
        self.assets: tuple[Asset, ...] = finder.retrieve_all()
        self.sids = np.array([asset.sid for asset in self.assets], dtype=np.int64)
        dates = bundle.sessions.labels.astype("datetime64[D]")
        self.labels = pd.DatetimeIndex(dates.astype("datetime64[ns]"))
        starts = np.array([asset.start_date for asset in self.assets], dtype="datetime64[D]")
        ends = np.array([asset.end_date for asset in self.assets], dtype="datetime64[D]")
        self._starts, self._ends = np.searchsorted(dates, starts), np.searchsorted(dates, ends)

    def exists(self, first: int, stop: int) -> NDArray[np.bool_]:
        """Return which assets were listed before each session and still are.

        Returns
        -------
        (stop - first, n_assets) bool
        """
        rows = np.arange(first, stop)[:, None]
        alive: NDArray[np.bool_] = (rows > self._starts) & (rows <= self._ends)
        return alive

    @cached_property
    def events(self) -> Events:
        """All splits and dividends."""
        return Events.read(self._bundle.adjustments, self.sids)

    @cached_property
    def _bars(self) -> LongBars:
        return self._bundle.bars("1d")

    @cached_property
    def _keys(self) -> NDArray[np.integer]:
        """Column and session of each bar as one ascending number, shape (n_bars,)."""
        n_sessions = len(self.labels)
        small = len(self.sids) * n_sessions < np.iinfo(np.int32).max
        columns = np.searchsorted(self.sids.astype(self._bars.sids.dtype), self._bars.sids)
        keys: NDArray[np.integer] = columns.astype(np.int32 if small else np.int64)
        keys *= n_sessions
        keys += self._bars.rows.astype(keys.dtype)
        return keys

    def raw(self, field: str, first: int, stop: int) -> Floats:
        """Return one field as it traded, as known when each session begins.

        Parameters
        ----------
        field
            One of open, high, low, close, volume.
        first, stop
            Rows; the first one is 1 at least, whose bars are those of session 0.

        Returns
        -------
        (n_assets, stop - first) float64
            No bar is NaN, or 0 for volume.
        """
        width, n_sessions = stop - first, len(self.labels)
        begins = np.arange(len(self.sids), dtype=self._keys.dtype) * n_sessions + (first - 1)
        low = np.searchsorted(self._keys, begins)
        lengths = np.searchsorted(self._keys, begins + self._keys.dtype.type(width)) - low
        values = self._bars.columns[field]
        if (lengths == width).all():
            return values[low[:, None] + np.arange(width)]
        out = np.full((len(self.sids), width), 0.0 if field == "volume" else np.nan)
        offsets = np.cumsum(lengths) - lengths
        which = np.arange(lengths.sum()) + np.repeat(low - offsets, lengths)
        shift = np.arange(len(self.sids)) * width - begins.astype(np.int64)
        out.ravel()[self._keys[which] + np.repeat(shift, lengths)] = values[which]
        return out
