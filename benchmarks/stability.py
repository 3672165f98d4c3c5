"""How steady are sweeps on one, two and four workers, and do the workers share the work?

Workers that wait for each other, for a lock or for memory, show here before a sweep as a whole
becomes slower. Such figures stray: the policy judges them against their own history.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from joblib.externals.loky import get_reusable_executor

from holdfast.layers import Layers
from holdfast.layers.shared import COPIES
from holdfast.layers.workers import parallel_map
from holdfast.sweep import grid

from .cumulative import SPAN, make_averages, pairs, write_universe
from .old_names import make_prepare

REPEATS = 7
GRID = pairs(6, 8)
OPTIONS = {
    "capital_base": 1e7,
    "data_frequency": "daily",
    "layers": Layers.ALL,
    "ledger": "decimal",
}


def make_timed(path: Path) -> Any:
    """Return one backtest, run as a sweep runs it, that says who ran it and for how long."""
    averages, prepare = make_averages(), make_prepare()

    def timed(chosen: tuple[int, int]) -> tuple[int, float]:
        import os
        import time

        simulate = prepare(bundle=path, **SPAN, **OPTIONS)
        began = time.perf_counter()
        simulate(*averages(*chosen)).metrics.summary()
        return os.getpid(), time.perf_counter() - began

    return timed


class Stability:
    """The same 48 backtests, on workers that are warm."""

    params = [["full"], [1, 2, 4]]
    param_names = ["tier", "workers"]
    timeout = 1200

    def setup_cache(self) -> Path:
        return write_universe(Path.cwd())

    def setup(self, path: Path, tier: str, workers: int) -> None:
        self.sweep(path, workers)

    def teardown(self, path: Path, tier: str, workers: int) -> None:
        get_reusable_executor(max_workers=2).shutdown(wait=True)
        COPIES.remove_all()

    def sweep(self, path: Path, workers: int) -> float:
        began = time.perf_counter()
        grid(make_averages(), GRID, bundle=path, workers=workers, errors="raise", **SPAN)
        return time.perf_counter() - began

    def track_mean(self, path: Path, tier: str, workers: int) -> float:
        """How long does a sweep take? The others tell what this mean of seven hides."""
        return statistics.mean(self.sweep(path, workers) for _ in range(REPEATS))

    track_mean.unit = "seconds"  # type: ignore[attr-defined]

    def track_variation(self, path: Path, tier: str, workers: int) -> float:
        """How large is the standard deviation of seven sweeps, in per cent of their mean?"""
        times = [self.sweep(path, workers) for _ in range(REPEATS)]
        return 100 * statistics.stdev(times) / statistics.mean(times)

    track_variation.unit = "%"  # type: ignore[attr-defined]

    def track_slowest_worker(self, path: Path, tier: str, workers: int) -> float:
        """How long is the busiest worker busy, over the median of all workers?"""
        busy: dict[int, float] = {}
        for worker, seconds in self.backtests(path, workers):
            busy[worker] = busy.get(worker, 0.0) + seconds
        return max(busy.values()) / statistics.median(busy.values())

    track_slowest_worker.unit = "ratio"  # type: ignore[attr-defined]

    def track_waiting(self, path: Path, tier: str, workers: int) -> float:
        """How long are the slowest twentieth of the backtests at least, over the usual?"""
        runs = [self.backtests(path, workers) for _ in range(REPEATS)]
        delays: list[float] = []
        for same in zip(*runs, strict=True):
            times = [seconds for _, seconds in same]
            delays += [seconds / statistics.median(times) for seconds in times]
        return sorted(delays)[len(delays) * 19 // 20]

    track_waiting.unit = "ratio"  # type: ignore[attr-defined]

    def backtests(self, path: Path, workers: int) -> list[tuple[int, float]]:
        chosen = [(fast, slow) for fast in GRID["fast"] for slow in GRID["slow"]]
        return parallel_map(make_timed(path), chosen, workers, Layers.ALL, [str(path)])
