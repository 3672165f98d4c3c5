"""bt, signals vectorised beforehand and traded by one algo a bar later; fills at next close."""

from __future__ import annotations

from typing import Any

import bt
import numpy as np
import pandas as pd

from comparison.books import make_books
from comparison.market import CAPITAL, Market
from comparison.signals import orders


class Trade(bt.Algo):
    """Trades what is listed for the moment."""

    def __init__(self, listed: dict[Any, list[tuple[str, float]]]) -> None:
        super().__init__()
        self.listed = listed

    def __call__(self, target: Any) -> bool:
        for symbol, shares in self.listed.get(target.now, ()):
            target.transact(shares, child=symbol)
        return True


def load(market: Market, variant: str) -> tuple[Market, pd.DataFrame]:
    index = pd.DatetimeIndex(market.moments[market.first :])
    close = market.fields["close"][market.first :]
    return market, pd.DataFrame(close, index=index, columns=market.symbols)


def run(loaded: tuple[Market, pd.DataFrame]) -> Any:
    """Run the backtest without the statistics that ``bt.run`` adds."""
    market, close = loaded
    wanted = orders(market)
    listed: dict[Any, list[tuple[str, float]]] = {}
    for row, column in np.argwhere(wanted):
        listed.setdefault(close.index[row], []).append(
            (market.symbols[column], wanted[row, column])
        )
    strategy = bt.Strategy("scenario", [Trade(listed)])
    backtest = bt.Backtest(strategy, close, initial_capital=CAPITAL, progress_bar=False)
    backtest.run()
    return backtest.strategy


def answers(strategy: Any) -> tuple[int, float]:
    return len(strategy.get_transactions()), strategy.values.iloc[-1]


def books(strategy: Any, market: Market) -> dict[str, Any]:
    done = strategy.get_transactions()
    fills = (
        (when, symbol, shares, price)
        for (when, symbol), shares, price in zip(
            done.index, done["quantity"], done["price"], strict=True
        )
    )
    return make_books(market, fills, strategy.values)
