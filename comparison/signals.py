"""The scenarios' decisions for all bars at once: for the engines that take them beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from comparison.market import SHARES, Market, Pairs


def positions(market: Market) -> Any:
    """Return the shares wanted of each symbol, decided at each bar's close, from ``first`` on."""
    wanted = RULES[market.name](pd.DataFrame(market.fields["close"]), *market.windows)
    return wanted.iloc[market.first :].ffill().fillna(0.0).to_numpy()


def orders(market: Market) -> Any:
    """Return the shares to trade at each bar's close: what was decided at the close before."""
    return _a_bar_later(positions(market))


def orders_of_pairs(market: Market, pairs: Pairs) -> Any:
    """Return ``orders`` of the crossover with each pair of windows, side by side."""
    close = pd.DataFrame(market.fields["close"])
    means = {
        count: close.rolling(count).mean().to_numpy()[market.first :]
        for count in {count for pair in pairs for count in pair}
    }
    rising = np.hstack([means[fast] > means[slow] for fast, slow in pairs])
    return _a_bar_later(rising * float(SHARES))


def _a_bar_later(wanted: Any) -> Any:
    changes = np.diff(wanted, axis=0, prepend=0.0)
    return np.vstack([np.zeros_like(changes[:1]), changes[:-1]])


def crossover(close: pd.DataFrame, fast: int, slow: int) -> pd.DataFrame:
    return (close.rolling(fast).mean() > close.rolling(slow).mean()) * float(SHARES)


def momentum(close: pd.DataFrame, count: int) -> pd.DataFrame:
    change = close / close.shift(count - 1) - 1
    return _until_next(change > 0.05, change < -0.05)


def reversion(close: pd.DataFrame, count: int) -> pd.DataFrame:
    window = close.rolling(count)
    score = (close - window.mean()) / window.std(ddof=0)
    return _until_next(score < -2, score > 2)


def _until_next(buy: pd.DataFrame, sell: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.where(buy, SHARES, np.where(sell, 0.0, np.nan)))


RULES = {"daily": crossover, "hourly": momentum, "minute": reversion}
