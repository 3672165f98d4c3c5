"""How long does one whole backtest take: daily, hourly on minutes, and minute by minute?

Every scenario runs with zero costs and a capital of a million over a seeded market. The quick
tier is what the gate measures on each change, the full tier is the scenario as published.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from holdfast import run_algorithm
from holdfast.data.ingest import write_bundle

from .old_names import synthetic_bars
from .strategies import daily, hourly, minute

TIERS = ["quick", "full"]


@dataclass(frozen=True)
class Scenario:
    """A strategy, and the dates it runs over in each tier.

    The market reaches back before the start, so that the first window is full.
    """

    name: str
    strategy: ModuleType
    frequency: str
    n_assets: int
    market_from: str
    dates: dict[str, tuple[str, str]]

    def write_market(self, folder: Path) -> Path:
        """Write the market of the full tier, of which the quick tier is a part."""
        end = self.dates["full"][1]
        bars = synthetic_bars(self.n_assets, self.market_from, end, self.frequency)
        write_bundle(folder / self.name, bars, self.frequency)
        return folder / self.name

    def run(self, bundle: Path, tier: str, **options: Any) -> Any:
        start, end = self.dates[tier]
        return run_algorithm(
            start=start,
            end=end,
            initialize=self.strategy.initialize,
            handle_data=self.strategy.handle_data,
            capital_base=1e6,
            bundle=bundle,
            data_frequency=self.frequency,
            **options,
        )


DAILY = Scenario(
    name="daily",
    strategy=daily,
    frequency="daily",
    n_assets=10,
    market_from="2023-09-01",
    dates={"quick": ("2025-05-01", "2025-08-01"), "full": ("2024-08-01", "2025-08-01")},
)
HOURLY = Scenario(
    name="hourly",
    strategy=hourly,
    frequency="minute",
    n_assets=5,
    market_from="2024-08-26",
    dates={"quick": ("2024-09-05", "2024-09-05"), "full": ("2024-09-03", "2024-11-29")},
)
MINUTE = Scenario(
    name="minute",
    strategy=minute,
    frequency="minute",
    n_assets=3,
    market_from="2024-09-30",
    dates={"quick": ("2024-10-01", "2024-10-02"), "full": ("2024-10-01", "2024-11-01")},
)
SCENARIOS = {scenario.name: scenario for scenario in (DAILY, HOURLY, MINUTE)}


def fingerprint(perf: Any) -> int:
    """Return 48 bits that change when any transaction or daily value does."""
    digest = hashlib.sha256()
    for transactions in perf["transactions"]:
        for done in transactions:
            numbers = (done["sid"].sid, done["amount"], done["dt"].value)
            digest.update(struct.pack("<qqqd", *numbers, done["price"]))
    # To a millionth of a cent: the order of a sum may change, money may not.
    digest.update(perf["portfolio_value"].round(8).to_numpy().tobytes())
    return int.from_bytes(digest.digest()[:6])


def peakmem_imports() -> None:
    """How much memory do the interpreter and the imports take, before any backtest?"""


class _Backtest:
    """One backtest of one scenario, from opening the bundle to the perf frame."""

    scenario: Scenario
    params = [TIERS]
    param_names = ["tier"]
    timeout = 600

    def setup_cache(self) -> dict[str, Path]:
        folder = Path.cwd()
        return {name: one.write_market(folder) for name, one in SCENARIOS.items()}

    def setup(self, bundles: dict[str, Path], tier: str) -> None:
        self.bundle = bundles[self.scenario.name]

    def time_backtest(self, bundles: dict[str, Path], tier: str) -> None:
        """How long does the backtest take?"""
        self.scenario.run(self.bundle, tier)

    def peakmem_backtest(self, bundles: dict[str, Path], tier: str) -> None:
        """How much memory does the process need at most?"""
        self.scenario.run(self.bundle, tier)

    def track_fingerprint(self, bundles: dict[str, Path], tier: str) -> int:
        """Are the trades and values still the same?"""
        return fingerprint(self.scenario.run(self.bundle, tier))

    track_fingerprint.unit = "fingerprint"  # type: ignore[attr-defined]


class Daily(_Backtest):
    scenario = DAILY


class Hourly(_Backtest):
    scenario = HOURLY


class Minute(_Backtest):
    scenario = MINUTE
