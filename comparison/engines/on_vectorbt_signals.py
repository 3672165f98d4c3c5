"""vectorbt as its own guide writes it: indicators, entries and exits; fills at next close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import vectorbt as vbt

from comparison.engines import on_vectorbt
from comparison.market import CAPITAL, SHARES, Market

answers, books = on_vectorbt.answers, on_vectorbt.books


def prepare(market: Market) -> None:
    """Let Numba fill its cache on disk."""
    load(market, "")


def load(market: Market, variant: str) -> tuple[Market, pd.DataFrame]:
    """Make its frame, and run once: compiled code is read in at the first call."""
    index = pd.DatetimeIndex(market.moments)
    close = pd.DataFrame(market.fields["close"], index, market.symbols)
    run((market, close))
    return market, close


def run(loaded: tuple[Market, pd.DataFrame]) -> tuple[Any, Any]:
    """Decide at each close and trade at the next one: signals are moved by a bar."""
    market, close = loaded
    entries, exits = (
        found.iloc[market.first :].vbt.signals.fshift(1)
        for found in RULES[market.name](close, *market.windows)
    )
    portfolio = vbt.Portfolio.from_signals(
        close.iloc[market.first :],
        entries,
        exits,
        size=SHARES,
        init_cash=CAPITAL,
        cash_sharing=True,
        group_by=True,
    )
    return portfolio, portfolio.value()


def crossover(close: pd.DataFrame, fast: int, slow: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    means = [vbt.MA.run(close, window=window).ma.to_numpy() for window in (fast, slow)]
    rising = pd.DataFrame(means[0] > means[1], close.index, close.columns)
    return rising, ~rising


def momentum(close: pd.DataFrame, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    change = close.pct_change(count - 1)
    return change > 0.05, change < -0.05


def reversion(close: pd.DataFrame, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    score = (close - close.vbt.rolling_mean(count)) / close.vbt.rolling_std(count, ddof=0)
    return score < -2, score > 2


RULES: dict[str, Callable[..., tuple[pd.DataFrame, pd.DataFrame]]] = {
    "daily": crossover,
    "hourly": momentum,
    "minute": reversion,
}
