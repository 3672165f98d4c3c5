"""Layer 6B: what do a shared bundle and warm workers save in sweeps?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from joblib.externals.loky import get_reusable_executor

from holdfast.data.bundle import Bundle
from holdfast.layers.shared import COPIES, SharedBundle
from holdfast.layers.workers import parallel_map

from .markets import OFF_ON, make_week, switched, write_broad, write_minutes


class WorkerLoad:
    """What a worker does to get at the bars of half a million minutes."""

    params = [["quick"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 600
    loads = 5

    def setup_cache(self) -> Path:
        return write_minutes(Path.cwd())

    def setup(self, path: Path, tier: str, state: str) -> None:
        with Bundle(path) as bundle:
            self.handle = COPIES.share(bundle)

    def teardown(self, path: Path, tier: str, state: str) -> None:
        COPIES.remove_all()

    def time_load(self, path: Path, tier: str, state: str) -> None:
        """How long do five loads of the bundle take, or five mappings of the shared copy?"""
        # One alone would mostly wait for the processor's caches, which setup's copy has emptied.
        for _ in range(self.loads):
            bundle: Any = SharedBundle(self.handle) if state == "on" else Bundle(path)
            for frequency in ("1d", "1m"):
                bundle.bars(frequency)


class Sweeps:
    """Sweeps of eight small backtests on two workers, one after the other."""

    params = [["full"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 600
    # Processes are started: a warm-up would keep the workers of the case before.
    warmup_time = 0
    number = 1
    repeat = (2, 5, 20.0)

    def setup_cache(self) -> Path:
        return write_broad(Path.cwd())

    def setup(self, path: Path, tier: str, state: str) -> None:
        get_reusable_executor(max_workers=2).shutdown(wait=True)

    teardown = setup

    def time_sweeps(self, path: Path, tier: str, state: str) -> None:
        """How long do they take with new workers each time, or with warm ones?"""
        layers = switched(state, "workers", beside=("shared",))
        for _ in range(10):
            parallel_map(make_week(), [str(path)] * 8, 2, layers, bundles=[str(path)])
