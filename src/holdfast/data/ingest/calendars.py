"""Builds sessions with exchange_calendars; only ingest needs a calendar."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from holdfast.data.sessions import Minutes, Sessions
from holdfast.errors import BadBars

Frequency = Literal["daily", "minute"]

# Enough to see the whole month of the first and of the last session.
_MARGIN = pd.Timedelta(days=40)


def build_sessions(
    calendar: str, first: pd.Timestamp, last: pd.Timestamp, frequency: Frequency = "daily"
) -> Sessions:
    """Return the sessions of a calendar that hold the bars from `first` to `last`.

    Parameters
    ----------
    calendar
        A name that exchange_calendars knows.
    first, last
        Dates for daily bars, UTC times for minute bars; without a time zone.
    frequency
        ``daily`` or ``minute``.

    Raises
    ------
    BadBars
        When exchange_calendars knows no such calendar, or it does not reach that far.
    """
    from exchange_calendars.errors import CalendarError

    try:
        exchange = _get_calendar(calendar, first.normalize() - _MARGIN, last.normalize() + _MARGIN)
    except (CalendarError, ValueError) as error:
        raise BadBars(
            f"no sessions of calendar {calendar!r} from {first} to {last}: {error}"
        ) from None
    schedule = exchange.schedule
    if frequency == "daily":
        within = (schedule.index >= first) & (schedule.index <= last)
    else:
        # By the clock, not by date: in Sydney a session begins on the day before, in UTC.
        starts, ends = (schedule[name].dt.tz_localize(None) for name in ("open", "close"))
        within = ((ends >= first) & (starts < last)).to_numpy()
    if not within.any():
        raise BadBars(
            f"the calendar {calendar} has no session from {first} to {last} "
            f"(name the calendar the assets trade on)"
        )
    hours = ("open", "close", "break_start", "break_end")
    week_start, week_end = _count_from_edges(schedule.index.to_period("W"))
    month_start, month_end = _count_from_edges(schedule.index.to_period("M"))
    opens, closes, break_starts, break_ends = (
        _to_minutes(schedule[name][within]) for name in hours
    )
    return Sessions(
        calendar,
        str(exchange.tz),
        schedule.index[within].to_numpy().astype("datetime64[D]"),
        opens,
        closes,
        break_starts,
        break_ends,
        after_week_start=week_start[within],
        before_week_end=week_end[within],
        after_month_start=month_start[within],
        before_month_end=month_end[within],
        half_days=schedule.index[within].isin(exchange.early_closes),
    )


def _get_calendar(name: str, first: pd.Timestamp, last: pd.Timestamp) -> Any:
    """Return a calendar that holds the sessions from `first` to `last`.

    Building one takes a third of a second, however long it is, and exchange_calendars caches the
    latest of each name: of whole decades, it serves the next ingest of this process as well.
    """
    import exchange_calendars as xcals

    try:
        start = pd.Timestamp(first.year // 10 * 10, 1, 1)
        return xcals.get_calendar(
            name, start=start, end=pd.Timestamp(last.year // 10 * 10 + 9, 12, 31)
        )
    except (xcals.errors.CalendarError, ValueError):  # some do not reach so far
        return xcals.get_calendar(name, start=first, end=last)


def _to_minutes(column: pd.Series) -> Minutes:
    minutes = column.dt.tz_localize(None).to_numpy().astype("datetime64[m]")
    return np.where(np.isnat(minutes), -1, minutes.astype(np.int64))


def _count_from_edges(periods: pd.PeriodIndex) -> tuple[Minutes, Minutes]:
    """Return how many sessions lie between each session and the edges of its period."""
    groups = pd.Series(0, index=range(len(periods))).groupby(periods)
    from_start, to_end = groups.cumcount(), groups.cumcount(ascending=False)
    return np.asarray(from_start, dtype=np.int64), np.asarray(to_end, dtype=np.int64)
