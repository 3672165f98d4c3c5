"""Random daily markets with all that is odd: gaps, late starts, early ends, splits, dividends."""

from __future__ import annotations

import numpy as np
import pandas as pd

from golden.markets import NO_PAYOUTS, Market
from holdfast.data.ingest.synthetic import synthetic_bars

FIRST, START, END, LAST = "2024-01-02", "2024-05-13", "2024-07-12", "2024-07-15"


def random_market(seed: int) -> Market:
    """Eight assets, of which the first is always there."""
    generator = np.random.default_rng(seed)
    bars = synthetic_bars(8, FIRST, LAST, seed=seed, annual_volatility=0.5)
    days = np.sort(bars["dt"].unique())
    keep, rows = pd.Series(True, index=bars.index), []
    for number, symbol in enumerate(sorted(bars["symbol"].unique())):
        own = bars["symbol"] == symbol
        if number and generator.random() < 0.4:
            keep &= ~(own & (bars["dt"] < generator.choice(days[60:110])))
        if number and generator.random() < 0.4:
            keep &= ~(own & (bars["dt"] > generator.choice(days[100:])))
        gaps = generator.choice(days[1:-1], int(generator.integers(0, 8)), replace=False)
        if number and generator.random() < 0.6:
            keep &= ~(own & bars["dt"].isin(gaps))
        rows += _payouts(generator, symbol, days, gaps)
    market = pd.DataFrame(rows, columns=list(NO_PAYOUTS.columns))
    inside = [
        _has_bars_around(bars[keep], row.symbol, row.date, days) for row in market.itertuples()
    ]
    return Market(bars[keep].reset_index(drop=True), "daily", market[inside].reset_index(drop=True))


def _payouts(generator, symbol, days, gaps):
    """Return splits and dividends of one asset, at most one a day."""
    chosen = generator.choice(days[20:-5], int(generator.integers(0, 5)), replace=False)
    rows = []
    for day in chosen:
        date = str(day)[:10]
        if generator.random() < 0.5:
            rows.append((symbol, "split", date, float(generator.choice([0.5, 2.0, 1.5])), None))
        else:
            rows.append((symbol, "dividend", date, round(generator.uniform(0.05, 1), 2), date))
    return rows


def _has_bars_around(bars, symbol, date, days):
    """Whether there is a bar on a day and on the one before, as Zipline wants it of a dividend."""
    own = set(bars.loc[bars["symbol"] == symbol, "dt"].astype(str).str[:10])
    before = str(days[np.searchsorted(days, np.datetime64(date)) - 1])[:10]
    return date in own and before in own
