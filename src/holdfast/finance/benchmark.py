"""The benchmark of a run: its daily returns, and how the run's returns relate to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.bars import Floats
from holdfast.data.portal import Portal, Window
from holdfast.errors import (
    BenchmarkAssetNotAvailableTooEarly,
    BenchmarkAssetNotAvailableTooLate,
    UsageError,
)

_SESSIONS_A_YEAR = 252
_NO_VARIANCE = 1e-30  # a benchmark that varies by less has no beta


def returns_of_asset(portal: Portal, asset: Asset, first: int, last: int) -> Floats:
    """Return an asset's daily returns, its dividends reinvested.

    Parameters
    ----------
    portal
        Has the prices.
    asset
        Must trade from the first session to the last.
    first, last
        Rows of the run's sessions, both included.

    Returns
    -------
    (last - first + 1,) float64
        From close to close; from open to close on a first session that is also the asset's.

    Raises
    ------
    BenchmarkAssetNotAvailableTooEarly, BenchmarkAssetNotAvailableTooLate
        When the asset does not trade all the time.
    """
    labels, (begins, ends) = portal.sessions.labels, portal.life(asset)
    if begins > first:
        raise BenchmarkAssetNotAvailableTooEarly(
            f"the benchmark {asset.symbol} trades from {labels[begins]} on, after the run's start "
            f"on {labels[first]} (start later, or choose another)"
        )
    if ends < last:
        raise BenchmarkAssetNotAvailableTooLate(
            f"the benchmark {asset.symbol} trades until {labels[ends]}, before the run's end on "
            f"{labels[last]} (end earlier, or choose another)"
        )
    count = last - first + 1 + (begins < first)
    closes = _daily(portal, asset, "price", count, last)
    returns: Floats = closes[1:] / closes[:-1] - 1
    if begins < first:
        return returns
    opened, closed = (_daily(portal, asset, name, 1, first)[0] for name in ("open", "close"))
    return np.concatenate([[(closed - opened) / opened], returns])


def returns_given(series: Any, labels: NDArray[np.datetime64]) -> Floats:
    """Return given daily returns on the run's sessions; a session without one counts as 0.

    Parameters
    ----------
    series : Series of float
        Indexed by date.
    labels : (n_sessions,) datetime64[D]
        The run's sessions.
    """
    if isinstance(series, pd.DataFrame) and series.shape[1] == 1:
        series = series.iloc[:, 0]
    if not isinstance(series, pd.Series):
        raise UsageError(f"benchmark_returns is a {type(series).__name__}, not a Series by date")
    try:
        index = pd.DatetimeIndex(series.index)
    except (TypeError, ValueError):
        raise UsageError("benchmark_returns must be indexed by dates") from None
    if index.tz is not None:
        index = index.tz_convert("UTC").tz_localize(None)
    by_day = pd.Series(series.to_numpy(dtype=float), index.normalize())
    by_day = by_day[~by_day.index.duplicated(keep="last")]
    on_sessions = by_day.reindex(pd.DatetimeIndex(labels.astype("datetime64[ns]"))).fillna(0.0)
    return on_sessions.to_numpy()


def alpha_beta(returns: Floats, benchmark: Floats) -> tuple[Floats, Floats]:
    """Return alpha and beta of all sessions so far, session by session, as empyrical defines them.

    Parameters
    ----------
    returns, benchmark : (n_sessions,) float64
        Daily returns; sessions whose benchmark is NaN do not count.

    Returns
    -------
    (n_sessions,) float64, twice
        Annual alpha, and beta; NaN where the benchmark has not varied. Next to a benchmark that
        hardly varies beta is so large that a year of it may exceed all numbers: alpha is then
        infinite, as empyrical's is.
    """
    daily, beta = np.full(len(returns), np.nan), np.full(len(returns), np.nan)
    count = 0
    mean = other_mean = covariance = variance = 0.0
    for row, (own, other) in enumerate(zip(returns.tolist(), benchmark.tolist(), strict=True)):
        if other == other:
            count += 1
            step = other - other_mean
            mean += (own - mean) / count
            other_mean += step / count
            variance += step * (other - other_mean)
            covariance += step * (own - mean)
        if row and count and variance / count >= _NO_VARIANCE:
            beta[row] = covariance / variance
            daily[row] = mean - beta[row] * other_mean
    with np.errstate(over="ignore"):
        return (daily + 1) ** _SESSIONS_A_YEAR - 1, beta


def _daily(portal: Portal, asset: Asset, field: str, count: int, session: int) -> Floats:
    """Return the last daily bars as a session ends, also in minute mode."""
    row = session
    if portal.minute_mode:
        row = int(portal.sessions.first_minutes[session + 1]) - 1
    return portal.history(Window((asset,), field, count, "1d"), row, session)[:, 0]
