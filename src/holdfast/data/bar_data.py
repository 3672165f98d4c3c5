"""``data``: what ``handle_data`` sees of the market now. Arrays become pandas here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from holdfast.assets import Asset
from holdfast.data.assemble import choose_maker, make_frame
from holdfast.data.axes import Axes
from holdfast.data.bars import Floats
from holdfast.data.fetched import Fetched
from holdfast.data.frames import (
    Assets,
    current_by_asset,
    current_by_field,
    current_frame,
    long_frame,
    map_assets,
    several_assets,
    stack_fields,
)
from holdfast.data.portal import FIELDS, Portal, Restrictions, make_window
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE
from holdfast.errors import UsageError

Fields = str | Iterable[str]


class BarData:
    """The market at one bar; the simulation advances it.

    Parameters
    ----------
    portal
        Where prices come from.

    Attributes
    ----------
    row : int
        The session (daily mode) or minute (minute mode) whose bar is the current one.
    session : int
        The session from which adjustments are seen.
    before_trading : bool
        Whether `session` is yet to open; `row` is then the last bar before it.
    fetched : Fetched or None
        The strategy's own values, once it has fetched some.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._axes = Axes(portal)
        self._make_series = choose_maker()
        self.row = 0
        self.session = 0
        self.before_trading = False
        self.fetched: Fetched | None = None
        self._restrictions: list[Restrictions] = []
        self._now, self._current_dt = 0, pd.Timestamp(0, tz="UTC")

    def restrict(self, restrictions: Restrictions) -> None:
        """Let `can_trade` be False for restricted assets."""
        self._restrictions.append(restrictions)

    @property
    def current_dt(self) -> pd.Timestamp:
        """The time in UTC: a bar's end (a session's close for daily bars), or before trading."""
        now = self.now
        if now != self._now:  # every order and every fill of a bar asks
            self._now, self._current_dt = now, pd.Timestamp(now, unit="ns", tz="UTC")
        return self._current_dt

    @property
    def now(self) -> int:
        """The time, in nanoseconds since 1970 UTC; during trading, the end of the current bar."""
        sessions = self._portal.sessions
        if self.before_trading:
            return sessions.before_trading(self.session) * NANOSECONDS_PER_MINUTE
        minutes = sessions.minutes if self._portal.minute_mode else sessions.closes
        return int(minutes[self.row]) * NANOSECONDS_PER_MINUTE

    @property
    def current_session(self) -> pd.Timestamp:
        """The date of the current session, without a time zone."""
        return self._axes.dates[self.session]

    def current(self, assets: Assets, fields: Fields) -> Any:
        """Return the current value of fields of assets.

        Parameters
        ----------
        assets
            One asset, or several.
        fields
            One of price, open, high, low, close, volume, last_traded, or several. ``price``
            is the last known close; the others belong to this very bar.

        Returns
        -------
        float, Series or DataFrame
            A scalar for one of each; a Series by asset or by field when there are several
            of one; a DataFrame (assets x fields) for several of both.
        """
        if isinstance(assets, Asset):
            if isinstance(fields, str):
                return self._value(assets, fields)
            each = {name: self._value(assets, name) for name in fields}
            return current_by_field(each, assets.symbol)
        if isinstance(assets, str) and self.fetched is not None:
            return self.fetched.current(assets, fields, self.session)
        several = several_assets(assets)
        if isinstance(fields, str):
            values = [self._value(asset, fields) for asset in several]
            return current_by_asset(self._axes, values, several, fields)
        names = tuple(fields)
        rows = [[self._value(asset, name) for name in names] for asset in several]
        return current_frame(self._axes, rows, several, names)

    def _value(self, asset: Asset, field: str) -> Any:
        if field == "price":
            return self._portal.price(asset, self.row, self.session)
        if field == "last_traded":
            return self._find_last_traded(asset)
        if field not in FIELDS:
            if self.fetched is not None and field in self.fetched:
                return self.fetched.value(asset, field, self.session)
            raise UsageError(f"no field {field!r}; choose from {', '.join(FIELDS)}, last_traded")
        value = self._portal.value(asset, field, self.row)
        if self.before_trading:
            value *= self._portal.factor(asset, field, self.row, self.session)
        # Zipline counts shares as integers; a bundle may hold fractions of them.
        return int(value) if field == "volume" and value.is_integer() else value

    def _find_last_traded(self, asset: Asset) -> Any:
        row = self._find_last_trade(asset)
        return self._axes.rows[row] if row >= 0 else pd.NaT

    def _find_last_trade(self, asset: Asset) -> int:
        """Return the last row up to now that has volume, -1 when there is none."""
        row = self._portal.last_row(asset, self.row)
        while row >= 0 and self._portal.value(asset, "volume", row) == 0:
            row = self._portal.last_row(asset, row - 1)
        return row

    @overload
    def history(
        self, assets: Assets, fields: Fields, bar_count: int, frequency: str
    ) -> pd.Series | pd.DataFrame: ...

    @overload
    def history(
        self,
        assets: Assets,
        fields: Fields,
        bar_count: int,
        frequency: str,
        return_type: Literal["array"],
    ) -> Floats: ...

    def history(
        self,
        assets: Assets,
        fields: Fields,
        bar_count: int,
        frequency: str,
        return_type: str = "dataframe",
    ) -> pd.Series | pd.DataFrame | Floats:
        """Return the last bars, the current one included, adjusted as seen from now.

        Parameters
        ----------
        assets
            One asset, or several.
        fields
            One of price, open, high, low, close, volume, or several.
        bar_count
            How many bars.
        frequency
            ``1d`` or ``1m``; in minute mode the last ``1d`` bar is the day so far.
        return_type
            ``dataframe`` as in Zipline, or ``array`` for read-only NumPy.

        Returns
        -------
        Series, DataFrame or ndarray
            One asset and field: a Series by time. Several assets, one field: time x assets.
            Several fields: (time, asset) x fields, as in Zipline also for one asset, in order
            of the assets' numbers.
            Arrays have shape (bar_count,), (bar_count, n_fields), (bar_count, n_assets) and
            (bar_count, n_assets, n_fields).

        Raises
        ------
        HistoryWindowStartsBeforeData
            When the bundle does not reach back that far.
        """
        one_asset = isinstance(assets, Asset)
        several = (assets,) if isinstance(assets, Asset) else tuple(assets)
        if not isinstance(fields, str):
            names = tuple(fields)
            columns = self._read_fields(several, names, bar_count, frequency)
            if return_type == "array":
                return stack_fields(columns, one_asset)
            _check_return_type(return_type)
            pairs, order = self._axes.pairs(several, self.row, bar_count, frequency)
            return long_frame(pairs, order, dict(zip(names, columns, strict=True)))
        window = make_window((several, fields, bar_count, frequency, None))
        bars = self._portal.history(window, self.row, self.session)
        if return_type == "array":
            return bars[:, 0] if one_asset else bars
        _check_return_type(return_type)
        times = self._axes.times(self.row, bar_count, frequency)
        # The windows are shared and read-only; a Series or frame belongs to who asked for it.
        if one_asset:
            return self._make_series(bars[:, 0].copy(), times, assets)
        return make_frame(bars.T.copy(), times, self._axes.assets(several))

    def _read_fields(
        self, assets: tuple[Asset, ...], fields: tuple[str, ...], bar_count: int, frequency: str
    ) -> list[Floats]:
        windows = (make_window((assets, name, bar_count, frequency, None)) for name in fields)
        return [self._portal.history(window, self.row, self.session) for window in windows]

    @overload
    def statistic(
        self, name: str, assets: Asset, field: str, bar_count: int, frequency: str
    ) -> float: ...

    @overload
    def statistic(
        self, name: str, assets: Iterable[Asset], field: str, bar_count: int, frequency: str
    ) -> Floats: ...

    def statistic(
        self, name: str, assets: Assets, field: str, bar_count: int, frequency: str
    ) -> float | Floats:
        """Return a statistic of the last bars, the current one included, adjusted as seen from now.

        It equals, to the last bit, what NumPy gives for a window of that asset alone. With the
        windows layer it is computed once for all bars and then looked up, which pays off when
        many backtests need it, as in a sweep.

        Parameters
        ----------
        name
            One of mean, std (of the population, as NumPy's), sum, min, max, return (the last
            over the first, less 1).
        assets
            One asset, or several.
        field, bar_count, frequency
            The window, as for `history`.

        Returns
        -------
        float or (n_assets,) ndarray
            Read-only; NaN where a window has one.

        Raises
        ------
        HistoryWindowStartsBeforeData
            When the bundle does not reach back that far.
        """
        several = (assets,) if isinstance(assets, Asset) else tuple(assets)
        window = make_window((several, field, bar_count, frequency, name))
        values = self._portal.statistic(window, self.row, self.session)
        return float(values[0]) if isinstance(assets, Asset) else values

    def can_trade(self, assets: Assets) -> bool | pd.Series:
        """Return whether each asset is alive and has a known price."""
        return map_assets(self._axes, assets, self._can_trade)

    def _can_trade(self, asset: Asset) -> bool:
        price = self._portal.price(asset, self.row, self.session)
        if any(each.is_restricted(asset, self.current_dt) for each in self._restrictions):
            return False
        return self._alive(asset) and not np.isnan(price)

    def is_stale(self, assets: Assets) -> bool | pd.Series:
        """Return whether each asset is alive and traded before, but not in this bar."""
        return map_assets(self._axes, assets, self._is_stale)

    def _is_stale(self, asset: Asset) -> bool:
        return self._alive(asset) and 0 <= self._find_last_trade(asset) < self.row

    def _alive(self, asset: Asset) -> bool:
        first, last = self._portal.life(asset)
        return first <= self.session <= last


def _check_return_type(return_type: str) -> None:
    if return_type != "dataframe":
        raise UsageError(f"return_type is {return_type!r}; choose 'dataframe' or 'array'")
