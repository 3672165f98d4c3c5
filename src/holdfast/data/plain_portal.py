"""The portal without a layer: it reads and adjusts the bars at each call, never ahead of now."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments, as_stored
from holdfast.data.bars import Bars, Floats, last_traded
from holdfast.data.portal import FIELDS, Window, check_assets
from holdfast.data.sessions import Sessions
from holdfast.data.statistics import check_statistic, compute_rolling
from holdfast.errors import HistoryWindowStartsBeforeData, UsageError

ADJUSTED_DECIMALS = 3  # what Zipline rounds a window to; bars as they traded stay as they are


class PlainPortal:
    """Reads bars at each call; nothing is cached.

    Parameters
    ----------
    bars
        By frequency: ``1d``, and ``1m`` when the run is in minute mode.
    sessions, adjustments
        Of the same bundle.
    """

    def __init__(
        self, bars: Mapping[str, Bars], sessions: Sessions, adjustments: Adjustments
    ) -> None:
        self.sessions = sessions
        self.adjustments = adjustments
        self.minute_mode = "1m" in bars
        self.bars = bars
        self._now = bars["1m" if self.minute_mode else "1d"]
        self._lives: dict[int, tuple[int, int]] = {}

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of the bar at `row`; no bar is NaN, or 0 for volume."""
        return self._now.value(asset, field, row)

    def price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted; NaN when the asset is not alive."""
        first, last = self.life(asset)
        if not first <= self.find_session(row) <= last:
            return float("nan")
        return self.last_price(asset, row, session)

    def last_price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted, also after the asset's end.

        As in Zipline, a minute without a close goes back to the last one with volume: a close
        that was only quoted counts at its own minute.
        """
        at = self._now.last_row(asset, row)
        if self.minute_mode and at < row:
            at = last_traded(self._now, asset, at)
        if at < 0:
            return float("nan")
        close = self._now.value(asset, "close", at)
        return close * self.factor(asset, "close", at, session)

    def factor(self, asset: Asset, field: str, row: int, session: int) -> float:
        """Return what the bar at `row` is multiplied by, as seen from `session`."""
        factors = self.adjustments.factors(asset.sid)
        if factors is None:
            return 1.0
        taken = (factors.sessions > self.find_session(row)) & (factors.sessions <= session)
        return float(np.prod((factors.volumes if field == "volume" else factors.prices)[taken]))

    def closes(self, asset: Asset, sessions: NDArray[np.int64]) -> Floats:
        """Return `last_price` as each of some sessions ends, shape (n_sessions,)."""
        ends = zip(self.last_rows(sessions).tolist(), sessions.tolist(), strict=True)
        return np.array([self.last_price(asset, row, session) for row, session in ends])

    def last_rows(self, sessions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each session's last bar, shape (n_sessions,)."""
        return self.sessions.first_minutes[sessions + 1] - 1 if self.minute_mode else sessions

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` with a bar, -1 when there is none."""
        return self._now.last_row(asset, row)

    def history(self, window: Window, row: int, session: int) -> Floats:
        """Return the bars of a window, as seen from `session`.

        Parameters
        ----------
        window
            Its statistic does not matter here.
        row, session
            Now.

        Returns
        -------
        (bar_count, n_assets) float64
            Read-only. No bar is NaN, or 0 for volume.

        Raises
        ------
        HistoryWindowStartsBeforeData
            When the bundle does not reach back that far.
        UsageError
            When a minute window is asked for in daily mode, or the window is not valid.
        """
        assets, field, bar_count, frequency, _ = window
        check_assets(assets)
        partial_day = frequency == "1d" and self.minute_mode
        last = self.find_session(row) if partial_day else row
        first = last + 1 - bar_count
        self._check_window(window, first)
        name = "close" if field == "price" else field
        bars = self.bars[frequency]
        out = np.empty((bar_count, len(assets)))
        for column, asset in enumerate(assets):
            if partial_day:
                values = bars.window(asset, name, first, last)
                values = np.append(values, self._read_partial_day(asset, name, row))
            else:
                values = bars.window(asset, name, first, last + 1)
            adjusted = self._adjust(values, asset, name, first, frequency, session)
            if adjusted:
                values[:adjusted] = values[:adjusted].round(ADJUSTED_DECIMALS)
            if field == "price":
                self._fill_forward(values, asset, first, frequency, session)
            out[:, column] = values
        out.flags.writeable = False
        return out

    def statistic(self, window: Window, row: int, session: int) -> Floats:
        """Return the statistic of what `history` returns.

        Returns
        -------
        (n_assets,) float64
            Read-only.

        Raises
        ------
        HistoryWindowStartsBeforeData
            When the bundle does not reach back that far.
        UsageError
            When the window is not valid, or has no statistic.
        """
        name = check_statistic(window.statistic)
        bars = self.history(window, row, session)
        values: Floats = compute_rolling(name, bars, window.bar_count)[0]
        return values

    def _check_window(self, window: Window, first: int) -> None:
        """Refuse a window that cannot be read; `first` is its first row."""
        _, field, bar_count, frequency, _ = window
        if field not in FIELDS:
            raise UsageError(f"no field {field!r}; choose from {', '.join(FIELDS)}")
        if bar_count < 1:
            raise UsageError(f"bar_count is {bar_count}; at least 1 is needed")
        if frequency not in self.bars:
            raise UsageError(
                f"no history of frequency {frequency!r} in this run; it has "
                f"{' and '.join(sorted(self.bars))} (minute bars need data_frequency='minute')"
            )
        if first < 0:
            raise HistoryWindowStartsBeforeData(
                f"a window of {bar_count} {frequency} bars starts {-first} bars before the "
                f"bundle, which holds {self.sessions.span} (start later, or ingest more bars)"
            )

    def _read_partial_day(self, asset: Asset, field: str, row: int) -> float:
        start = int(self.sessions.first_minutes[self.find_session(row)])
        values = self.bars["1m"].window(asset, field, start, row + 1)
        if field == "volume":
            return float(values.sum())
        known = values[~np.isnan(values)]
        if not len(known):
            return float("nan")
        match field:
            case "open":
                return float(known[0])
            case "high":
                return float(known.max())
            case "low":
                return float(known.min())
            case _:
                return float(known[-1])

    def _adjust(
        self, values: Floats, asset: Asset, field: str, first: int, frequency: str, session: int
    ) -> int:
        """Multiply the bars before each adjustment that has taken effect by `session`.

        Returns
        -------
        int
            How many of the first bars were multiplied.
        """
        factors = self.adjustments.factors(asset.sid)
        if factors is None:
            return 0
        taken = factors.sessions <= session
        begins = factors.sessions[taken]
        begins = (self.sessions.first_minutes[begins] if frequency == "1m" else begins) - first
        if not len(begins) or begins[-1] <= 0:
            return 0
        adjusted = int(begins[-1])
        if field != "volume":
            values[:adjusted] = as_stored(values[:adjusted])
        by_field = factors.volumes if field == "volume" else factors.prices
        for rows, factor in zip(begins.tolist(), by_field[taken].tolist(), strict=True):
            values[: max(rows, 0)] *= factor
        return adjusted

    def _fill_forward(
        self, values: Floats, asset: Asset, first: int, frequency: str, session: int
    ) -> None:
        missing = np.isnan(values)
        if not missing.any():
            return
        if missing[0]:
            values[0] = self._close_before(asset, first, frequency, session)
        known = np.where(np.isnan(values), 0, np.arange(len(values)))
        values[:] = values[np.maximum.accumulate(known)]
        last = self.life(asset)[1]
        end = last + 1 if frequency == "1d" else int(self.sessions.first_minutes[last + 1])
        values[max(end - first, 0) :] = np.nan

    def _close_before(self, asset: Asset, first: int, frequency: str, session: int) -> float:
        bars = self.bars[frequency]
        last = last_traded(bars, asset, bars.last_row(asset, first - 1))
        if last < 0:
            return float("nan")
        close = np.array([bars.value(asset, "close", last)])
        self._adjust(close, asset, "close", last, frequency, session)
        return float(close[0])

    def find_session(self, row: int) -> int:
        """Return the session that a row belongs to."""
        return int(self.sessions.session_of_minute[row]) if self.minute_mode else row

    def life(self, asset: Asset) -> tuple[int, int]:
        """Return the sessions of the asset's first and last bar."""
        life = self._lives.get(asset.sid)
        if life is None:
            dates = np.array([asset.start_date, asset.end_date], dtype="datetime64[D]")
            first, last = np.searchsorted(self.sessions.labels, dates).tolist()
            life = self._lives[asset.sid] = (first, last)
        return life
