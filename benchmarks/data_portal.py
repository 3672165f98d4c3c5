"""Layer 2: what do cached windows save in ``data.history``, and how often are they hit?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from holdfast.api import record
from holdfast.data.bundle import Bundle
from holdfast.layers import Layers
from holdfast.run import build_portal

from .markets import OFF_ON, switched
from .old_names import BarData, get_window_cache, keep_version
from .scenarios import DAILY, SCENARIOS
from .strategies import daily_array

ARITIES = ["asset", "assets", "fields"]


def data_at_the_end(path: Path, layers: Layers) -> tuple[Any, Any]:
    """Return ``data`` at the bundle's last session, and the assets."""
    with Bundle(path) as bundle:
        data = BarData(build_portal(bundle, False, layers))
        data.row = data.session = len(bundle.sessions) - 1
        return data, bundle.assets.retrieve_all()


class History:
    """One call of ``data.history``, with layer 1 on in either case."""

    params = [["quick"], OFF_ON, [50], ARITIES, ["array", "dataframe"]]
    param_names = ["tier", "layer", "bars", "arity", "return_type"]

    def setup_cache(self) -> Path:
        return DAILY.write_market(Path.cwd())

    def setup(self, path: Path, tier: str, state: str, n: int, arity: str, kind: str) -> None:
        layers = switched(state, "windows", beside=("asset_lists", "grouping"))
        self.data, assets = data_at_the_end(path, layers)
        self.assets = assets[0] if arity == "asset" else list(assets)
        self.fields = ["close", "volume"] if arity == "fields" else "close"
        self.data.history(self.assets, self.fields, n, "1d", return_type=kind)

    def time_history(
        self, path: Path, tier: str, state: str, n: int, arity: str, kind: str
    ) -> None:
        """How long does one window take?"""
        self.data.history(self.assets, self.fields, n, "1d", return_type=kind)


class HistoryByLength(History):
    """The same for the common lengths, where an array of one asset is all there is to it."""

    params = [["full"], OFF_ON, [20, 50, 200], ["asset"], ["array", "dataframe"]]


def look_back(context: Any, data: Any) -> None:
    """Read, per bar, the windows that indicators of common lengths would."""
    for asset in context.assets:
        for length in (20, 50, 200):
            record(last=data.history(asset, "close", length, "1d", return_type="array")[-1])


class Backtests:
    """The daily scenario's market, read by windows of 20, 50 and 200 bars per asset."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 300

    def setup_cache(self) -> Path:
        return DAILY.write_market(Path.cwd())

    def time_windows(self, path: Path, tier: str, state: str) -> None:
        """How long does the backtest take without and with layer 2, on top of layer 1?"""
        beside = ("asset_lists", "grouping", "connections")
        start, end = DAILY.dates[tier]
        from holdfast import run_algorithm

        run_algorithm(
            start=start,
            end=end,
            bundle=path,
            initialize=daily_array.initialize,
            handle_data=look_back,
            layers=switched(state, "windows", beside=beside),
        )


class HitRate:
    """How often is a window remembered, in percent?"""

    def setup_cache(self) -> dict[str, Path]:
        folder = Path.cwd()
        return {name: one.write_market(folder) for name, one in SCENARIOS.items()}

    def setup(self, bundles: dict[str, Path]) -> None:
        get_window_cache().clear()

    @keep_version("5b38646be86bf70aaa6290fa5c9183551f6c662552d06541c6901ab36aaa82fe")
    def track_mixed_lengths(self, bundles: dict[str, Path]) -> float:
        """With 70 % of windows of 20, 50 or 200 bars and 30 % of any length?"""
        data, assets = data_at_the_end(bundles["daily"], Layers.ALL)
        generator = np.random.default_rng(0)
        for _ in range(2000):
            common = generator.random() < 0.7
            n = int(generator.choice([20, 50, 200]) if common else generator.integers(2, 400))
            asset = assets[int(generator.integers(len(assets)))]
            data.history(asset, "close", n, "1d", return_type="array")
        return 100 * get_window_cache().hit_rate

    @keep_version("57499e823552ce65f51c29fc4e6a79517e52509f8d898be08e39f845b4269ac4")
    def track_daily_scenario(self, bundles: dict[str, Path]) -> float:
        """In one daily backtest, from an empty memory?"""
        DAILY.run(bundles["daily"], "full", layers=Layers.ALL)
        return 100 * get_window_cache().hit_rate

    track_mixed_lengths.unit = track_daily_scenario.unit = "percent"  # type: ignore[attr-defined]

    @keep_version("e725218efff60343b75eb9962f6a1afb0a5ad76e6907863c7fd7aab77be98fd4")
    def track_bytes(self, bundles: dict[str, Path]) -> int:
        """How much do the windows of all three scenarios take together?"""
        for name, scenario in SCENARIOS.items():
            scenario.run(bundles[name], "quick", layers=Layers.ALL)
        return get_window_cache().bytes

    track_bytes.unit = "bytes"  # type: ignore[attr-defined]
