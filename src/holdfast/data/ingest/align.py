"""Puts arranged bars on the grid of a calendar, and aggregates daily bars from minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data.bars import STORED_FIELDS, Floats
from holdfast.data.ingest.arrange import Arranged, Integers
from holdfast.data.ingest.checks import OFF_CALENDAR, TWICE
from holdfast.data.ingest.faults import Fault
from holdfast.data.ingest.spool import Spool
from holdfast.data.ingest.workspace import Workspace
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE, Sessions

_LONG = {"sid": np.int32, "row": np.int64, **dict.fromkeys(STORED_FIELDS, np.float64)}


@dataclass(frozen=True, slots=True)
class LongTable:
    """Bars in long format, sorted by asset and time.

    Parameters
    ----------
    sids : (n,) int32
        Which asset each bar belongs to.
    rows : (n,) int64
        Which session (daily) or minute (minute) of the calendar each bar is.
    values : dict of (n,) float64
        One column per field.
    """

    sids: NDArray[np.int32]
    rows: Integers
    values: dict[str, Floats]


class StoredTable:
    """Bars of one frequency on disk, sorted by asset and time.

    Attributes
    ----------
    spool : Spool
        Columns sid, row and the fields, as of `LongTable`.
    """

    def __init__(self, spool: Spool, n_assets: int) -> None:
        self.spool = spool
        self._counts = np.zeros(n_assets, dtype=np.int64)
        self._stops: Integers | None = None

    def append(self, table: LongTable) -> None:
        """Add the bars of assets that come after those it has."""
        self.spool.append({"sid": table.sids, "row": table.rows, **table.values})
        self._counts += np.bincount(table.sids, minlength=len(self._counts))
        self._stops = None

    def read_asset(self, name: str, sid: int) -> NDArray[np.float64] | Integers:
        """Return a column of one asset's bars, in order of time."""
        first, stop = self._find_bounds(sid)
        return self.spool.read(name, first, stop)

    def find_span(self, sid: int) -> tuple[int, int]:
        """Return the rows of the grid of an asset's first and last bar."""
        first, stop = self._find_bounds(sid)
        rows = [self.spool.read("row", at, at + 1) for at in (first, stop - 1)]
        return int(rows[0][0]), int(rows[1][0])

    def _find_bounds(self, sid: int) -> tuple[int, int]:
        if self._stops is None:
            self._stops = np.cumsum(self._counts)
        stop = int(self._stops[sid])
        return stop - int(self._counts[sid]), stop


@dataclass(frozen=True, slots=True)
class Grid:
    """The times of a calendar's bars.

    Parameters
    ----------
    sessions
        From the first to the last bar.
    frequency
        ``daily`` or ``minute``.
    times : (n,) int64
        Nanoseconds since 1970 UTC.
    """

    sessions: Sessions
    frequency: str
    times: Integers

    @classmethod
    def of(cls, sessions: Sessions, frequency: str) -> Grid:
        """Return the grid of a calendar's sessions."""
        if frequency == "daily":
            times = sessions.labels.astype("datetime64[ns]").astype(np.int64)
        else:
            times = sessions.minutes * NANOSECONDS_PER_MINUTE
        return cls(sessions, frequency, times)


def align_to_calendar(bars: Arranged, grid: Grid, workspace: Workspace) -> dict[str, StoredTable]:
    """Return the tables of a bundle, by frequency: of minutes there is a daily one, too.

    Parameters
    ----------
    bars
        Of all assets; their room on disk is given back.
    grid
        Of the calendar.
    workspace
        With room for another copy of them.

    Raises
    ------
    BadBars
        When two bars are of one time, or one falls on a day or minute that the calendar lacks.
    """
    names = ("1d",) if grid.frequency == "daily" else ("1m", "1d")
    tables = {name: StoredTable(workspace.open_spool(_LONG), len(bars.symbols)) for name in names}
    for first, stop in bars.read_groups():
        workspace.progress(f"placing bar {first:,} of {bars.spool.length:,} on the calendar")
        group = _Group.read(bars, first, stop)
        rows, faults = _find_rows(group, grid)
        for fault in faults:
            workspace.faults.add(fault)
        if not faults:
            table = LongTable(group.sids, rows, group.read_values())
            tables[names[0]].append(table)
            if len(names) > 1:
                tables["1d"].append(aggregate_daily(table, grid.sessions))
    workspace.faults.raise_found()
    bars.spool.close()
    return tables


@dataclass(frozen=True, slots=True)
class _Group:
    """The bars of a few assets, sorted by asset and time; `order` is None where they were."""

    bars: Arranged
    first: int
    stop: int
    order: Integers | None
    sids: NDArray[np.int32]
    times: Integers

    @classmethod
    def read(cls, bars: Arranged, first: int, stop: int) -> _Group:
        """Read and sort the assets and times of rows ``first:stop``."""
        sids, times = (bars.spool.read(name, first, stop) for name in ("sid", "time"))
        if not ((times[1:] < times[:-1]) & (sids[1:] == sids[:-1])).any():
            return cls(bars, first, stop, None, sids, times)
        order = np.lexsort((times, sids))  # of equal times the first comes first
        return cls(bars, first, stop, order, sids, times[order])

    def read_values(self) -> dict[str, Floats]:
        """Read the fields, in the same order."""
        read, order = self.bars.spool.read, self.order
        values = {name: read(name, self.first, self.stop) for name in STORED_FIELDS}
        if order is None:
            return values
        return {name: column[order] for name, column in values.items()}

    def find_first(self, wrong: NDArray[np.bool_]) -> tuple[int, int]:
        """Return which wrong bar came first, as a position in the group, and its input row."""
        rows = self.bars.number_rows(self.first, self.stop)
        if self.order is not None:
            rows = rows[self.order]
        found = np.flatnonzero(wrong)
        at = int(found[rows[found].argmin()])
        return at, int(rows[at])


def _find_rows(group: _Group, grid: Grid) -> tuple[Integers, list[Fault]]:
    """Return the row of the grid of each bar, and what is wrong with them."""
    sids, times = group.sids, group.times
    rows = np.minimum(np.searchsorted(grid.times, times), len(grid.times) - 1)
    twice = np.zeros(len(times), dtype=bool)
    twice[1:] = (times[1:] == times[:-1]) & (sids[1:] == sids[:-1])
    outside = grid.times[rows] != times
    found = [(rank, wrong) for rank, wrong in ((TWICE, twice), (OFF_CALENDAR, outside))]
    return rows, [_make_fault(group, grid, *one) for one in found if one[1].any()]


def _make_fault(group: _Group, grid: Grid, rank: int, wrong: NDArray[np.bool_]) -> Fault:
    at, row = group.find_first(wrong)
    moment = np.datetime64(int(group.times[at]), "ns")
    why = "a second bar for the same time (drop one)"
    if rank == OFF_CALENDAR:
        why = _describe_mismatch(moment, grid.sessions, grid.frequency)
    symbol = group.bars.symbols[group.sids[at]]
    return Fault(rank, row, symbol, pd.Timestamp(moment), None, why, int(wrong.sum()))


def _describe_mismatch(moment: np.datetime64, sessions: Sessions, frequency: str) -> str:
    date = moment.astype("datetime64[D]")
    row = sessions.find_row(date)
    if row is None:
        return (
            f"the calendar {sessions.calendar} has no session on {date} "
            f"(drop the row, or name the calendar the asset trades on)"
        )
    if frequency == "daily":
        return "a daily bar carries a date, not a time of day (use frequency='minute'?)"
    first, last = sessions.opens[row] + 1, sessions.closes[row]
    hours = " to ".join(str(np.datetime64(int(minute), "m")) for minute in (first, last))
    return (
        f"it is not a minute of {sessions.calendar}, whose minutes that day are {hours} UTC "
        f"(minutes are labelled by their end, in UTC)"
    )


def aggregate_daily(table: LongTable, sessions: Sessions) -> LongTable:
    """Return one bar per asset and session, aggregated from minute bars."""
    days = sessions.session_of_minute[table.rows]
    new_day = np.flatnonzero(np.diff(days, prepend=-1) | np.diff(table.sids, prepend=-1))
    ends = np.append(new_day[1:], len(days)) - 1
    columns = table.values
    values = {
        "open": columns["open"][new_day],
        "high": np.maximum.reduceat(columns["high"], new_day),
        "low": np.minimum.reduceat(columns["low"], new_day),
        "close": columns["close"][ends],
        "volume": np.add.reduceat(columns["volume"], new_day),
    }
    return LongTable(table.sids[new_day], days[new_day], values)
