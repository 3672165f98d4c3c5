"""Layer 3: what does it save to keep bundles open?"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from holdfast.api import record, sid
from holdfast.data.bundle import Bundle
from holdfast.layers.connections import BundlePool

from .markets import OFF_ON, backtest, switched, write_broad, write_minutes

DAY = ("2025-03-31", "2025-03-31")


def choose(context: Any) -> None:
    context.asset = sid(0)


def look(context: Any, data: Any) -> None:
    record(close=data.current(context.asset, "close"))


class _Minutes:
    timeout = 600

    def setup_cache(self) -> Path:
        return write_minutes(Path.cwd())


class Pool(_Minutes):
    """Backtests of one session of minutes over a bundle of half a million, one after the other."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]
    backtests = {"quick": 3, "full": 100}

    def time_backtests(self, path: Path, tier: str, state: str) -> None:
        """How long do they take without and with the pool?"""
        layers = switched(state, "connections", beside=("asset_lists", "grouping", "windows"))
        strategy = {"initialize": choose, "handle_data": look}
        for _ in range(self.backtests[tier]):
            backtest(path, layers, DAY, data_frequency="minute", **strategy)


class Opening(_Minutes):
    """A bundle of many assets' daily bars, or of half a million minutes."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]

    def setup_cache(self) -> dict[str, Path]:
        return {"quick": write_broad(Path.cwd()), "full": write_minutes(Path.cwd())}

    def setup(self, paths: dict[str, Path], tier: str, state: str) -> None:
        self.pool = BundlePool(max_bundles=1)
        self.open = partial(self.pool.lease if state == "on" else Bundle, paths[tier])
        self.time_open(paths, tier, state)

    def teardown(self, paths: dict[str, Path], tier: str, state: str) -> None:
        self.pool.clear()

    def time_open(self, paths: dict[str, Path], tier: str, state: str) -> None:
        """How long until a bundle is open and what it opens is verified?"""
        with self.open():
            pass


_READY = """
import sys, time
try:
    from holdfast.layers.connections import BUNDLES as bundles  # until the caches had limits
except ImportError:
    from holdfast.layers import Limits
    from holdfast.layers.caches import get_caches
    bundles = get_caches(Limits()).bundles
start = time.perf_counter()
with bundles.lease(sys.argv[1]) as bundle:
    bundle.assets.retrieve_all()
    ready = time.perf_counter() - start
print(ready)
"""


class WorkerReady(_Minutes):
    """Fresh processes that open the bundle at the same time, their imports done."""

    params = [["full"], [1, 2, 4]]
    param_names = ["tier", "workers"]

    def track_ready(self, path: Path, tier: str, workers: int) -> float:
        """After how long has the slowest of them a bundle to work with?"""
        command = [sys.executable, "-c", _READY, str(path)]
        started = [
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)
        ]
        return max(float(process.communicate()[0]) for process in started)

    track_ready.unit = "seconds"  # type: ignore[attr-defined]
