"""How long does an ingest take, and does it grow with the bars alone?"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from holdfast.data.ingest import write_bundle

from .old_names import synthetic_bars

DATES = "2024-01-02", "2024-06-28"


class ByAssets:
    """Half a year of daily bars of so many assets, from a frame to a bundle."""

    params = [["quick"], [10, 100, 1000]]
    param_names = ["tier", "assets"]
    timeout = 120

    def setup(self, tier: str, n_assets: int) -> None:
        self.bars: Any = synthetic_bars(n_assets, *DATES, "daily")
        self.path = Path.cwd() / "ingested"
        write_bundle(self.path, self.bars)  # the calendar is built once in each process

    def teardown(self, tier: str, n_assets: int) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def time_ingest(self, tier: str, n_assets: int) -> None:
        """How long does it take? Ten times the assets should take less than ten times as long."""
        write_bundle(self.path, self.bars)

    def peakmem_ingest(self, tier: str, n_assets: int) -> None:
        """How much memory does the process need at most?"""
        write_bundle(self.path, self.bars)
