"""Layer: what does a clock save that passes over idle bars?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from holdfast import run_algorithm, run_targets
from holdfast.api import date_rules, order_target_percent, schedule_function, sid, time_rules

from .markets import OFF_ON, switched, write_minutes

BESIDE = ("asset_lists", "grouping", "windows", "connections")
DATES = {"quick": ("2025-01-02", "2025-01-31"), "full": ("2025-01-02", "2025-03-31")}
CLOSED = ["2025-01-09", "2025-01-20", "2025-02-17"]


def schedule(context: Any) -> None:
    schedule_function(rebalance, date_rules.week_start(), time_rules.market_open(minutes=30))


def rebalance(context: Any, data: Any) -> None:
    """Hold the one of five assets that rose most in a day of minutes."""
    assets = [sid(number) for number in range(5)]
    closes = data.history(assets, "close", 390, "1m")
    best = (closes.iloc[-1] / closes.iloc[0]).idxmax()
    for asset in assets:
        order_target_percent(asset, 0.2 if asset == best else 0.0)


class _OverMinutes:
    """A backtest over minute bars, which are written once for both."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 600

    def setup_cache(self) -> Path:
        return write_minutes(Path.cwd())


class Scheduled(_OverMinutes):
    """A strategy over minute bars that is called once a week."""

    def setup(self, path: Path, tier: str, state: str) -> None:
        self.layers = switched(state, "sparse_clock", beside=BESIDE)
        self.time_backtest(path, tier, state)  # opens the bundle: another layer's matter

    def time_backtest(self, path: Path, tier: str, state: str) -> None:
        """How long does a month (quick) or a quarter (full) take?"""
        start, end = DATES[tier]
        run_algorithm(
            start=start,
            end=end,
            bundle=path,
            initialize=schedule,
            data_frequency="minute",
            layers=self.layers,
        )


class Targets(_OverMinutes):
    """A table of targets over minute bars, with other shares an hour after each opening."""

    def setup(self, path: Path, tier: str, state: str) -> None:
        self.layers = switched(state, "sparse_clock", beside=BESIDE)
        days = pd.bdate_range(*DATES[tier]).difference(pd.DatetimeIndex(CLOSED))
        times = days.tz_localize("America/New_York") + pd.Timedelta(hours=10, minutes=30)
        rows = [[100 * (turn % 3), 100 * (turn % 2)] for turn in range(len(times))]
        self.table = pd.DataFrame(rows, times, ["A000", "A001"])
        self.time_backtest(path, tier, state)  # opens the bundle: another layer's matter

    def time_backtest(self, path: Path, tier: str, state: str) -> None:
        """How long does a month (quick) or a quarter (full) take?"""
        start, end = DATES[tier]
        run_targets(
            self.table,
            start=start,
            end=end,
            bundle=path,
            data_frequency="minute",
            layers=self.layers,
        )
