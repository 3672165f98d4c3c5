"""vectorbt, everything vectorised, its compiled functions warm; fills at next close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt
from market import CAPITAL, Market
from signals import orders


def prepare(market: Market) -> None:
    """Let Numba fill its cache on disk."""
    load(market, "")


def load(market: Market, variant: str) -> tuple[Market, pd.DataFrame]:
    """Make its frame, and run once: compiled code is read in at the first call."""
    index = pd.DatetimeIndex(market.moments[market.first :])
    close = pd.DataFrame(market.fields["close"][market.first :], index, market.symbols)
    run((market, close))
    return market, close


def run(loaded: tuple[Market, pd.DataFrame]) -> tuple[Any, Any]:
    market, close = loaded
    wanted = orders(market)
    portfolio = vbt.Portfolio.from_orders(
        close,
        size=np.where(wanted == 0, np.nan, wanted),
        init_cash=CAPITAL,
        cash_sharing=True,
        group_by=True,
    )
    return portfolio, portfolio.value()


def answers(result: tuple[Any, Any]) -> tuple[int, float]:
    portfolio, value = result
    return int(portfolio.orders.count()), value.iloc[-1]
