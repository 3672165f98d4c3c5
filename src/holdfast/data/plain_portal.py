"""The plain portal: adjusted as of now, forward-filled, never ahead, read anew at each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import Bars, Floats
from holdfast.data.portal import FIELDS, check_assets
from holdfast.data.sessions import Sessions
from holdfast.data.statistics import check_statistic, of_windows
from holdfast.errors import HistoryWindowStartsBeforeData, UsageError

_ADJUSTED_DECIMALS = 3  # what Zipline rounds a window to; bars as they traded stay as they are


class DataPortal:
    """Reads bars anew at each call.

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
        if not first <= self.session_of(row) <= last:
            return float("nan")
        return self.last_price(asset, row, session)

    def last_price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted, also after the asset's end."""
        at = self._now.last_row(asset, row)
        if at < 0:
            return float("nan")
        close = self._now.value(asset, "close", at)
        factors = self.adjustments.factors(asset.sid)
        if factors is not None:
            since = (factors.sessions > self.session_of(at)) & (factors.sessions <= session)
            close *= float(np.prod(factors.prices[since]))
        return close

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

    def history(
        self,
        assets: Sequence[Asset],
        field: str,
        bar_count: int,
        frequency: str,
        row: int,
        session: int,
    ) -> Floats:
        """Return the last `bar_count` bars of a field, as seen from `session`.

        Parameters
        ----------
        assets
            In the order of the columns wanted.
        field
            One of open, high, low, close, volume, price; price is close, forward-filled.
        bar_count
            How many bars, the current one included.
        frequency
            ``1d`` or ``1m``; in minute mode the last ``1d`` bar is the day so far.
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
            When a minute window is asked for in daily mode, or an argument is wrong.
        """
        check_assets(assets)
        stop = self._stop(frequency, row)
        first = stop - bar_count
        self.check_window(field, bar_count, frequency, first)
        out = np.empty((bar_count, len(assets)))
        for column, asset in enumerate(assets):
            out[:, column] = self._column(asset, field, first, stop, frequency, row, session)
        out.flags.writeable = False
        return out

    def statistic(
        self,
        name: str,
        assets: Sequence[Asset],
        field: str,
        bar_count: int,
        frequency: str,
        row: int,
        session: int,
    ) -> Floats:
        """Return a statistic of what `history` returns.

        Parameters
        ----------
        name
            One of ``holdfast.data.statistics.STATISTICS``.
        assets, field, bar_count, frequency, row, session
            The window.

        Returns
        -------
        (n_assets,) float64
            Read-only.

        Raises
        ------
        HistoryWindowStartsBeforeData
            When the bundle does not reach back that far.
        UsageError
            When an argument is wrong.
        """
        check_statistic(name)
        window = self.history(assets, field, bar_count, frequency, row, session)
        answer: Floats = of_windows(name, window, bar_count)[0]
        return answer

    def check_window(self, field: str, bar_count: int, frequency: str, first: int) -> None:
        """Raise the error for a window that cannot be had; `first` is its first row."""
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

    def _stop(self, frequency: str, row: int) -> int:
        """One past the last row of a window that ends at `row` of the run's own grid."""
        if frequency == "1d" and self.minute_mode:
            return self.session_of(row) + 1
        return row + 1

    def _column(
        self,
        asset: Asset,
        field: str,
        first: int,
        stop: int,
        frequency: str,
        row: int,
        session: int,
    ) -> Floats:
        name = "close" if field == "price" else field
        bars = self.bars[frequency]
        if frequency == "1d" and self.minute_mode:
            values = np.append(
                bars.window(asset, name, first, stop - 1), self._day_so_far(asset, name, row)
            )
        else:
            values = bars.window(asset, name, first, stop)
        adjusted = self._adjust(values, asset, name, first, frequency, session)
        if adjusted:
            values[:adjusted] = values[:adjusted].round(_ADJUSTED_DECIMALS)
        if field == "price":
            self._fill_forward(values, asset, first, frequency, session)
        return values

    def _day_so_far(self, asset: Asset, field: str, row: int) -> float:
        start = int(self.sessions.first_minutes[self.session_of(row)])
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
        adjusted = 0
        factors = self.adjustments.factors(asset.sid)
        if factors is None:
            return adjusted
        by_field = factors.volumes if field == "volume" else factors.prices
        for effective, factor in zip(factors.sessions.tolist(), by_field.tolist(), strict=True):
            begins = effective
            if frequency == "1m":
                begins = int(self.sessions.first_minutes[effective])
            if effective <= session and begins > first:
                adjusted = begins - first
                values[:adjusted] *= factor
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
        at = bars.last_row(asset, first - 1)
        if at < 0:
            return float("nan")
        close = np.array([bars.value(asset, "close", at)])
        self._adjust(close, asset, "close", at, frequency, session)
        return float(close[0])

    def session_of(self, row: int) -> int:
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
