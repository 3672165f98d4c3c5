"""vectorbt, everything vectorised, its compiled functions warm; fills at next close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from comparison.books import make_books
from comparison.market import CAPITAL, Each, Market, Pairs
from comparison.signals import orders, orders_of_pairs


def prepare(market: Market) -> None:
    """Let Numba fill its cache on disk."""
    load(market, "")
    if market.name == "daily":
        sweep(market, "", [(50, 200), (20, 200)], 1)


def load(market: Market, variant: str) -> tuple[Market, pd.DataFrame]:
    """Make its frame, and run once: compiled code is read in at the first call."""
    close = _close(market)
    run((market, close))
    return market, close


def run(loaded: tuple[Market, pd.DataFrame]) -> tuple[Any, Any]:
    market, close = loaded
    portfolio = _traded(close, orders(market), group_by=True)
    return portfolio, portfolio.value()


def answers(result: tuple[Any, Any]) -> tuple[int, float]:
    portfolio, value = result
    return int(portfolio.orders.count()), value.iloc[-1]


def books(result: tuple[Any, Any], market: Market) -> dict[str, Any]:
    portfolio, value = result
    done = portfolio.orders.records
    signed = np.where(done["side"] == 0, done["size"], -done["size"])  # 0 is a purchase
    moments = value.index[done["idx"]]
    symbols = [market.symbols[column] for column in done["col"]]
    return make_books(market, zip(moments, symbols, signed, done["price"], strict=True), value)


def sweep(market: Market, variant: str, pairs: Pairs, processes: int) -> Each:
    """Sweep all pairs at once, a group of columns for each; one process computes them."""
    close = _close(market).vbt.tile(len(pairs), keys=pd.RangeIndex(len(pairs), name="pair"))
    portfolio = _traded(close, orders_of_pairs(market, pairs), group_by="pair")
    return list(zip(portfolio.orders.count(), portfolio.final_value(), strict=True))


def _close(market: Market) -> pd.DataFrame:
    index = pd.DatetimeIndex(market.moments[market.first :])
    return pd.DataFrame(market.fields["close"][market.first :], index, market.symbols)


def _traded(close: pd.DataFrame, wanted: Any, group_by: Any) -> Any:
    return vbt.Portfolio.from_orders(
        close,
        size=np.where(wanted == 0, np.nan, wanted),
        init_cash=CAPITAL,
        cash_sharing=True,
        group_by=group_by,
    )
