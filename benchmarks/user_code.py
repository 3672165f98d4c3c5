"""Layer 1: what do cached asset lists and grouped bars save around a strategy's own code?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from holdfast.api import record, symbols
from holdfast.data.bundle import Bundle
from holdfast.layers.lru import LRU

from .markets import N_BROAD, OFF_ON, backtest, switched, write_broad
from .old_names import CachedAssets, get_group_cache, group_bars, keep_version, read_current_version

NAMES = [f"A{number:03d}" for number in range(N_BROAD)]
SESSIONS = ("2025-03-24", "2025-03-28")


class _Broad:
    def setup_cache(self) -> Path:
        return write_broad(Path.cwd())


class AssetLists(_Broad):
    """What each backtest asks of the asset list: all assets, and every name."""

    params = [["quick"], OFF_ON]
    param_names = ["tier", "layer"]

    def setup(self, path: Path, tier: str, state: str) -> None:
        self.bundle = Bundle(path)

    def teardown(self, path: Path, tier: str, state: str) -> None:
        self.bundle.close()

    @keep_version("7b8ffa98a0bad2d535c3b1d88f833a6992b35e8a9c4d2c032ccdc68beb01d199")
    def time_asset_list(self, path: Path, tier: str, state: str) -> None:
        """How long does a backtest wait for its assets?"""
        finder: Any = self.bundle.assets
        if state == "on":
            finder = CachedAssets(finder, self.bundle.version)
        finder.retrieve_all()
        for name in NAMES:
            finder.lookup_symbol(name)


class Grouping(_Broad):
    """What a strategy's windows ask of the bars: 20 closes of every asset."""

    params = [["quick"], OFF_ON]
    param_names = ["tier", "layer"]

    def setup(self, path: Path, tier: str, state: str) -> None:
        with Bundle(path) as bundle:
            self.assets = bundle.assets.retrieve_all()
            self.bars: Any = bundle.bars("1d")
            if state == "on":
                self.bars = group_bars(self.bars, bundle.version)

    @keep_version("89c8b541342f73bf5d993395e8e9b02deaf1bbd2af5d10e5653a9dea2a4ba832")
    def time_windows(self, path: Path, tier: str, state: str) -> None:
        """How long does it take to pick out a window of each asset?"""
        for asset in self.assets:
            self.bars.window(asset, "close", 30, 50)


def watch(context: Any) -> None:
    context.assets = symbols(*NAMES)


def average(context: Any, data: Any) -> None:
    window = data.history(context.assets, "close", 20, "1d", return_type="array")
    record(mean=window.mean())


class Combined(_Broad):
    """Backtests of a week over 200 assets, one after the other, over a bundle that is open."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 300
    backtests = {"quick": 5, "full": 100}

    def time_backtests(self, path: Path, tier: str, state: str) -> None:
        """How long do they take without and with both parts of layer 1?"""
        layers = switched(state, "asset_lists", "grouping", beside=("connections",))
        for _ in range(self.backtests[tier]):
            backtest(path, layers, SESSIONS, initialize=watch, handle_data=average)


class Memory(_Broad):
    def setup(self, path: Path) -> None:
        with Bundle(path) as bundle:
            self.assets = bundle.assets.retrieve_all()
            self.bars = bundle.bars("1d")
            self.version = bundle.version

    @keep_version("10130f8534fc552699a20408119aa316324c13760eaafaf92b9e4ddab2cfa600")
    def track_bytes_over_table(self, path: Path) -> float:
        """How large are the groups, in bytes of the table they came from?"""
        groups = get_group_cache()
        groups.clear()
        grouped = group_bars(self.bars, self.version)
        for asset in self.assets:
            grouped.value(asset, "close", 0)
        columns = (self.bars.sids, self.bars.rows, *self.bars.columns.values())
        return groups.bytes / sum(column.nbytes for column in columns)

    track_bytes_over_table.unit = "ratio"  # type: ignore[attr-defined]


class Bookkeeping(_Broad):
    def setup(self, path: Path) -> None:
        self.arrays = [np.zeros(1000) for _ in range(64)]

    def time_put_with_evictions(self, path: Path) -> None:
        """How long do 1,000 puts take in a memory that must let one go for each?"""
        lru: LRU[int, Any] = LRU(64, 32 * 8000, size_of=lambda array: int(array.nbytes))
        for number in range(1000):
            lru.put(number, self.arrays[number % 64])

    @keep_version("8949fa6c4db7b408e1e9ecc368d942b4b1c64a2de5fccca989f9d21a8f3c4b31")
    def time_version(self, path: Path) -> None:
        """How long does it take to learn which version of a bundle is current?"""
        read_current_version(path)
