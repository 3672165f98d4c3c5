"""The scenarios' decisions for all bars at once: for the engines that take them beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from market import SHARES, Market


def positions(market: Market) -> Any:
    """Return the shares wanted of each symbol, decided at each bar's close, from ``first`` on."""
    wanted = RULES[market.name](pd.DataFrame(market.fields["close"]))
    return wanted.iloc[market.first :].ffill().fillna(0.0).to_numpy()


def orders(market: Market) -> Any:
    """Return the shares to trade at each bar's close: what was decided at the close before."""
    changes = np.diff(positions(market), axis=0, prepend=0.0)
    return np.vstack([np.zeros_like(changes[:1]), changes[:-1]])


def crossover(close: pd.DataFrame) -> pd.DataFrame:
    return (close.rolling(50).mean() > close.rolling(200).mean()) * float(SHARES)


def momentum(close: pd.DataFrame) -> pd.DataFrame:
    change = close / close.shift(1199) - 1
    return _until_next(change > 0.05, change < -0.05)


def reversion(close: pd.DataFrame) -> pd.DataFrame:
    window = close.rolling(20)
    score = (close - window.mean()) / window.std(ddof=0)
    return _until_next(score < -2, score > 2)


def _until_next(buy: pd.DataFrame, sell: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.where(buy, SHARES, np.where(sell, 0.0, np.nan)))


RULES = {"daily": crossover, "hourly": momentum, "minute": reversion}
