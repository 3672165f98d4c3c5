"""The perf frame: one row per session, in Zipline's columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from holdfast.data.sessions import NANOSECONDS, Sessions
from holdfast.finance.blotter import Blotter
from holdfast.finance.ledger import Ledger, exposure_of
from holdfast.finance.orders import Transaction
from holdfast.finance.risk import risk_columns

_NUMBERS = (
    "ending_cash",
    "dividends",
    "longs_count",
    "shorts_count",
    "long_value",
    "short_value",
)


class Metrics:
    """Writes down each session's end, and makes the frame when the run is over.

    Parameters
    ----------
    ledger, blotter
        Read at each session's end.
    """

    def __init__(self, ledger: Ledger, blotter: Blotter) -> None:
        self._ledger, self._blotter = ledger, blotter
        self._sessions: list[int] = []
        self._numbers: list[tuple[float, ...]] = []
        self._lists: dict[str, list[list[dict[str, Any]]]] = {
            "orders": [],
            "transactions": [],
            "positions": [],
        }
        self._recorded: list[dict[str, Any]] = []
        self._transactions: list[Transaction] = []

    def traded(self, transaction: Transaction) -> None:
        """Note a transaction of the session that is under way."""
        self._transactions.append(transaction)

    def close_of(self, session: int, recorded: dict[str, Any]) -> None:
        """Write down the end of a session.

        Parameters
        ----------
        session
            Its row.
        recorded
            What the strategy recorded so far: a name keeps its value until recorded anew.
        """
        ledger = self._ledger
        held = [position.to_dict() for position in ledger.positions.values()]
        worth = exposure_of((one["amount"], one["last_sale_price"]) for one in held)
        self._sessions.append(session)
        self._numbers.append(
            (
                ledger.cash.amount,
                ledger.dividends,
                worth.longs,
                worth.shorts,
                worth.long_value,
                worth.short_value,
            )
        )
        changed = self._blotter.changed
        self._lists["orders"].append([order.to_dict() for order in changed.values()])
        self._lists["transactions"].append([done.to_dict() for done in self._transactions])
        self._lists["positions"].append(held)
        self._recorded.append(dict(recorded))
        self._transactions.clear()
        changed.clear()

    def frame(self, sessions: Sessions) -> pd.DataFrame:
        """Return the perf frame, one row per session, indexed by its close in UTC."""
        rows = np.array(self._sessions, dtype=np.int64)
        table = np.array(self._numbers).reshape(len(rows), len(_NUMBERS))
        numbers = dict(zip(_NUMBERS, table.T, strict=True))
        closes = _utc(sessions.closes[rows])
        columns: dict[str, Any] = {
            "period_open": _utc(sessions.opens[rows] + 1),
            "period_close": closes,
            **_money_columns(numbers, self._ledger.starting_cash),
        }
        columns |= risk_columns(columns["returns"], columns["gross_leverage"])
        columns["period_label"] = sessions.labels[rows].astype("datetime64[M]").astype(str)
        columns |= {name: _objects(lists) for name, lists in self._lists.items()}
        columns |= self._recorded_columns()
        return pd.DataFrame(columns, index=closes.rename(None))

    def _recorded_columns(self) -> dict[str, list[Any]]:
        # The last day has every name; days before its first record read NaN.
        names = self._recorded[-1] if self._recorded else ()
        return {name: [day.get(name, np.nan) for day in self._recorded] for name in names}


def _money_columns(numbers: dict[str, Any], capital: float) -> dict[str, Any]:
    cash, long_value, short_value = (
        numbers[name] for name in ("ending_cash", "long_value", "short_value")
    )
    net, gross = long_value + short_value, long_value - short_value
    value = cash + net
    previous = np.concatenate([[capital], value[:-1]])
    previous_cash = np.concatenate([[capital], cash[:-1]])
    # A session starts, and its pnl counts, once its dividends are paid; its return has them.
    dividends = numbers["dividends"]
    starting_net = np.concatenate([[0.0], net[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where(previous != 0, (value - previous) / previous, 0.0)
        leverage = {
            "gross_leverage": np.where(value != 0, gross / value, np.inf),
            "net_leverage": np.where(value != 0, net / value, np.inf),
        }
    return {
        "returns": returns,
        "pnl": value - previous - dividends,
        "capital_used": cash - previous_cash,
        "starting_exposure": starting_net,
        "ending_exposure": net,
        "starting_value": starting_net,
        "ending_value": net,
        "starting_cash": previous_cash + dividends,
        "ending_cash": cash,
        "portfolio_value": value,
        "longs_count": numbers["longs_count"].astype(np.int64),
        "shorts_count": numbers["shorts_count"].astype(np.int64),
        "long_value": long_value,
        "short_value": short_value,
        "long_exposure": long_value,
        "short_exposure": short_value,
        **leverage,
        "algorithm_period_return": value / capital - 1,
    }


def _utc(minutes: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((minutes * NANOSECONDS).astype("datetime64[ns]"), tz="UTC")


def _objects(lists: list[list[dict[str, Any]]]) -> np.ndarray:
    column = np.empty(len(lists), dtype=object)
    column[:] = lists
    return column
