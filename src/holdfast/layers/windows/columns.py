"""Layer 2: what windows are views of: columns of the whole bundle, made once and remembered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.bars import Floats
from holdfast.data.plain_portal import DataPortal
from holdfast.data.portal import FIELDS, check_assets
from holdfast.data.statistics import check_statistic, of_windows
from holdfast.layers.windows.cache import Assets, Columns, Key, WindowMemory
from holdfast.layers.windows.day_so_far import day_so_far

#: Assets, field, bars of a window, frequency, and the statistic of the windows or "" for none.
Wanted = tuple[Assets, str, int, str, str]


class ColumnStore:
    """Finds columns in the memory, or lets the plain part make them.

    Parameters
    ----------
    plain
        The plain part.
    version
        SHA-256 of the bundle's content: another content is another memory.
    memory
        Where columns are kept between runs.

    Attributes
    ----------
    at_hand : dict
        The columns that this run found last, by what was wanted.
    """

    def __init__(self, plain: DataPortal, version: str, memory: WindowMemory) -> None:
        self._plain, self._version, self._memory = plain, version, memory
        self.finest = "1m" if plain.minute_mode else "1d"
        self.at_hand: dict[Wanted, Columns] = {}
        self._forgotten = memory.forgotten
        # Columns that were made and forgotten in the same run are not made again: a strategy
        # that walks through more windows than there is room for is better off without.
        self._made_once: set[tuple[Key, int]] = set()

    def find(self, wanted: Wanted, row: int, session: int) -> Columns | None:
        """Return columns that hold at `session`; None where the plain part serves better."""
        assets, field, bar_count, frequency, statistic = wanted
        check_assets(assets)
        if statistic:
            check_statistic(statistic)
        if not self._can_remember(field, bar_count, frequency, row):
            return None
        if self._forgotten != self._memory.forgotten:
            # What the memory let go must not be held here: its limit counts.
            self.at_hand.clear()
            self._forgotten = self._memory.forgotten
        since, until = self._epoch(assets, session)
        # Windows of any length are views of the same columns; a statistic's are its own.
        what = f"{statistic} of {bar_count} {field}" if statistic else field
        key = (self._version, assets, what, frequency, since)
        columns = self._memory.get(key, bar_count)
        if columns is None:
            columns = self._made(key, wanted, row, session, until)
        if columns is not None:
            self.at_hand[wanted] = columns
        return columns

    def _can_remember(self, field: str, bar_count: int, frequency: str, row: int) -> bool:
        """Whether the plain part would answer; otherwise it is left to raise its error."""
        known = frequency == self.finest or (self._plain.minute_mode and frequency == "1d")
        stop = row + 1 if frequency == self.finest else self._plain.session_of(row) + 1
        return known and field in FIELDS and row >= 0 and 1 <= bar_count <= stop

    def _epoch(self, assets: Assets, session: int) -> tuple[int, float]:
        """Return the sessions around `session` that see the same adjustments of `assets`."""
        since, until = 0, float("inf")
        for asset in assets:
            factors = self._plain.adjustments.factors(asset.sid)
            for effective in () if factors is None else factors.sessions.tolist():
                if effective <= session:
                    since = max(since, effective)
                else:
                    until = min(until, effective)
        return since, until

    def _made(
        self, key: Key, wanted: Wanted, row: int, session: int, until: float
    ) -> Columns | None:
        assets, field, bar_count, frequency, statistic = wanted
        self._memory.made += 1
        once = (key, bar_count)
        if once in self._made_once or not self._memory.has_room(self._size(wanted)):
            return None
        self._made_once.add(once)
        if statistic:
            bars = self.find((assets, field, bar_count, frequency, ""), row, session)
            if bars is None or not bars.plain:
                return None
            values = of_windows(statistic, bars.values, bar_count)
            columns = Columns(values, bars.since, until, fills=False)
        else:
            columns = self._bars(assets, field, frequency, key[-1], until)
        self._memory.put(key, bar_count, columns)
        return columns

    def _size(self, wanted: Wanted) -> int:
        assets, _, _, frequency, _ = wanted
        sessions = self._plain.sessions
        n_minutes = len(sessions.minutes) if self._plain.minute_mode else 0
        n_rows = n_minutes if frequency == "1m" else len(sessions) + n_minutes
        return n_rows * len(assets) * 8

    def _bars(
        self, assets: Assets, field: str, frequency: str, since: int, until: float
    ) -> Columns:
        """Let the plain part make one window of the whole bundle."""
        sessions = self._plain.sessions
        grid = sessions.minutes if self._plain.minute_mode else sessions.labels
        n_rows = len(sessions) if frequency == "1d" else len(grid)
        values = self._plain.history(assets, field, n_rows, frequency, len(grid) - 1, since)
        unlike = today = None
        if field == "price":
            flags = [self._unlike(asset, frequency, n_rows, since) for asset in assets]
            unlike = np.logical_or.reduce(flags)
            unlike = unlike if unlike.any() else None
        if frequency != self.finest:
            today = np.column_stack([self._today(asset, field) for asset in assets])
        return Columns(values, since, until, field == "price", unlike, today)

    def _unlike(self, asset: Asset, frequency: str, n_rows: int, since: int) -> NDArray[np.bool_]:
        """Rows without a bar whose price comes from before an adjustment."""
        factors = self._plain.adjustments.factors(asset.sid)
        taken = [] if factors is None else factors.sessions[factors.sessions <= since].tolist()
        if not taken:
            return np.zeros(n_rows, dtype=bool)
        first_minutes = self._plain.sessions.first_minutes
        begins = taken[-1] if frequency == "1d" else first_minutes[taken[-1]]
        missing = np.isnan(self._plain.bars[frequency].window(asset, "close", 0, n_rows))
        source = np.maximum.accumulate(np.where(missing, -1, np.arange(n_rows)))
        unlike: NDArray[np.bool_] = missing & (source >= 0) & (source < begins)
        return unlike

    def _today(self, asset: Asset, field: str) -> Floats:
        name, sessions = "close" if field == "price" else field, self._plain.sessions
        minutes = self._plain.bars["1m"].window(asset, name, 0, len(sessions.minutes))
        return day_so_far(minutes, name, sessions)
