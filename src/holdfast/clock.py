"""The clock: it turns sessions into a stream of (moment, event)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from holdfast.data.sessions import Sessions


class Event(Enum):
    """What happens at a moment."""

    OPEN = auto()
    BEFORE_TRADING = auto()
    BAR = auto()
    CLOSE = auto()
    IDLE = auto()  # all sessions since the last close up to this one: nothing happens in them


def generate_events(
    sessions: Sessions, first: int, last: int, minute_mode: bool
) -> Iterator[tuple[int, Event]]:
    """Yield the events of sessions `first` to `last`, in the order they happen.

    Parameters
    ----------
    sessions
        Of the bundle.
    first, last
        Rows of `sessions`, both included.
    minute_mode
        Whether a bar is a minute or a session.

    Yields
    ------
    moment : int
        Row of the bar for BAR, row of the session for the others.
    event : Event
    """
    first_minutes = sessions.first_minutes.tolist()
    for session in range(first, last + 1):
        yield session, Event.OPEN
        yield session, Event.BEFORE_TRADING
        bars = (first_minutes[session], first_minutes[session + 1])
        for bar in range(*bars) if minute_mode else (session,):
            yield bar, Event.BAR
        yield session, Event.CLOSE
