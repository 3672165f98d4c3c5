"""How far a run is, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.clock import Event
from holdfast.data.sessions import Sessions

_PATIENCE = 2.0  # seconds without a sign of life
_INTERVAL = 0.2  # seconds between two of them


def show_sessions(
    events: Iterable[tuple[int, Event]], sessions: Sessions, first: int, last: int
) -> Iterator[tuple[int, Event]]:
    """Yield a run's events, and show on stderr which session it has come to.

    Parameters
    ----------
    events
        Of the clock.
    sessions
        Of the bundle.
    first, last
        Rows of the run's sessions, both included.
    """
    from tqdm import tqdm  # a part of all that an import costs, and few runs show a bar

    total = last - first + 1
    with tqdm(
        total=total, unit="session", leave=False, delay=_PATIENCE, mininterval=_INTERVAL
    ) as bar:
        for moment, event in events:
            yield moment, event
            if event in (Event.CLOSE, Event.IDLE):
                bar.set_description(str(sessions.labels[moment]), refresh=False)
                bar.update(moment + 1 - first - bar.n)
