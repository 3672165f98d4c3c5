"""``context``: the strategy's own attributes, its portfolio, and the algorithm itself.

In Zipline the context *is* the algorithm: ``context.order(...)`` is the verb ``order``, and
``context.sim_params`` tells how the run was started. Here it answers the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from holdfast.assets import Finder
from holdfast.data.bar_data import BarData
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE, Sessions
from holdfast.finance.blotter import Blotter
from holdfast.finance.portfolio import Account, Portfolio
from holdfast.nearest import ask_nearest
from holdfast.utils.calendar_utils import get_calendar

Verbs = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class SimulationParameters:
    """How a run was started, as Zipline's ``sim_params`` tells it.

    Parameters
    ----------
    table
        All sessions of the bundle.
    first, last
        Rows of the run's first and last session.
    capital_base
        Cash at the start, in currency.
    data_frequency
        ``daily`` or ``minute``.
    """

    table: Sessions
    first: int
    last: int
    capital_base: float
    data_frequency: str
    emission_rate: str = "daily"
    arena: str = "backtest"

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """The dates of the run's sessions, without a time zone."""
        days: np.ndarray = self.table.labels[self.first : self.last + 1]
        return pd.DatetimeIndex(days.astype("datetime64[ns]"))

    @property
    def start_session(self) -> pd.Timestamp:
        """The date of the first session."""
        return self.sessions[0]

    @property
    def end_session(self) -> pd.Timestamp:
        """The date of the last session."""
        return self.sessions[-1]

    @property
    def first_open(self) -> pd.Timestamp:
        """The end of the first session's first minute, in UTC."""
        return _utc(int(self.table.opens[self.first]) + 1)

    @property
    def last_close(self) -> pd.Timestamp:
        """The close of the last session, in UTC."""
        return _utc(int(self.table.closes[self.last]))

    @property
    def trading_calendar(self) -> Any:
        """The calendar that the bundle was ingested on, of exchange_calendars."""
        return get_calendar(self.table.calendar)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What a strategy may ask the algorithm for, besides the verbs."""

    sim_params: SimulationParameters
    data: BarData
    asset_finder: Finder
    blotter: Blotter
    recorded: dict[str, Any]

    @property
    def recorded_vars(self) -> dict[str, Any]:
        """A copy of what was recorded last, by name."""
        return dict(self.recorded)

    @property
    def data_frequency(self) -> str:
        """Whether a bar is a session (``daily``) or a minute (``minute``)."""
        return self.sim_params.data_frequency

    @property
    def trading_calendar(self) -> Any:
        """The calendar that the bundle was ingested on, of exchange_calendars."""
        return self.sim_params.trading_calendar

    @property
    def datetime(self) -> pd.Timestamp:
        """The current bar's end, in UTC."""
        return self.data.current_dt


_FACTS = (
    "asset_finder",
    "blotter",
    "data_frequency",
    "datetime",
    "recorded_vars",
    "sim_params",
    "trading_calendar",
)


class Context:
    """The strategy's own attributes, its view of portfolio and account, and the algorithm.

    A name that the strategy has not set itself is one of the verbs of ``holdfast.api``, or
    what the algorithm knows: asset_finder, blotter, data_frequency, datetime, recorded_vars,
    sim_params, trading_calendar.
    """

    __slots__ = ("__dict__", "__weakref__", "_algorithm", "_verbs", "account", "portfolio")

    def __init__(
        self, portfolio: Portfolio, account: Account, algorithm: Algorithm, verbs: Verbs
    ) -> None:
        self.portfolio = portfolio
        self.account = account
        self._algorithm = algorithm
        self._verbs = verbs

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name, name=name, obj=self)
        verb = self._verbs.get(name)
        if verb is not None:
            return verb
        if name in _FACTS:
            return getattr(self._algorithm, name)
        known = [*vars(self), "portfolio", "account", *self._verbs, *_FACTS]
        hint = ask_nearest(name, known, 3) or "set it in initialize"
        raise AttributeError(f"context has no {name!r}; {hint}")


def _utc(minute: int) -> pd.Timestamp:
    return pd.Timestamp(minute * NANOSECONDS_PER_MINUTE, unit="ns", tz="UTC")
