"""backtesting.py, one backtest per symbol, signals vectorised beforehand; fills at next open."""

from __future__ import annotations

from typing import Any

from backtesting import Backtest, Strategy

from comparison.market import CAPITAL, SHARES, Market
from comparison.signals import positions


class Follow(Strategy):
    """Holds SHARES while the column Wanted is not 0."""

    def init(self) -> None:
        pass

    def next(self) -> None:
        wanted = self.data.Wanted[-1]
        if wanted and not self.position:
            self.buy(size=SHARES)
        elif not wanted and self.position:
            self.position.close()


def load(market: Market, variant: str) -> tuple[Market, list[Any]]:
    """Make its frames; they start a bar early, because the loop skips its first."""
    columns = range(len(market.symbols))
    frames = [market.frame(column, since=market.first - 1) for column in columns]
    return market, [frame.rename(columns=str.capitalize) for frame in frames]


def run(loaded: tuple[Market, list[Any]]) -> list[Any]:
    market, frames = loaded
    results = []
    for frame, wanted in zip(frames, positions(market).T, strict=True):
        frame["Wanted"] = [0.0, *wanted]
        results.append(Backtest(frame, Follow, cash=CAPITAL).run())
    return results


def answers(results: list[Any]) -> tuple[int, float]:
    """Return fills, two of a closed trade, and what all the backtests made together."""
    strategies = [stats["_strategy"] for stats in results]
    fills = sum(2 * len(one.closed_trades) + len(one.trades) for one in strategies)
    return fills, CAPITAL + sum(stats["Equity Final [$]"] - CAPITAL for stats in results)
