import json

import exchange_calendars as xcals
import numpy as np
import pandas as pd
import pytest

from holdfast.data.ingest.calendars import build_sessions
from holdfast.data.sessions import Sessions
from holdfast.errors import NotInBundle

FIRST, LAST = pd.Timestamp("2023-11-01"), pd.Timestamp("2024-03-29")


@pytest.mark.parametrize("name", ["XNYS", "XHKG", "XASX", "24/7", "XSHG", "XSAU"])
def test_the_minutes_are_the_calendar_s_own(name):
    """Half days, lunch breaks, clock changes, sessions that span midnight UTC.

    The last two do not reach to the end of the decade, and not to its beginning.
    """
    calendar = xcals.get_calendar(name, start=FIRST, end=LAST, side="right")
    sessions = build_sessions(name, FIRST, LAST)
    expected = calendar.minutes.tz_localize(None).to_numpy().astype("datetime64[m]")
    assert (sessions.minutes == expected.astype(int)).all()
    dates = calendar.sessions.to_numpy().astype("datetime64[D]")
    assert (sessions.labels == dates).all()
    counts = np.bincount(sessions.session_of_minute)
    assert counts.tolist() == np.diff(sessions.first_minutes).tolist()
    assert counts.sum() == len(calendar.minutes)


def test_a_minute_bar_is_found_in_a_session_that_began_the_day_before():
    calendar = xcals.get_calendar("XASX", start=FIRST, end=LAST, side="right")
    session = calendar.sessions[5]
    minutes = calendar.session_minutes(session).tz_localize(None)
    found = build_sessions("XASX", minutes[0], minutes[-1], "minute")
    assert found.labels.tolist() == [session.date()]


def test_what_is_stored_is_what_comes_back():
    sessions = build_sessions("XHKG", FIRST, LAST)
    again = Sessions.from_json(json.loads(json.dumps(sessions.to_json())))
    assert (again.minutes == sessions.minutes).all()
    assert again.to_json() == sessions.to_json()


def test_edges_of_weeks_and_months_look_beyond_the_bundle():
    # From a Wednesday in mid-month to a Tuesday in mid-month.
    sessions = build_sessions("XNYS", pd.Timestamp("2024-01-10"), pd.Timestamp("2024-02-13"))
    by_day = dict(zip(sessions.labels.astype(str), range(len(sessions)), strict=True))
    assert sessions.after_week_start[by_day["2024-01-10"]] == 2
    assert sessions.after_month_start[by_day["2024-01-10"]] == 6
    assert sessions.before_week_end[by_day["2024-02-13"]] == 3
    assert sessions.before_month_end[by_day["2024-02-13"]] == 11
    assert sessions.after_week_start[by_day["2024-01-16"]] == 0  # Monday was a holiday
    assert sessions.before_month_end[by_day["2024-01-31"]] == 0


def test_half_days_are_known():
    sessions = build_sessions("XNYS", FIRST, LAST)
    early = sessions.labels[sessions.half_days].astype(str).tolist()
    assert early == ["2023-11-24"]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2023-10-31", "2024-01-31", "start 2023-10-31 is outside the bundle"),
        ("2023-11-01", "2024-04-01", "end 2024-04-01 is outside.*2023-11-01..2024-03-28"),
        ("2023-12-23", "2023-12-25", "no session from 2023-12-23 to 2023-12-25"),
        ("2024-01-31", "2024-01-02", "no session from 2024-01-31 to 2024-01-02"),
    ],
)
def test_dates_that_the_bundle_lacks_are_named(start, end, message):
    sessions = build_sessions("XNYS", FIRST, LAST)
    with pytest.raises(NotInBundle, match=message):
        sessions.between(np.datetime64(start), np.datetime64(end))


def test_days_without_a_session_are_skipped_at_either_end():
    sessions = build_sessions("XNYS", FIRST, LAST)
    first, last = sessions.between(np.datetime64("2023-12-23"), np.datetime64("2024-01-01"))
    assert sessions.labels[[first, last]].astype(str).tolist() == ["2023-12-26", "2023-12-29"]
