"""backtrader, with indicators computed for all bars at once (``runonce``); fills at next open."""

from __future__ import annotations

import time
from typing import Any

import backtrader as bt

from comparison.market import CAPITAL, SHARES, Each, Market, Pairs


class Base(bt.Strategy):
    """Holds SHARES of what its rule says; the feeds are read by the time it is made."""

    params = (("windows", ()), ("warm_up", 0))

    def __init__(self) -> None:
        self.loaded_at = time.process_time()
        self.n_trades = 0
        self.rules = [(data, *self.indicators(data, *self.p.windows)) for data in self.datas]

    def notify_order(self, order: Any) -> None:
        self.n_trades += order.status == order.Completed


class Crossover(Base):
    def indicators(self, data: Any, fast: int, slow: int) -> tuple[Any, ...]:
        return (bt.ind.SMA(data, period=fast) > bt.ind.SMA(data, period=slow),)

    def next(self) -> None:
        if len(self) < self.p.warm_up:
            return
        for data, rising in self.rules:
            self.order_target_size(data, SHARES if rising[0] else 0)


class Momentum(Base):
    def indicators(self, data: Any, count: int) -> tuple[Any, ...]:
        return (data.close / data.close(1 - count) - 1,)

    def next(self) -> None:
        for data, change in self.rules:
            if change[0] > 0.05:
                self.order_target_size(data, SHARES)
            elif change[0] < -0.05:
                self.order_target_size(data, 0)


class Reversion(Base):
    def indicators(self, data: Any, count: int) -> tuple[Any, ...]:
        mean = bt.ind.SMA(data, period=count)
        return ((data.close - mean) / bt.ind.StdDev(data, period=count),)

    def next(self) -> None:
        for data, score in self.rules:
            if score[0] < -2:
                self.order_target_size(data, SHARES)
            elif score[0] > 2:
                self.order_target_size(data, 0)


class Answers(bt.Analyzer):
    """What a sweep's process sends back of a backtest."""

    def stop(self) -> None:
        self.found = answers(self.strategy)

    def get_analysis(self) -> tuple[int, float]:
        return self.found


STRATEGIES = {"daily": Crossover, "hourly": Momentum, "minute": Reversion}


def load(market: Market, variant: str) -> bt.Cerebro:
    """Feed the bars from where the longest window starts, so that the first decision is due."""
    cerebro = _fed(market, market.warmed_up)
    cerebro.addstrategy(STRATEGIES[market.name], windows=market.windows)
    return cerebro


def run(cerebro: bt.Cerebro) -> Any:
    return cerebro.run()[0]


def sweep(market: Market, variant: str, pairs: Pairs, processes: int) -> Each:
    """Sweep with backtrader's own optimiser, which reads the feeds once for all pairs."""
    warm_up = max(slow for _, slow in pairs)
    cerebro = _fed(market, market.first + 1 - warm_up)
    cerebro.addanalyzer(Answers)
    cerebro.optstrategy(STRATEGIES[market.name], windows=pairs, warm_up=warm_up)
    return [one.analyzers[0].get_analysis() for (one,) in cerebro.run(maxcpus=processes)]


def loaded_at(strategy: Any) -> float:
    """Return when the feeds had been read, which backtrader does at the start of its run."""
    return strategy.loaded_at


def answers(strategy: Any) -> tuple[int, float]:
    return strategy.n_trades, strategy.broker.getvalue()


def _fed(market: Market, since: int) -> bt.Cerebro:
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(CAPITAL)
    for column in range(len(market.symbols)):
        frame = market.frame(column, since=since)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame, openinterest=None))
    return cerebro
