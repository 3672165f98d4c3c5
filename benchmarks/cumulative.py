"""All layers together: what do they save on a whole sweep, and do they ever cost?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from joblib.externals.loky import get_reusable_executor

from holdfast.data.ingest import write_bundle
from holdfast.layers import Layers
from holdfast.layers.shared import COPIES
from holdfast.sweep import grid, walk_forward

from .markets import OFF_ON
from .old_names import synthetic_bars

LAYERS = {"off": Layers.NONE, "on": Layers.ALL}
SPAN = {"start": "2023-01-03", "end": "2024-12-31"}


def write_universe(folder: Path) -> Path:
    """100 assets over three years of daily bars, of which the strategy trades ten."""
    path = folder / "universe"
    write_bundle(path, synthetic_bars(100, "2022-01-03", "2024-12-31"))
    return path


def make_averages() -> Any:
    """Return the strategy of the sweeps: hold what has its short mean above its long one.

    It is made here, not imported, since a worker cannot import asv's benchmark modules.
    """

    def averages(fast: int, slow: int) -> Any:
        from holdfast.api import order_target, symbols

        def initialize(context: Any) -> None:
            context.assets = symbols(*(f"A{number:03d}" for number in range(10)))

        def handle_data(context: Any, data: Any) -> None:
            short, long = (
                data.history(context.assets, "price", count, "1d", return_type="array")
                for count in (fast, slow)
            )
            rising = short.mean(axis=0) > long.mean(axis=0)
            for asset, up in zip(context.assets, rising.tolist(), strict=True):
                order_target(asset, 100 if up else 0)

        return initialize, handle_data

    return averages


def pairs(n_fast: int, n_slow: int) -> dict[str, range]:
    """Return that many short and long windows."""
    return {"fast": range(5, 5 + n_fast), "slow": range(60, 60 + 4 * n_slow, 4)}


class _Sweeps:
    """Sweeps on two workers that start with each timed call: nothing is warm, off or on."""

    params = [["full"], [25, 225], OFF_ON]
    param_names = ["tier", "backtests", "layers"]
    timeout = 1200
    # Processes are started: a warm-up would keep the workers of the case before.
    warmup_time = 0
    number = 1
    repeat = (3, 5, 30.0)

    def setup_cache(self) -> Path:
        return write_universe(Path.cwd())

    def setup(self, path: Path, tier: str, backtests: int, state: str) -> None:
        get_reusable_executor(max_workers=2).shutdown(wait=True)
        COPIES.remove_all()

    teardown = setup

    def options(self, path: Path, state: str) -> dict[str, Any]:
        return {"bundle": path, "workers": 2, "layers": LAYERS[state], "errors": "raise", **SPAN}


class GridSearch(_Sweeps):
    grids = {25: pairs(5, 5), 225: pairs(15, 15)}

    def time_sweep(self, path: Path, tier: str, backtests: int, state: str) -> None:
        """How long does a grid search take, all layers off or all on?"""
        grid(make_averages(), self.grids[backtests], **self.options(path, state))


class WalkForward(_Sweeps):
    """Five windows: each trains every pair, and tests the best."""

    grids = {25: pairs(2, 2), 225: pairs(4, 11)}

    def time_sweep(self, path: Path, tier: str, backtests: int, state: str) -> None:
        """How long does a walk-forward take, all layers off or all on?"""
        options = self.options(path, state)
        walk_forward(make_averages(), self.grids[backtests], n_splits=5, **options)


class InProcess:
    """A grid without workers, so short that what a sweep does around its backtests shows."""

    params = [["quick"]]
    param_names = ["tier"]

    def setup_cache(self) -> Path:
        return write_universe(Path.cwd())

    def time_grid(self, path: Path, tier: str) -> None:
        """How long do 25 backtests of a month take?"""
        month = {"start": "2024-12-02", "end": "2024-12-31"}
        grid(make_averages(), pairs(5, 5), bundle=path, workers=1, errors="raise", **month)
