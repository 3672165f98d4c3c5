"""One benchmark for each layer that runs at every commit: asv's graph of it has a step there.

Each commit is asked for what it has, so nothing is imported here that came with a layer. What a
layer saves is another question: the other modules switch it off and on in the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from holdfast import run_algorithm
from holdfast.api import record, sid, symbols
from holdfast.data.bundle import Bundle
from holdfast.layers import Layers

from .markets import N_BROAD, make_week, write_broad, write_minutes

NAMES = [f"A{number:03d}" for number in range(N_BROAD)]
DAY, WEEK = ("2025-03-31", "2025-03-31"), ("2025-03-24", "2025-03-28")


def know(context: Any) -> None:
    context.assets = symbols(*NAMES)


def look(context: Any, data: Any) -> None:
    record(close=data.current(sid(0), "close"))


def ask_for_each(context: Any, data: Any) -> None:
    for asset in context.assets:
        data.history(asset, "close", 5, "1d", return_type="array")


def ask_for_all(context: Any, data: Any) -> None:
    for length in (5, 10, 20):
        data.history(context.assets, "close", length, "1d", return_type="array")


def module(layer: str) -> Any:
    """Return the module of a layer, None at a commit that has none."""
    try:
        return import_module(f"holdfast.layers.{layer}")
    except ModuleNotFoundError:
        return None


class OfBars:
    """The layers that a single backtest feels, over 200 assets."""

    def setup_cache(self) -> Path:
        return write_broad(Path.cwd())

    def run(self, path: Path, days: tuple[str, str], times: int, **strategy: Any) -> None:
        for _ in range(times):
            run_algorithm(bundle=path, start=days[0], end=days[1], **strategy)

    def time_asset_lists(self, path: Path) -> None:
        """How long do ten backtests of a session take that ask for every asset?"""
        self.run(path, DAY, 10, initialize=know)

    def time_grouping(self, path: Path) -> None:
        """How long does a week take in which each asset's window is asked for by itself?"""
        self.run(path, WEEK, 1, initialize=know, handle_data=ask_for_each)

    def time_windows(self, path: Path) -> None:
        """How long do five weeks take in which three windows of all assets are asked for?"""
        self.run(path, WEEK, 5, initialize=know, handle_data=ask_for_all)


class OfBundles:
    """The layers that are felt where half a million minutes must be read."""

    timeout = 600

    def setup_cache(self) -> Path:
        return write_minutes(Path.cwd())

    def time_connections(self, path: Path) -> None:
        """How long do three backtests of a session take, one after the other?"""
        for _ in range(3):
            run_algorithm(
                bundle=path, start=DAY[0], end=DAY[1], data_frequency="minute", handle_data=look
            )


class OfPipelines:
    """The layer that is felt by strategies with a pipeline, at commits that have pipelines."""

    timeout = 600

    def setup_cache(self) -> Path:
        return write_broad(Path.cwd())

    def setup(self, path: Path) -> None:
        try:
            factors = import_module("holdfast.pipeline.factors")
        except ModuleNotFoundError:
            raise NotImplementedError("no pipelines yet") from None
        pipeline = import_module("holdfast.pipeline").Pipeline
        strength = factors.RSI().rank() + factors.VWAP(window_length=20).rank()
        self.pipeline = pipeline({"strength": strength}, screen=strength.top(20))

    def time_pipelines(self, path: Path) -> None:
        """How long do three backtests of a week take that rank every asset?"""
        api = import_module("holdfast.api")
        for _ in range(3):
            run_algorithm(
                bundle=path,
                start=WEEK[0],
                end=WEEK[1],
                initialize=lambda context: api.attach_pipeline(self.pipeline, "strength"),
                handle_data=lambda context, data: record(n=len(api.pipeline_output("strength"))),
            )


class OfWorkers:
    """What a worker does to get at the bars, and what a sweep does to get at workers."""

    timeout = 600
    number, repeat, warmup_time = 1, (2, 5, 20.0), 0

    def setup_cache(self) -> Path:
        return write_minutes(Path.cwd())

    def setup(self, path: Path) -> None:
        get_reusable_executor(max_workers=2).shutdown(wait=True)
        self.open: Callable[[], Any] = partial(Bundle, path)
        if shared := module("shared"):
            with Bundle(path) as bundle:
                self.open = partial(shared.SharedBundle, shared.COPIES.share(bundle))

    def teardown(self, path: Path) -> None:
        get_reusable_executor(max_workers=2).shutdown(wait=True)
        if shared := module("shared"):
            shared.COPIES.remove_all()

    def time_shared(self, path: Path) -> None:
        """How long do five loads of the bundle take?"""
        for _ in range(5):
            bundle = self.open()
            for frequency in ("1d", "1m"):
                bundle.bars(frequency)

    def time_workers(self, path: Path) -> None:
        """How long do three sweeps of eight small backtests take, one after the other?"""
        workers, week = module("workers"), make_week()
        for _ in range(3):
            if workers:
                workers.parallel_map(week, [str(path)] * 8, 2, Layers.ALL, bundles=[str(path)])
            else:
                get_reusable_executor(max_workers=2).shutdown(wait=True)
                Parallel(n_jobs=2)(delayed(week)(str(path)) for _ in range(8))
