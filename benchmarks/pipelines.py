"""Layer: what do whole columns save of a pipeline, in one run and over many?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from holdfast import run_algorithm
from holdfast.api import attach_pipeline, pipeline_output, record
from holdfast.data.ingest import write_bundle
from holdfast.layers.caches import get_caches

from .markets import OFF_ON, switched
from .old_names import synthetic_bars

BESIDE = ("asset_lists", "grouping", "connections")
DATES = {"quick": ("2024-12-02", "2025-01-31"), "full": ("2024-04-01", "2025-03-31")}
N_BACKTESTS = {"quick": 3, "full": 20}


def write_universe(folder: Path) -> Path:
    """200 assets over two years of daily bars; every other one pays a dividend each quarter."""
    path = folder / "universe"
    bars = synthetic_bars(200, "2023-04-03", "2025-03-31")
    symbols, days = sorted(bars["symbol"].unique()), sorted(bars["dt"].unique())
    paid = [
        (symbol, "dividend", day, 0.1)
        for number, symbol in enumerate(symbols[::2])
        for day in days[20 + number % 60 :: 63]
    ]
    adjustments = pd.DataFrame(paid, columns=["symbol", "kind", "date", "value"])
    write_bundle(path, bars, adjustments=adjustments)
    return path


def make_pipeline() -> Any:
    """Return a pipeline of averages, ranks and scores, as strategies have it."""
    from holdfast.pipeline import Pipeline
    from holdfast.pipeline.data import USEquityPricing
    from holdfast.pipeline.factors import (
        RSI,
        AnnualizedVolatility,
        AverageDollarVolume,
        Returns,
        SimpleMovingAverage,
    )

    close = USEquityPricing.close
    traded = AverageDollarVolume(window_length=20).top(100)
    fast, slow = (SimpleMovingAverage(inputs=[close], window_length=n) for n in (20, 100))
    momentum = Returns(window_length=60).zscore(mask=traded)
    score = momentum - AnnualizedVolatility(window_length=60).zscore(mask=traded)
    columns = {"score": score, "rising": fast > slow, "weak": RSI().bottom(10, mask=traded)}
    return Pipeline(columns, screen=traded)


def attach(context: Any) -> None:
    attach_pipeline(make_pipeline(), "scores")


def look(context: Any, data: Any) -> None:
    record(best=pipeline_output("scores")["score"].max())


class Backtests:
    """Backtests of one pipeline after the other, as a sweep runs them."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 600

    def setup_cache(self) -> Path:
        return write_universe(Path.cwd())

    def setup(self, path: Path, tier: str, state: str) -> None:
        self.layers = switched(state, "pipelines", beside=BESIDE)
        self.run(path, tier)  # opens the bundle: another layer's matter
        get_caches(self.layers.limits).columns.clear()

    def run(self, path: Path, tier: str) -> None:
        start, end = DATES[tier]
        run_algorithm(
            start=start,
            end=end,
            bundle=path,
            initialize=attach,
            handle_data=look,
            layers=self.layers,
        )

    def time_backtests(self, path: Path, tier: str, state: str) -> None:
        """How long do 3 (quick) or 20 (full) backtests take, of which the first computes?"""
        get_caches(self.layers.limits).columns.clear()
        for _ in range(N_BACKTESTS[tier]):
            self.run(path, tier)


class Frames:
    """A pipeline outside a backtest, computed anew."""

    params = [["quick", "full"], OFF_ON]
    param_names = ["tier", "layer"]
    timeout = 600

    def setup_cache(self) -> Path:
        return write_universe(Path.cwd())

    def setup(self, path: Path, tier: str, state: str) -> None:
        self.layers = switched(state, "pipelines", beside=BESIDE)
        self.time_frame(path, tier, state)

    def time_frame(self, path: Path, tier: str, state: str) -> None:
        """How long does the frame of a quarter (quick) or a year (full) take?"""
        from holdfast import run_pipeline

        get_caches(self.layers.limits).columns.clear()
        run_pipeline(make_pipeline(), *DATES[tier], path, self.layers)

    def peakmem_frame(self, path: Path, tier: str, state: str) -> None:
        """How much memory does the process need at most?"""
        self.time_frame(path, tier, state)
