"""Risk figures of the returns so far, for each session, as empyrical defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from holdfast.finance.benchmark import alpha_beta

_SESSIONS_A_YEAR = 252
Floats = NDArray[np.float64]


def compute_risk(
    returns: Floats, leverage: Floats, benchmark: Floats | None = None
) -> dict[str, Floats]:
    """Return the columns that sum up all sessions so far.

    Parameters
    ----------
    returns : (n_sessions,) float64
        Each session's return, as a fraction of the value before it.
    leverage : (n_sessions,) float64
        Gross exposure over portfolio value at each session's end.
    benchmark : (n_sessions,) float64, or None
        Each session's return of the benchmark; None for one that does not move.

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
    beside = _benchmark_columns(returns, benchmark)
    return {
        "benchmark_period_return": beside.pop("benchmark_period_return"),
        "algo_volatility": deviation * np.sqrt(_SESSIONS_A_YEAR),
        **beside,
        "sharpe": np.where(np.isfinite(sharpe) & (n > 1), sharpe, np.nan),
        "sortino": np.where(np.isfinite(sortino) & (n > 1), sortino, np.nan),
        "max_drawdown": drawdown,
        "max_leverage": np.maximum.accumulate(np.maximum(leverage, 0.0)),
        "excess_return": zeros,
        "treasury_period_return": zeros,
        "trading_days": n,
    }


def _benchmark_columns(returns: Floats, benchmark: Floats | None) -> dict[str, Floats]:
    figures: tuple[Floats, ...]
    if benchmark is None:
        undefined = np.full(len(returns), np.nan)
        still = np.where(np.arange(len(returns)) > 0, 0.0, np.nan)
        figures = (np.zeros(len(returns)), still, undefined, undefined)
    else:
        benchmark = benchmark[: len(returns)]  # a run may have been ended early
        volatility = _compute_deviation(benchmark) * np.sqrt(_SESSIONS_A_YEAR)
        period = np.asarray(np.cumprod(1.0 + benchmark) - 1.0, dtype=np.float64)
        figures = (period, volatility, *alpha_beta(returns, benchmark))
    names = ("benchmark_period_return", "benchmark_volatility", "alpha", "beta")
    return dict(zip(names, figures, strict=True))


def _compute_deviation(returns: Floats) -> Floats:
    """Sample standard deviation of all returns so far, by Welford's stable recurrence."""
    mean = squares = 0.0
    sums: list[float] = []
    for count, value in enumerate(returns.tolist(), start=1):
        step = value - mean
        mean += step / count
        squares += step * (value - mean)
        sums.append(squares)
    out = np.full(len(returns), np.nan)
    out[1:] = np.sqrt(np.array(sums[1:]) / np.arange(1, len(sums)))
    return out
