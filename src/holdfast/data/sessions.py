"""The trading sessions of a bundle as arrays, so that no calendar is built at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import NotInBundle

Minutes = NDArray[np.int64]
NANOSECONDS_PER_MINUTE = 60_000_000_000
_BEFORE_TRADING, _NEW_YORK = time(8, 45), ZoneInfo("America/New_York")

_STORED = (
    "opens",
    "closes",
    "break_starts",
    "break_ends",
    "after_week_start",
    "before_week_end",
    "after_month_start",
    "before_month_end",
)


@dataclass(frozen=True)
class Sessions:
    """Sessions in order; times are whole UTC minutes since 1970.

    A minute is labelled by its end, as in Zipline: a session that opens at 14:30 UTC has
    14:31 as its first minute and its close as its last.

    Parameters
    ----------
    calendar
        The name that exchange_calendars knows, such as ``XNYS``.
    timezone
        IANA name of the exchange's time zone.
    labels : (n_sessions,) datetime64[D]
        The date of each session.
    opens, closes : (n_sessions,) int64
        When each session opens and closes.
    break_starts, break_ends : (n_sessions,) int64
        The lunch break, -1 where there is none.
    after_week_start, before_week_end, after_month_start, before_month_end : (n_sessions,) int64
        How many sessions lie between each session and that edge of its week or month; stored,
        since a bundle may begin or end within one.
    half_days : (n_sessions,) bool
        Which sessions close early.
    """

    calendar: str
    timezone: str
    labels: NDArray[np.datetime64]
    opens: Minutes
    closes: Minutes
    break_starts: Minutes
    break_ends: Minutes
    after_week_start: Minutes
    before_week_end: Minutes
    after_month_start: Minutes
    before_month_end: Minutes
    half_days: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def span(self) -> str:
        """First and last session, for messages."""
        return f"{self.labels[0]}..{self.labels[-1]}"

    def find_row(self, date: np.datetime64) -> int | None:
        """Return the row of the session on `date`, or None when there is none."""
        return self._rows_by_date.get(int(date.astype("datetime64[D]").astype(np.int64)))

    def between(self, start: np.datetime64, end: np.datetime64) -> tuple[int, int]:
        """Return the rows of the first and last session from `start` to `end`, both included.

        Raises
        ------
        NotInBundle
            When either date lies outside the bundle, or no session lies between them.
        """
        for name, date in (("start", start), ("end", end)):
            if not self.labels[0] <= date <= self.labels[-1]:
                raise NotInBundle(
                    f"{name} {date} is outside the bundle, which holds {self.span} "
                    f"(choose dates inside it, or ingest more bars)"
                )
        first = int(np.searchsorted(self.labels, start))
        last = int(np.searchsorted(self.labels, end, side="right")) - 1
        if first > last:
            raise NotInBundle(f"no session from {start} to {end} on {self.calendar}: widen them")
        return first, last

    @cached_property
    def _rows_by_date(self) -> dict[int, int]:
        days = self.labels.astype("datetime64[D]").astype(np.int64).tolist()
        return {day: row for row, day in enumerate(days)}

    def before_trading(self, session: int) -> int:
        """Return the minute at which before_trading_start runs: 8:45 in New York, as in Zipline."""
        moment = datetime.combine(self.labels[session].item(), _BEFORE_TRADING, _NEW_YORK)
        return int(moment.timestamp()) // 60

    @cached_property
    def minutes(self) -> Minutes:
        """All minutes of all sessions, shape (n_minutes,)."""
        lengths = np.diff(self.first_minutes)
        within = np.arange(self.first_minutes[-1]) - np.repeat(self.first_minutes[:-1], lengths)
        minutes = np.repeat(self.opens, lengths) + 1 + within
        # The minutes after a break come later by the length of the break.
        starts, ends = np.repeat(self.break_starts, lengths), np.repeat(self.break_ends, lengths)
        after_break = (starts >= 0) & (minutes > starts)
        shifted: Minutes = minutes + np.where(after_break, ends - starts, 0)
        return shifted

    @cached_property
    def first_minutes(self) -> Minutes:
        """Row in `minutes` of each session's first minute, shape (n_sessions + 1,)."""
        lengths = self.closes - self.opens - (self.break_ends - self.break_starts)
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    @cached_property
    def session_of_minute(self) -> Minutes:
        """Row of the session each minute belongs to, shape (n_minutes,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.first_minutes))

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "calendar": self.calendar,
            "timezone": self.timezone,
            "labels": self.labels.astype("datetime64[D]").astype(np.int64).tolist(),
            **{name: getattr(self, name).tolist() for name in _STORED},
            "half_days": self.half_days.astype(int).tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Sessions:
        """Return the sessions that `to_json` wrote."""
        return cls(
            stored["calendar"],
            stored["timezone"],
            np.array(stored["labels"], dtype=np.int64).astype("datetime64[D]"),
            **{name: np.array(stored[name], dtype=np.int64) for name in _STORED},
            half_days=np.array(stored["half_days"], dtype=bool),
        )
