"""Layer 2: windows are views of columns that were made once, and remembered between runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import Floats
from holdfast.data.plain_portal import DataPortal
from holdfast.data.sessions import Sessions
from holdfast.layers.windows.cache import Columns, WindowMemory
from holdfast.layers.windows.columns import ColumnStore


class RememberedWindows:
    """Answers with views of remembered columns; the plain portal makes them, once.

    Parameters
    ----------
    portal
        The plain part.
    version
        SHA-256 of the bundle's content: another content is another memory.
    memory
        Where columns are kept between runs.
    """

    def __init__(self, portal: DataPortal, version: str, memory: WindowMemory) -> None:
        self._plain, self._memory = portal, memory
        self._store = ColumnStore(portal, version, memory)
        self._at_hand = self._store.at_hand
        self.sessions: Sessions = portal.sessions
        self.adjustments: Adjustments = portal.adjustments
        self.minute_mode = portal.minute_mode

    def history(
        self,
        assets: Sequence[Asset],
        field: str,
        bar_count: int,
        frequency: str,
        row: int,
        session: int,
    ) -> Floats:
        """Return the last `bar_count` bars, shape (bar_count, n_assets), read-only.

        See Also
        --------
        holdfast.data.plain_portal.DataPortal.history
        """
        self._memory.asked += 1
        wanted = (tuple(assets), field, bar_count, frequency, "")
        columns = self._at_hand.get(wanted)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._store.find(wanted, row, session)
        if columns is not None:
            first = row + 1 - bar_count
            if columns.plain and first >= 0:
                return columns.values[first : row + 1]  # the common case
            window = self._special_window(columns, bar_count, row, session)
            if window is not None:
                return window
        return self._plain.history(assets, field, bar_count, frequency, row, session)

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
        """Return a statistic of the last `bar_count` bars, shape (n_assets,), read-only.

        See Also
        --------
        holdfast.data.plain_portal.DataPortal.statistic
        """
        self._memory.asked += 1
        wanted = (tuple(assets), field, bar_count, frequency, name)
        columns = self._at_hand.get(wanted)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._store.find(wanted, row, session)
        first = row + 1 - bar_count
        if columns is not None and first >= 0:
            answer: Floats = columns.values[first]
            return answer
        return self._plain.statistic(name, assets, field, bar_count, frequency, row, session)

    def price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted; NaN when the asset is not alive."""
        columns = self._prices_of(asset, row, session)
        # Before the market opens, the last bar is seen across the day's adjustments.
        at_hand = columns is not None and row >= 0 and self._plain.session_of(row) == session
        if columns is None or not at_hand or _is_unlike(columns, row):
            return self._plain.price(asset, row, session)
        return float(columns.values[row, 0])

    def last_price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted, also after the asset's end."""
        price = self.price(asset, row, session)
        return price if price == price else self._plain.last_price(asset, row, session)

    def closes(self, asset: Asset, sessions: NDArray[np.int64]) -> Floats:
        """Return `last_price` as each of some sessions ends, shape (n_sessions,)."""
        rows = self._plain.last_rows(sessions)
        columns = self._prices_of(asset, int(rows[-1]), int(sessions[-1]))
        if columns is None or not columns.plain or sessions[0] < columns.since:
            ends = zip(rows.tolist(), sessions.tolist(), strict=True)
            return np.array([self.last_price(asset, row, session) for row, session in ends])
        closes: Floats = columns.values[rows, 0]
        gone = np.isnan(closes)
        if gone.any():
            closes[gone] = self._plain.closes(asset, sessions[gone])
        return closes

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of the bar at `row`; no bar is NaN, or 0 for volume."""
        return self._plain.value(asset, field, row)

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` with a bar, -1 when there is none."""
        return self._plain.last_row(asset, row)

    def life(self, asset: Asset) -> tuple[int, int]:
        """Return the sessions of the asset's first and last bar."""
        return self._plain.life(asset)

    def _prices_of(self, asset: Asset, row: int, session: int) -> Columns | None:
        wanted = ((asset,), "price", 1, self._store.finest, "")
        columns = self._at_hand.get(wanted)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._store.find(wanted, row, session)
        return columns

    def _special_window(
        self, columns: Columns, bar_count: int, row: int, session: int
    ) -> Floats | None:
        """Return a window that is no simple view; None where only the plain part knows."""
        if columns.today is not None:
            return self._window_with_today(columns, bar_count, row, session)
        first = row + 1 - bar_count
        return None if first < 0 or _is_unlike(columns, first) else columns.values[first : row + 1]

    def _window_with_today(
        self, columns: Columns, bar_count: int, row: int, session: int
    ) -> Floats | None:
        """Daily bars and the day so far; None where only the plain part knows."""
        today = columns.today
        now = self._plain.session_of(row)
        first = now + 1 - bar_count
        if today is None or row < 0 or first < 0 or now != session:
            return None
        if _is_unlike(columns, first) or (columns.fills and np.isnan(today[row]).any()):
            return None
        window = np.empty((bar_count, today.shape[1]))
        window[:-1] = columns.values[first:now]
        window[-1] = today[row]
        window.flags.writeable = False
        return window


def _is_unlike(columns: Columns, row: int) -> bool:
    return columns.unlike is not None and bool(columns.unlike[row])
