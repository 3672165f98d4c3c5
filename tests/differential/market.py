"""A random market: gaps, late starts, early ends, zero volumes, splits, dividends, half days.

What docs/zipline.md lists as different on purpose is left out: a dividend whose day before has no
bar, a payment that is not on a session, a price finer than 0.001.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from golden.markets import NO_PAYOUTS, Market
from holdfast.data.ingest.synthetic import synthetic_bars

DAILY = ("2024-05-01", "2024-12-31")  # with 3 July, 29 November and 24 December
MINUTE = ("2024-11-25", "2024-12-04")  # with the short session of 29 November
PRICES = ["open", "high", "low", "close"]


def random_market(frequency: str, seed: int) -> Market:
    """Return the market of a seed, ``daily`` or ``minute``."""
    rng = np.random.Generator(np.random.PCG64(seed))
    daily = frequency == "daily"
    n_assets = int(rng.integers(3, 7)) if daily else 3
    span = DAILY if daily else MINUTE
    volatility = float(rng.choice([0.2, 0.6, 1.5]))
    bars = synthetic_bars(n_assets, *span, frequency, seed=seed, annual_volatility=volatility)
    bars = bars[_kept(bars, rng, daily)].reset_index(drop=True)
    bars["volume"] = np.floor(bars["volume"] / rng.choice([1, 20, 400]))
    bars.loc[rng.random(len(bars)) < rng.choice([0.0, 0.02, 0.1]), "volume"] = 0.0
    rows = _payouts(bars, rng)
    return Market(_split(bars, rows), frequency, rows)


def _kept(bars: pd.DataFrame, rng: np.random.Generator, daily: bool) -> pd.Series:
    """Which bars there are: the first asset trades always, the others as it happens."""
    keep = pd.Series(True, index=bars.index)
    moments = bars["dt"].drop_duplicates().sort_values().to_numpy()
    for symbol in sorted(bars["symbol"].unique())[1:]:
        own = bars["symbol"] == symbol
        gaps = float(rng.choice([0.0, 0.03, 0.3]))
        keep &= ~own | (rng.random(len(bars)) >= gaps)
        if rng.random() < 0.4:
            late = moments[int(rng.integers(1, len(moments) // 2))]
            keep &= ~(own & (bars["dt"] < late))
        if rng.random() < 0.4:
            early = moments[int(rng.integers(len(moments) // 2, len(moments) - 1))]
            keep &= ~(own & (bars["dt"] > early))
    return keep


def _payouts(bars: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Splits both ways on sessions, and dividends where the day before has a bar."""
    days = bars.assign(day=bars["dt"].dt.normalize()).groupby("symbol")["day"].unique()
    sessions = np.sort(bars["dt"].dt.normalize().unique())
    rows = []
    for symbol, own in days.items():
        own = np.sort(own)
        traded = set(own)
        for _ in range(int(rng.integers(0, 3))):
            day = sessions[int(rng.integers(1, len(sessions)))]
            if not own[0] < day <= own[-1]:
                continue
            before = sessions[np.searchsorted(sessions, day) - 1]
            if rng.random() < 0.5:
                ratio = float(rng.choice([0.5, 0.25, 0.1, 2 / 3, 2.0, 1.5, 3.0]))
                rows.append((symbol, "split", day, ratio, None))
            elif before in traded:
                later = sessions[np.searchsorted(sessions, day) :]
                pay = later[min(int(rng.integers(0, 6)), len(later) - 1)]
                rows.append((symbol, "dividend", day, round(float(rng.random()), 3) + 0.01, pay))
    table = pd.DataFrame(rows, columns=list(NO_PAYOUTS.columns))
    table = table.drop_duplicates(["symbol", "kind", "date"])
    # Of a table out of order Zipline reads no further than the first date to come.
    return table.sort_values("date", kind="stable").reset_index(drop=True)


def _split(bars: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Let prices and volumes jump where the splits are, in whole cents and shares."""
    for row in rows[rows["kind"] == "split"].itertuples():
        after = (bars["symbol"] == row.symbol) & (bars["dt"] >= row.date)
        bars.loc[after, PRICES] = (bars.loc[after, PRICES] * row.value).round(2).clip(lower=0.05)
        bars.loc[after, "volume"] = np.floor(bars.loc[after, "volume"] / row.value)
    return bars
