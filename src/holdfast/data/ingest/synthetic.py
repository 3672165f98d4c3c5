"""Generates a seeded market: geometric random walks on real sessions, in whole cents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from holdfast.data.bars import Floats
from holdfast.data.dates import read_date
from holdfast.data.ingest.calendars import Frequency, build_sessions
from holdfast.errors import UsageError

_MINUTES_A_DAY = 390


def synthetic_bars(
    n_assets: int,
    start: str,
    end: str,
    frequency: Frequency = "daily",
    calendar: str = "XNYS",
    seed: int = 0,
    annual_volatility: float = 0.25,
) -> pd.DataFrame:
    """Return bars of a random market; the same arguments give the same bytes.

    Parameters
    ----------
    n_assets
        Symbols are A000, A001, ...; an asset's bars do not depend on how many there are.
    start, end
        First and last date, both included; only sessions of `calendar` have bars.
    frequency
        ``daily`` or ``minute``.
    calendar
        A calendar of exchange_calendars.
    seed
        Seed of the random walks.
    annual_volatility
        Standard deviation of a year's log return.

    Returns
    -------
    DataFrame
        Columns symbol, dt, open, high, low, close, volume, sorted by symbol and dt: what
        ``write_bundle`` takes. At least one cent per share, one share per bar.

    Raises
    ------
    UsageError
        When `n_assets` is less than 1, or the dates are not in order.
    """
    dates = {"start": start, "end": end}
    if n_assets < 1:
        raise UsageError(f"n_assets is {n_assets}; at least 1 is needed")
    first, last = (pd.Timestamp(read_date(name, day)) for name, day in dates.items())
    if first > last:
        raise UsageError(f"start {start} is after end {end}")
    sessions = build_sessions(calendar, first, last)
    if frequency == "daily":
        moments, per_day = sessions.labels.astype("datetime64[ns]"), 1
    else:
        moments, per_day = (
            sessions.minutes.astype("datetime64[m]").astype("datetime64[ns]"),
            _MINUTES_A_DAY,
        )
    step = annual_volatility / np.sqrt(252 * per_day)
    frames = []
    for number in range(n_assets):
        generator = np.random.Generator(np.random.PCG64([seed, number]))
        bars = _simulate_walk(generator, len(moments), step)
        frames.append(pd.DataFrame({"symbol": f"A{number:03d}", "dt": moments, **bars}))
    return pd.concat(frames, ignore_index=True)


def _simulate_walk(generator: np.random.Generator, n_bars: int, step: float) -> dict[str, Floats]:
    """Return n_bars bars whose log prices move by `step` per bar."""
    path = np.log(generator.uniform(20, 200)) + np.cumsum(generator.normal(0, step, n_bars))
    gap, above, below = generator.normal(0, step / 3, (3, n_bars))
    previous = np.concatenate([path[:1], path[:-1]])
    open_, close = _round_to_cents(previous + gap), _round_to_cents(path)
    high = np.maximum(
        _round_to_cents(np.maximum(previous, path) + np.abs(above)), np.maximum(open_, close)
    )
    low = np.minimum(
        _round_to_cents(np.minimum(previous, path) - np.abs(below)), np.minimum(open_, close)
    )
    volume = np.maximum(np.round(generator.lognormal(10, 0.6, n_bars)), 1.0)
    return {"open": open_, "high": high, "low": low, "close": close, "volume": volume}


def _round_to_cents(log_price: Floats) -> Floats:
    price: Floats = np.maximum(np.round(np.exp(log_price), 2), 0.01)
    return price
