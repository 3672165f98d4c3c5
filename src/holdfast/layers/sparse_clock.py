"""The clock passes over bars, and whole sessions, in which nothing can happen.

Only a strategy without ``handle_data`` has such bars: it is called by a schedule, or states its
targets beforehand. While an order waits, every bar is visited.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from holdfast.clock import Event
from holdfast.data.portal import Portal
from holdfast.finance.blotter import Blotter
from holdfast.finance.ledger import Ledger
from holdfast.schedule import Schedule

Events = Iterable[tuple[int, Event]]


class Functions(Protocol):
    """The strategy's functions that are called by the clock alone."""

    @property
    def handle_data(self) -> object | None:
        """Called at every bar."""
        ...

    @property
    def before_trading_start(self) -> object | None:
        """Called in every session."""
        ...


class Placer(Protocol):
    """Whoever places orders that were stated beforehand."""

    def find_next(self, row: int) -> int | None:
        """Return the next row, from `row` on, that it has to place orders at, as things stand."""
        ...


class Run(Protocol):
    """What there is to be done in a run, as the simulation holds it."""

    portal: Portal
    ledger: Ledger
    blotter: Blotter
    schedule: Schedule

    @property
    def strategy(self) -> Functions:
        """Its functions."""
        ...

    @property
    def placers(self) -> Sequence[Placer]:
        """Of its target tables."""
        ...

    @property
    def account_controls(self) -> Collection[object]:
        """Asked at every session's end."""
        ...

    @property
    def pipelines(self) -> Any:
        """Computed as sessions open; None when it has none."""
        ...


class SparseClock:
    """Events of a run without those of idle bars.

    Of each session that is visited the last bar is, too: its end is accounted there.

    Parameters
    ----------
    clock
        The events of all bars: those of a run with ``handle_data``.
    run
        Read while it goes on, for its own events change what there is to be done.
    first, last
        Rows of the run's sessions, both included; these two are always visited.
    """

    def __init__(self, clock: Events, run: Run, first: int, last: int) -> None:
        self._clock, self._run, self._first, self._last = clock, run, first, last
        self._first_rows: list[int] | range = range(len(run.portal.sessions) + 1)
        if run.portal.minute_mode:
            self._first_rows = run.portal.sessions.first_minutes.tolist()
        self._due: list[int] = []
        self._adjusted: list[int] = []

    def __iter__(self) -> Iterator[tuple[int, Event]]:
        if self._run.strategy.handle_data is not None:
            return iter(self._clock)
        self._due = sorted(self._run.schedule.due)  # initialize has filled it
        self._adjusted = self._run.portal.adjustments.sessions
        return self._visit_sessions()

    def _visit_sessions(self) -> Iterator[tuple[int, Event]]:
        session = self._first
        while session <= self._last:
            yield session, Event.OPEN
            yield session, Event.BEFORE_TRADING
            for bar in self._find_bars(session):
                yield bar, Event.BAR
            yield session, Event.CLOSE
            following = session + 1
            session = self._find_session(following)
            if session > following:
                yield session - 1, Event.IDLE

    def _find_bars(self, session: int) -> Iterator[int]:
        """Yield the rows to visit in a session, each as it is found at the one before."""
        row, last = self._first_rows[session], self._first_rows[session + 1] - 1
        while (row := self._find_row(row, last)) < last:
            yield row
            row += 1
        yield last

    def _find_row(self, row: int, last: int) -> int:
        """Return the first row from `row` on that there is something to do at, or `last`."""
        if self._run.blotter.open_orders:
            return min(row, last)
        for placer in self._run.placers:
            found = placer.find_next(row)
            last = last if found is None else min(found, last)
        at = bisect_left(self._due, row)
        return last if at == len(self._due) else min(self._due[at], last)

    def _find_session(self, session: int) -> int:
        """Return the first session from `session` on in which there is something to do."""
        run = self._run
        if session >= self._last or run.blotter.open_orders or self._runs_every_session():
            return session
        row = self._find_row(self._first_rows[session], self._first_rows[self._last])
        found = bisect_right(self._first_rows, row) - 1
        at = bisect_left(self._adjusted, session)
        adjusted = self._adjusted[at : at + 1]
        ended = [run.portal.life(asset)[1] + 1 for asset in run.ledger.positions]
        return max(session, min([found, *adjusted, *ended]))

    def _runs_every_session(self) -> bool:
        run = self._run
        return bool(
            run.strategy.before_trading_start is not None
            or run.pipelines is not None
            or run.account_controls
        )
