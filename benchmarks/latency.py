"""How long does one bar take, and how much of it is for the exact ledger?

Both run the scenarios' strategies on arrays: there a bar is the engine's, not pandas'.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import numpy as np

from .scenarios import SCENARIOS, TIERS, Scenario
from .strategies import daily_array, hourly_array, minute_array

ON_ARRAYS = {
    name: replace(SCENARIOS[name], strategy=strategy)
    for name, strategy in zip(SCENARIOS, (daily_array, hourly_array, minute_array), strict=True)
}


class _Scenarios:
    timeout = 600

    def setup_cache(self) -> dict[str, Path]:
        folder = Path.cwd()
        return {name: one.write_market(folder) for name, one in SCENARIOS.items()}


class Latency(_Scenarios):
    """The time from one bar to the next: fills, the strategy, and every session's end."""

    params = [TIERS, list(SCENARIOS), [50, 95, 99]]
    param_names = ["tier", "scenario", "percentile"]

    def track_bar(self, bundles: dict[str, Path], tier: str, name: str, percentile: int) -> float:
        """Within what time are so many per cent of the bars done?"""
        runs = [seconds_per_bar(ON_ARRAYS[name], bundles[name], tier) for _ in range(7)]
        # Every run meets the same bars, so a bar that took long once was disturbed from outside.
        return float(np.percentile(np.min(runs, axis=0), percentile))

    track_bar.unit = "seconds"  # type: ignore[attr-defined]


def seconds_per_bar(scenario: Scenario, bundle: Path, tier: str) -> Any:
    """Return how long each bar but the last took, shape (n_bars - 1,)."""
    moments: list[int] = []

    def handle_data(context: Any, data: Any) -> None:
        moments.append(time.perf_counter_ns())
        scenario.strategy.handle_data(context, data)

    watched: Any = SimpleNamespace(initialize=scenario.strategy.initialize, handle_data=handle_data)
    replace(scenario, strategy=watched).run(bundle, tier)
    return np.diff(moments) / 1e9


class Ledgers(_Scenarios):
    """The exact ledger beside the float one: both in turn, in one process, many times."""

    params = [TIERS, list(SCENARIOS)]
    param_names = ["tier", "scenario"]

    def track_decimal_over_float(self, bundles: dict[str, Path], tier: str, name: str) -> float:
        """How many times as long does a backtest with the exact ledger take?"""
        return decimal_over_float(ON_ARRAYS[name], bundles[name], tier)

    track_decimal_over_float.unit = "ratio"  # type: ignore[attr-defined]


class LedgersTogether(_Scenarios):
    """The same for all scenarios at once."""

    params = [TIERS]
    param_names = ["tier"]

    def track_decimal_over_float(self, bundles: dict[str, Path], tier: str) -> float:
        """How many times as long does it take, on the average of the scenarios?"""
        ratios = [decimal_over_float(one, bundles[name], tier) for name, one in ON_ARRAYS.items()]
        return sum(ratios) / len(ratios)

    track_decimal_over_float.unit = "ratio"  # type: ignore[attr-defined]


def decimal_over_float(scenario: Scenario, bundle: Path, tier: str, seconds: float = 3.0) -> float:
    """Return the median ratio of pairs of runs, of which there are 7 to 101 in the time given."""

    def cpu_seconds(ledger: str) -> float:
        before = time.process_time()
        scenario.run(bundle, tier, ledger=ledger)
        return time.process_time() - before

    warm = cpu_seconds("decimal") + cpu_seconds("float")
    ratios = []
    # They take turns, and take turns at being first: what drifts hits both alike.
    for number in range(min(max(int(seconds / warm), 7), 101)):
        order = ("decimal", "float") if number % 2 else ("float", "decimal")
        took = {ledger: cpu_seconds(ledger) for ledger in order}
        ratios.append(took["decimal"] / took["float"])
    return median(ratios)
