"""The seeded bars, splits and dividends that the golden cases trade on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from holdfast.data.ingest import synthetic_bars

MINUTES = ("2024-11-18", "2024-12-04")  # 2024-11-29 closes at 13:00
NO_PAYOUTS = pd.DataFrame(columns=["symbol", "kind", "date", "value", "pay_date"])


@dataclass(frozen=True)
class Market:
    """What both engines ingest."""

    bars: pd.DataFrame
    frequency: Literal["daily", "minute"]
    adjustments: pd.DataFrame


def daily() -> Market:
    """Ten assets that trade every day."""
    bars = synthetic_bars(10, "2024-01-02", "2024-07-31", seed=11, annual_volatility=0.5)
    return Market(bars, "daily", NO_PAYOUTS)


def minute() -> Market:
    """Three assets that trade every minute; a half day among the sessions."""
    bars = synthetic_bars(3, *MINUTES, frequency="minute", seed=12, annual_volatility=1.2)
    return Market(bars, "minute", NO_PAYOUTS)


def daily_stocks() -> Market:
    """Four years under the symbols that Zipline's own examples trade."""
    bars = synthetic_bars(9, "2014-01-02", "2017-12-29", seed=19, annual_volatility=0.3)
    symbols = ("AAPL", "AMD", "CERN", "COST", "DELL", "GPS", "INTC", "MMM", "MSFT")
    names = dict(zip(sorted(bars["symbol"].unique()), symbols, strict=True))
    return Market(bars.assign(symbol=bars["symbol"].map(names)), "daily", NO_PAYOUTS)


def daily_gaps() -> Market:
    """A000 trades always, A001 starts late, A002 ends early, A003 has gaps, A004 is thin.

    On two days A003 has prices but no volume.
    """
    bars = synthetic_bars(5, "2024-03-01", "2024-05-31", seed=13, annual_volatility=0.6)
    day = bars["dt"]
    keep = pd.Series(True, index=bars.index)
    keep &= ~((bars["symbol"] == "A001") & (day < "2024-04-10"))
    keep &= ~((bars["symbol"] == "A002") & (day > "2024-05-07"))
    gone = ["2024-04-02", "2024-04-03", "2024-04-16", "2024-05-06", "2024-05-07", "2024-05-08"]
    keep &= ~((bars["symbol"] == "A003") & day.isin(pd.to_datetime(gone)))
    bars.loc[bars["symbol"] == "A004", "volume"] = np.floor(bars["volume"] / 100)
    quoted_only = (bars["symbol"] == "A003") & day.isin(
        pd.to_datetime(["2024-04-23", "2024-04-24"])
    )
    bars.loc[quoted_only, "volume"] = 0.0
    return Market(bars[keep].reset_index(drop=True), "daily", NO_PAYOUTS)


def minute_gaps() -> Market:
    """Like `daily_gaps`, by the minute: a late start, an early end, gaps, thin volume."""
    bars = synthetic_bars(5, "2024-11-21", "2024-12-04", "minute", seed=14, annual_volatility=1.0)
    moment, symbol = bars["dt"], bars["symbol"]
    keep = pd.Series(True, index=bars.index)
    keep &= ~((symbol == "A001") & (moment < "2024-11-27 15:00"))
    keep &= ~((symbol == "A002") & (moment > "2024-12-02 18:00"))
    chance = np.random.Generator(np.random.PCG64(99)).random(len(bars))
    late = (moment.dt.hour < 16) & (moment > "2024-11-27")
    keep &= ~((symbol == "A003") & ((chance < 0.7) | late | (moment.dt.day == 2)))
    bars.loc[symbol == "A004", "volume"] = np.floor(bars["volume"] / 2000)
    return Market(bars[keep].reset_index(drop=True), "minute", NO_PAYOUTS)


def daily_payouts() -> Market:
    """Splits both ways, dividends paid later, and both on one day."""
    bars = synthetic_bars(6, "2024-02-01", "2024-05-31", seed=15, annual_volatility=0.4)
    rows = [
        ("A000", "split", "2024-04-08", 0.5, None),
        ("A001", "split", "2024-04-10", 3.0, None),
        ("A002", "split", "2024-04-10", 2 / 3, None),
        ("A003", "dividend", "2024-04-09", 0.75, "2024-04-18"),
        ("A003", "dividend", "2024-05-09", 0.8, "2024-05-16"),
        ("A004", "dividend", "2024-04-11", 1.1, "2024-04-11"),
        ("A004", "split", "2024-04-11", 0.25, None),
        ("A004", "dividend", "2024-05-14", 0.2, "2024-05-20"),
        ("A005", "dividend", "2024-04-15", 0.333, "2024-04-29"),
        ("A005", "split", "2024-04-22", 1.5, None),
    ]
    bars = _adjusted(bars, rows)
    split_day_without_a_bar = (bars["symbol"] == "A000") & (bars["dt"] == "2024-04-08")
    bars = bars[~split_day_without_a_bar].reset_index(drop=True)
    return Market(bars, "daily", _table(rows))


def minute_payouts() -> Market:
    """Splits and dividends over a week of minutes."""
    bars = synthetic_bars(3, "2024-11-21", "2024-12-04", "minute", seed=16, annual_volatility=0.8)
    rows = [
        ("A000", "split", "2024-11-26", 0.5, None),
        ("A001", "split", "2024-11-27", 3.0, None),
        ("A002", "dividend", "2024-11-26", 0.6, "2024-12-02"),
        ("A000", "dividend", "2024-11-29", 0.25, "2024-11-29"),
    ]
    return Market(_adjusted(bars, rows), "minute", _table(rows))


MARKETS: dict[str, Callable[[], Market]] = {
    made.__name__: made
    for made in (
        daily,
        daily_stocks,
        minute,
        daily_gaps,
        minute_gaps,
        daily_payouts,
        minute_payouts,
    )
}

PayoutRow = tuple[str, str, str, float, str | None]


def _adjusted(bars: pd.DataFrame, rows: list[PayoutRow]) -> pd.DataFrame:
    """Let prices and volumes jump where the splits are, in whole cents and shares."""
    bars = bars.copy()
    prices = ["open", "high", "low", "close"]
    for symbol, kind, date, ratio, _ in rows:
        if kind == "split":
            after = (bars["symbol"] == symbol) & (bars["dt"] >= date)
            bars.loc[after, prices] = (bars.loc[after, prices] * ratio).round(2)
            bars.loc[after, "volume"] = np.floor(bars.loc[after, "volume"] / ratio)
    return bars


def _table(rows: list[PayoutRow]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(NO_PAYOUTS.columns))
