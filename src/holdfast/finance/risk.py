"""Risk figures of the returns so far, for each session, as empyrical defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SESSIONS_A_YEAR = 252
Floats = NDArray[np.float64]


def compute_risk(returns: Floats, leverage: Floats) -> dict[str, Floats]:
    """Return the columns that sum up all sessions so far.

    Parameters
    ----------
    returns : (n_sessions,) float64
        Each session's return, as a fraction of the value before it.
    leverage : (n_sessions,) float64
        Gross exposure over portfolio value at each session's end.

    Returns
    -------
    dict of (n_sessions,) float64
        Annualised where that is the custom; NaN where a figure is not defined, as with the
        volatility of a single session.
    """
    n = np.arange(1, len(returns) + 1)
    mean = np.cumsum(returns) / n if len(returns) else returns
    deviation = _compute_deviation(returns)
    downside = np.sqrt(np.cumsum(np.minimum(returns, 0.0) ** 2) / n)
    wealth = np.cumprod(1.0 + returns)
    peak = np.maximum.accumulate(np.maximum(wealth, 1.0))
    drawdown = np.minimum.accumulate(wealth / peak - 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sharpe = mean / deviation * np.sqrt(_SESSIONS_A_YEAR)
        sortino = mean / downside * np.sqrt(_SESSIONS_A_YEAR)
    zeros = np.zeros(len(returns))
    undefined = np.full(len(returns), np.nan)
    return {
        "benchmark_period_return": zeros,
        "algo_volatility": deviation * np.sqrt(_SESSIONS_A_YEAR),
        "benchmark_volatility": np.where(n > 1, 0.0, np.nan),
        "alpha": undefined,
        "beta": undefined,
        "sharpe": np.where(np.isfinite(sharpe) & (n > 1), sharpe, np.nan),
        "sortino": np.where(np.isfinite(sortino) & (n > 1), sortino, np.nan),
        "max_drawdown": drawdown,
        "max_leverage": np.maximum.accumulate(np.maximum(leverage, 0.0)),
        "excess_return": zeros,
        "treasury_period_return": zeros,
        "trading_days": n,
    }


def _compute_deviation(returns: Floats) -> Floats:
    """Return the sample deviation of all returns so far, by Welford's stable recurrence."""
    mean = squares = 0.0
    out = np.full(len(returns), np.nan)
    for count, value in enumerate(returns.tolist(), start=1):
        step = value - mean
        mean += step / count
        squares += step * (value - mean)
        if count > 1:
            out[count - 1] = (squares / (count - 1)) ** 0.5
    return out
