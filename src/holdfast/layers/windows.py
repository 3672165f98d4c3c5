"""Layer 2: windows are views of columns that were made once, and remembered between runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import Floats
from holdfast.data.portal import FIELDS, DataPortal, check_assets
from holdfast.data.sessions import Sessions
from holdfast.layers.day_so_far import day_so_far
from holdfast.layers.window_memory import Assets, Columns, Key, WindowMemory


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
        self._plain, self._version, self._memory = portal, version, memory
        self.sessions: Sessions = portal.sessions
        self.adjustments: Adjustments = portal.adjustments
        self.minute_mode = portal.minute_mode
        self._finest = "1m" if portal.minute_mode else "1d"
        self._at_hand: dict[tuple[Assets, str, int, str], Columns] = {}
        self._prices: dict[int, Columns] = {}
        self._forgotten = memory.forgotten
        # Columns that were made and forgotten in the same run are not made again: a strategy
        # that walks through more windows than there is room for is better off without.
        self._made_once: set[tuple[Key, int]] = set()

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
        holdfast.data.portal.DataPortal.history
        """
        self._memory.asked += 1
        key = (tuple(assets), field, bar_count, frequency)
        columns = self._at_hand.get(key)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._remembered(*key, row, session)
        if columns is not None:
            first = row + 1 - bar_count
            if columns.today is None and columns.unlike is None and first >= 0:
                return columns.values[first : row + 1]  # the common case
            window = self._special_window(columns, bar_count, row, session)
            if window is not None:
                return window
        return self._plain.history(assets, field, bar_count, frequency, row, session)

    def price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, adjusted; NaN when the asset is not alive."""
        columns = self._prices_of(asset, row, session)
        # Before the market opens, the last bar is seen across the day's adjustments.
        at_hand = columns is not None and row >= 0 and self._session_of(row) == session
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
        if columns is None or columns.unlike is not None or sessions[0] < columns.since:
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
        columns = self._prices.get(asset.sid)
        if columns is None or not columns.since <= session < columns.until:
            columns = self._remembered((asset,), "price", 1, self._finest, row, session)
            if columns is not None:
                self._prices[asset.sid] = columns
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
        now = self._session_of(row)
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

    def _can_remember(self, field: str, bar_count: int, frequency: str, row: int) -> bool:
        """Whether the plain part would answer; otherwise it is left to raise its error."""
        known = frequency == self._finest or (self.minute_mode and frequency == "1d")
        stop = row + 1 if frequency == self._finest else self._session_of(row) + 1
        return known and field in FIELDS and row >= 0 and 1 <= bar_count <= stop

    def _remembered(
        self, assets: Assets, field: str, bar_count: int, frequency: str, row: int, session: int
    ) -> Columns | None:
        """Return columns, made when they must be; None where the plain part serves better."""
        check_assets(assets)
        if not self._can_remember(field, bar_count, frequency, row):
            return None
        if self._forgotten != self._memory.forgotten:
            # What the memory let go must not be held here: its limit counts.
            self._at_hand.clear()
            self._prices.clear()
            self._forgotten = self._memory.forgotten
        since, until = self._epoch(assets, session)
        key = (self._version, assets, field, frequency, since)
        columns = self._memory.get(key, bar_count)
        if columns is None:
            self._memory.made += 1
            once = (key, bar_count)
            if once in self._made_once or not self._memory.has_room(self._size(*key[1:4])):
                return None
            self._made_once.add(once)
            columns = self._made(assets, field, frequency, since, until)
            self._memory.put(key, bar_count, columns)
        self._at_hand[assets, field, bar_count, frequency] = columns
        return columns

    def _size(self, assets: Assets, field: str, frequency: str) -> int:
        n_minutes = len(self.sessions.minutes) if self.minute_mode else 0
        n_rows = n_minutes if frequency == "1m" else len(self.sessions) + n_minutes
        return n_rows * len(assets) * 8

    def _epoch(self, assets: Assets, session: int) -> tuple[int, float]:
        """Return the sessions around `session` that see the same adjustments of `assets`."""
        since, until = 0, float("inf")
        for asset in assets:
            factors = self.adjustments.factors(asset.sid)
            for effective in () if factors is None else factors.sessions.tolist():
                if effective <= session:
                    since = max(since, effective)
                else:
                    until = min(until, effective)
        return since, until

    def _made(
        self, assets: Assets, field: str, frequency: str, since: int, until: float
    ) -> Columns:
        """Let the plain part make one window of the whole bundle."""
        grid = self.sessions.minutes if self.minute_mode else self.sessions.labels
        n_rows = len(self.sessions) if frequency == "1d" else len(grid)
        values = self._plain.history(assets, field, n_rows, frequency, len(grid) - 1, since)
        unlike = today = None
        if field == "price":
            flags = [self._unlike(asset, frequency, n_rows, since) for asset in assets]
            unlike = np.logical_or.reduce(flags)
            unlike = unlike if unlike.any() else None
        if frequency != self._finest:
            today = np.column_stack([self._today(asset, field) for asset in assets])
        return Columns(values, since, until, field == "price", unlike, today)

    def _unlike(self, asset: Asset, frequency: str, n_rows: int, since: int) -> NDArray[np.bool_]:
        """Rows without a bar whose price comes from before an adjustment."""
        factors = self.adjustments.factors(asset.sid)
        taken = [] if factors is None else factors.sessions[factors.sessions <= since].tolist()
        if not taken:
            return np.zeros(n_rows, dtype=bool)
        begins = taken[-1] if frequency == "1d" else self.sessions.first_minutes[taken[-1]]
        missing = np.isnan(self._plain.bars[frequency].window(asset, "close", 0, n_rows))
        source = np.maximum.accumulate(np.where(missing, -1, np.arange(n_rows)))
        unlike: NDArray[np.bool_] = missing & (source >= 0) & (source < begins)
        return unlike

    def _today(self, asset: Asset, field: str) -> Floats:
        name = "close" if field == "price" else field
        minutes = self._plain.bars["1m"].window(asset, name, 0, len(self.sessions.minutes))
        return day_so_far(minutes, name, self.sessions)

    def _session_of(self, row: int) -> int:
        return int(self.sessions.session_of_minute[row]) if self.minute_mode else row


def _is_unlike(columns: Columns, row: int) -> bool:
    return columns.unlike is not None and bool(columns.unlike[row])
