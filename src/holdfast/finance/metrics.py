"""The perf frame: one row per session, in Zipline's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data.portal import Portal
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE
from holdfast.finance.blotter import Blotter
from holdfast.finance.book import Book
from holdfast.finance.figures import Money, compute_figures
from holdfast.finance.ledger import Holding, Ledger
from holdfast.finance.orders import Transaction
from holdfast.finance.plausibility import describe_implausible


class Day(NamedTuple):
    """What is recorded as a session ends; the perf frame is computed from it at the run's end.

    It may stand for several sessions in a row, in none of which anything happened.
    """

    first: int
    cash: float
    dividends: float
    holdings: tuple[Holding, ...]
    orders: list[dict[str, Any]]
    transactions: list[Transaction]
    recorded: dict[str, Any]
    n_sessions: int = 1


class Metrics:
    """Records each session's end, and builds the perf frame at the run's end.

    Parameters
    ----------
    ledger, blotter
        Read at each session's end.
    portal
        Has the prices at each session's end.

    Attributes
    ----------
    benchmark : (n_sessions,) float64, or None
        Daily returns of what the run is compared with; None for cash.
    """

    def __init__(self, ledger: Ledger, blotter: Blotter, portal: Portal) -> None:
        self._ledger, self._blotter, self._portal = ledger, blotter, portal
        self._days: list[Day] = []
        self._transactions: list[Transaction] = []
        self.benchmark: NDArray[np.float64] | None = None

    def record_transaction(self, transaction: Transaction) -> None:
        """Record a transaction of the current session."""
        self._transactions.append(transaction)

    def record_close(self, session: int, recorded: dict[str, Any]) -> None:
        """Record the end of a session.

        Parameters
        ----------
        session
            Its row.
        recorded
            What the strategy recorded so far; a name keeps its value until it is recorded again.
        """
        ledger, changed = self._ledger, self._blotter.changed
        orders = [order.to_dict() for order in changed.values()] if changed else []
        self._days.append(
            Day(
                session,
                ledger.cash.amount,
                ledger.dividends,
                ledger.holdings(),
                orders,
                self._transactions,
                recorded.copy(),
            )
        )
        changed.clear()
        self._transactions = []

    def record_idle(self, last: int) -> None:
        """Record that nothing happened in the sessions since the one recorded before.

        Parameters
        ----------
        last
            The row of the last of them.
        """
        before = self._days[-1]
        first = before.first + before.n_sessions
        idle = before._replace(first=first, dividends=0, orders=[], transactions=[])
        self._days.append(idle._replace(n_sessions=last + 1 - first))

    def frame(self) -> pd.DataFrame:
        """Return the perf frame, one row per session, indexed by its close in UTC."""
        days, sessions, rows = self._days, self._portal.sessions, self._get_rows()
        closes = _to_utc(sessions.closes[rows])
        book = self._make_book(rows)
        columns: dict[str, Any] = {
            "period_open": _to_utc(sessions.opens[rows] + 1),
            "period_close": closes,
            **self._compute_figures(book),
        }
        columns["period_label"] = sessions.labels[rows].astype("datetime64[M]").astype(str)
        each = [day for day in days for _ in range(day.n_sessions)]
        columns["orders"] = _to_object_column([[*day.orders] for day in each])
        columns["transactions"] = _to_object_column(
            [[done.to_dict() for done in day.transactions] for day in each]
        )
        columns["positions"] = _to_object_column(book.positions())
        columns |= _fill_recorded([day.recorded for day in each])
        return pd.DataFrame(columns, index=closes.rename(None))

    def summary(self) -> dict[str, Any]:
        """Return the last value of every figure and recorded name, transactions, and a warning.

        Sweeps compare backtests by it: it costs a fraction of the perf frame.
        """
        book = self._make_book(self._get_rows())
        done = sum(len(day.transactions) for day in self._days)
        days = self._portal.sessions.labels[self._get_rows()]
        return sum_up(self._compute_figures(book), self._days[-1].recorded, done, days)

    def find_warning(self, figures: Mapping[str, Any] | pd.DataFrame) -> str | None:
        """Return what is implausible of the run, by its columns; None when nothing is."""
        return _find_warning(figures, self._portal.sessions.labels[self._get_rows()])

    def _compute_figures(self, book: Book) -> dict[str, Any]:
        counts = [day.n_sessions for day in self._days]
        cash, dividends = (
            np.repeat([getattr(day, name) for day in self._days], counts)
            for name in ("cash", "dividends")
        )
        money = Money(cash, dividends, book.amounts, book.prices)
        return compute_figures(money, self._ledger.starting_cash, self.benchmark)

    def _get_rows(self) -> NDArray[np.int64]:
        n_sessions = sum(day.n_sessions for day in self._days)
        return np.arange(n_sessions) + (self._days[0].first if self._days else 0)

    def _make_book(self, rows: NDArray[np.int64]) -> Book:
        counts = [day.n_sessions for day in self._days]
        return Book([day.holdings for day in self._days], counts, rows, self._portal)


def sum_up(
    figures: Mapping[str, NDArray[Any]],
    recorded: Mapping[str, Any],
    n_transactions: int,
    days: NDArray[np.datetime64],
) -> dict[str, Any]:
    """Return the summary of a run: the last value of every figure and recorded name.

    Parameters
    ----------
    figures
        As ``compute_figures`` returns them.
    recorded
        By the strategy, last.
    n_transactions
        Of the whole run.
    days : (n_sessions,) datetime64[D]
        The date of each session.
    """
    return {
        **{name: column[-1] for name, column in figures.items()},
        **recorded,
        "transactions": n_transactions,
        "warning": _find_warning(figures, days),
    }


def _find_warning(
    figures: Mapping[str, Any] | pd.DataFrame, days: NDArray[np.datetime64]
) -> str | None:
    value, leverage = (np.asarray(figures[n]) for n in ("portfolio_value", "gross_leverage"))
    return describe_implausible(value, leverage, days)


def _fill_recorded(recorded: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    # The last day has every name; days before its first record read NaN.
    names = recorded[-1] if recorded else ()
    return {name: [day.get(name, np.nan) for day in recorded] for name in names}


def _to_utc(minutes: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((minutes * NANOSECONDS_PER_MINUTE).astype("datetime64[ns]"), tz="UTC")


def _to_object_column(lists: Sequence[list[dict[str, Any]]]) -> np.ndarray:
    column = np.empty(len(lists), dtype=object)
    column[:] = lists
    return column
