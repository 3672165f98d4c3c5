"""When scheduled functions run: date rules pick sessions, time rules a minute in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.data.sessions import Sessions
from holdfast.errors import UsageError

_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(hours=12)
_MOST_DAYS = {"week": 5, "month": 23}


@dataclass(frozen=True, slots=True)
class DateRule:
    """Picks the sessions that are `offset` sessions from an edge of their week or month.

    Parameters
    ----------
    edge
        A field of ``Sessions``, such as ``after_month_start``; None for every session.
    offset
        Sessions between the edge and the one that is picked.
    """

    edge: str | None = None
    offset: int = 0

    def picks(self, sessions: Sessions) -> NDArray[np.bool_]:
        """Return which sessions are picked, shape (n_sessions,)."""
        if self.edge is None:
            return np.ones(len(sessions), dtype=bool)
        picked: NDArray[np.bool_] = getattr(sessions, self.edge) == self.offset
        return picked


@dataclass(frozen=True, slots=True)
class TimeRule:
    """Picks one minute of a session.

    Parameters
    ----------
    after_open, before_close
        Minutes from one edge of the session; both None for its first minute.
    """

    after_open: int | None = None
    before_close: int | None = None

    def minute(self, sessions: Sessions, session: int) -> int:
        """Return the minute, since 1970; it need not be one of the session's minutes."""
        if self.before_close is not None:
            return int(sessions.closes[session]) - self.before_close
        return int(sessions.opens[session]) + (self.after_open or 1)


class calendars:  # noqa: N801 - Zipline's name
    """The calendars that ``schedule_function(calendar=...)`` knows."""

    US_EQUITIES = "US_EQUITIES"
    US_FUTURES = "US_FUTURES"


class date_rules:  # noqa: N801 - Zipline's name
    """The days on which a scheduled function runs."""

    @staticmethod
    def every_day() -> DateRule:
        """Run every session."""
        return DateRule()

    @staticmethod
    def week_start(days_offset: int = 0) -> DateRule:
        """Run `days_offset` sessions after the first of each week."""
        return _date_rule("week", "after_week_start", days_offset)

    @staticmethod
    def week_end(days_offset: int = 0) -> DateRule:
        """Run `days_offset` sessions before the last of each week."""
        return _date_rule("week", "before_week_end", days_offset)

    @staticmethod
    def month_start(days_offset: int = 0) -> DateRule:
        """Run `days_offset` sessions after the first of each month."""
        return _date_rule("month", "after_month_start", days_offset)

    @staticmethod
    def month_end(days_offset: int = 0) -> DateRule:
        """Run `days_offset` sessions before the last of each month."""
        return _date_rule("month", "before_month_end", days_offset)


class time_rules:  # noqa: N801 - Zipline's name
    """The time of day at which a scheduled function runs; daily mode has only one bar."""

    @staticmethod
    def market_open(offset: timedelta | None = None, **parts: float) -> TimeRule:
        """Run at an offset after the open, given as such or by ``hours=`` and ``minutes=``."""
        return TimeRule(after_open=_minutes(offset, parts))

    @staticmethod
    def market_close(offset: timedelta | None = None, **parts: float) -> TimeRule:
        """Run at an offset before the close, given as such or by ``hours=`` and ``minutes=``."""
        return TimeRule(before_close=_minutes(offset, parts))

    @staticmethod
    def every_minute() -> TimeRule:
        """Run at the first minute: a scheduled function runs once a day."""
        return TimeRule()


@dataclass(slots=True)
class Schedule:
    """Which functions run at which bar.

    Attributes
    ----------
    due : dict of int to list of callable
        By row of the bar.
    """

    sessions: Sessions
    minute_mode: bool
    due: dict[int, list[Callable[[Any, Any], object]]] = field(default_factory=dict)

    def add(
        self,
        function: Callable[[Any, Any], object],
        date_rule: DateRule,
        time_rule: TimeRule,
        half_days: bool = True,
    ) -> None:
        """Run `function` on the sessions and at the minute that the rules pick.

        Parameters
        ----------
        function
            Called with ``context, data`` after handle_data.
        date_rule, time_rule
            In daily mode the time rule has no effect.
        half_days
            Whether it also runs on sessions that close early.
        """
        picked = date_rule.picks(self.sessions)
        if not half_days:
            picked &= ~self.sessions.half_days
        rows = np.flatnonzero(picked)
        if self.minute_mode:
            wanted = [time_rule.minute(self.sessions, row) for row in rows.tolist()]
            rows = self._find_rows(np.array(wanted, dtype=np.int64))
        for row in rows.tolist():
            self.due.setdefault(row, []).append(function)

    def _find_rows(self, minutes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of those minutes that exist; a half day closes before some of them."""
        grid = self.sessions.minutes
        rows = np.minimum(np.searchsorted(grid, minutes), len(grid) - 1)
        exist: NDArray[np.int64] = rows[grid[rows] == minutes]
        return exist


def _date_rule(period: str, edge: str, days_offset: int) -> DateRule:
    if not 0 <= days_offset < _MOST_DAYS[period] or days_offset != int(days_offset):
        raise UsageError(
            f"days_offset is {days_offset}; in a {period} it must be a whole number "
            f"from 0 to {_MOST_DAYS[period] - 1}"
        )
    return DateRule(edge, int(days_offset))


def _minutes(offset: timedelta | None, parts: dict[str, float]) -> int:
    if offset is not None and parts:
        raise UsageError("give either an offset or hours= and minutes=, not both")
    given = timedelta(**parts) if parts else offset or _SHORTEST
    if not _SHORTEST <= given <= _LONGEST:
        raise UsageError(f"the offset is {given}; it must be from one minute to twelve hours")
    return int(given.total_seconds() // 60)
