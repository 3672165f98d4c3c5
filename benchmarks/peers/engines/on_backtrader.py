"""backtrader, with indicators computed for all bars at once (``runonce``); fills at next open."""

from __future__ import annotations

import time
from typing import Any

import backtrader as bt
from market import CAPITAL, SHARES, Market


class Base(bt.Strategy):
    """Holds SHARES of what ``wanted`` says; the feeds are read by the time it is made."""

    def __init__(self) -> None:
        self.loaded_at = time.process_time()
        self.n_trades = 0
        self.rules = [(data, *self.indicators(data)) for data in self.datas]

    def notify_order(self, order: Any) -> None:
        self.n_trades += order.status == order.Completed


class Crossover(Base):
    def indicators(self, data: Any) -> tuple[Any, ...]:
        return (bt.ind.SMA(data, period=50) > bt.ind.SMA(data, period=200),)

    def next(self) -> None:
        for data, rising in self.rules:
            self.order_target_size(data, SHARES if rising[0] else 0)


class Momentum(Base):
    def indicators(self, data: Any) -> tuple[Any, ...]:
        return (data.close / data.close(-1199) - 1,)

    def next(self) -> None:
        for data, change in self.rules:
            if change[0] > 0.05:
                self.order_target_size(data, SHARES)
            elif change[0] < -0.05:
                self.order_target_size(data, 0)


class Reversion(Base):
    def indicators(self, data: Any) -> tuple[Any, ...]:
        mean = bt.ind.SMA(data, period=20)
        return ((data.close - mean) / bt.ind.StdDev(data, period=20),)

    def next(self) -> None:
        for data, score in self.rules:
            if score[0] < -2:
                self.order_target_size(data, SHARES)
            elif score[0] > 2:
                self.order_target_size(data, 0)


STRATEGIES = {"daily": Crossover, "hourly": Momentum, "minute": Reversion}


def load(market: Market, variant: str) -> bt.Cerebro:
    """Feed the bars from where the longest window starts, so that the first decision is due."""
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(CAPITAL)
    for column in range(len(market.symbols)):
        frame = market.frame(column, since=market.warmed_up)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame, openinterest=None))
    cerebro.addstrategy(STRATEGIES[market.name])
    return cerebro


def run(cerebro: bt.Cerebro) -> Any:
    return cerebro.run()[0]


def loaded_at(strategy: Any) -> float:
    """Return when the feeds had been read, which backtrader does at the start of its run."""
    return strategy.loaded_at


def answers(strategy: Any) -> tuple[int, float]:
    return strategy.n_trades, strategy.broker.getvalue()
