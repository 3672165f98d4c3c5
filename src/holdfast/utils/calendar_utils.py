"""``zipline.utils.calendar_utils`` as strategies import it: calendars of exchanges, by name."""

from __future__ import annotations

from typing import Any

from holdfast.errors import UsageError

__all__ = ["get_calendar"]


def get_calendar(name: str) -> Any:
    """Return a calendar of exchange_calendars, whose minutes are labelled by their end.

    Parameters
    ----------
    name
        Such as ``XNYS``, ``NYSE`` or ``24/7``.

    Returns
    -------
    exchange_calendars.ExchangeCalendar

    Raises
    ------
    UsageError
        When there is no calendar of that name.
    """
    # A run does not need the package, which takes a moment to import: its bundle has the sessions.
    import exchange_calendars

    try:
        return exchange_calendars.get_calendar(name, side="right")
    except exchange_calendars.errors.InvalidCalendarName:
        raise UsageError(
            f"there is no calendar {name!r} (exchange_calendars.get_calendar_names() lists them)"
        ) from None
