"""Measure sweeps on joblib, dask and ray with some numbers of local workers ('make scale').

Prints a table in Markdown: how long a sweep takes that finds its workers warm, how that compares
with joblib's own workers of the same number, what an empty task costs, and how large a task is.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cloudpickle
from joblib import parallel_config

from holdfast.api import order_target, symbols
from holdfast.data.bundle import Bundle
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.layers import Layers
from holdfast.layers.workers import _run_task, parallel_map
from holdfast.settings import Settings
from holdfast.sweep.grids import grid
from holdfast.sweep.job import Backtest, Job

DATES: dict[str, Any] = {"start": "2021-01-04", "end": "2024-12-31"}
GRID = {"fast": range(5, 51, 5), "slow": range(60, 241, 20)}
EMPTY_TASKS = 400
HEAD = ("backend", "workers", "sweep s", "beside joblib", "ms for an empty task")


def averages(fast: int, slow: int) -> Any:
    """Hold what has its short mean above its long one."""

    def initialize(context: Any) -> None:
        context.assets = symbols(*(f"A{number:03d}" for number in range(10)))

    def handle_data(context: Any, data: Any) -> None:
        short = data.statistic("mean", context.assets, "price", fast, "1d")
        long = data.statistic("mean", context.assets, "price", slow, "1d")
        for asset, up in zip(context.assets, (short > long).tolist(), strict=True):
            order_target(asset, 100 if up else 0)

    return initialize, handle_data


def do_nothing(number: int) -> int:
    """Be an empty task."""
    return number


@contextmanager
def open_backend(name: str, workers: int) -> Iterator[None]:
    """Give so many local workers of a backend, each with one thread."""
    if name == "joblib":
        with parallel_config(backend="loky", n_jobs=workers):
            yield
    elif name == "dask":
        import distributed

        with (
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster),
            parallel_config(backend="dask", n_jobs=workers),
        ):
            yield
    else:
        import ray
        from ray.util.joblib import register_ray

        os.environ.setdefault("RAY_AUTH_MODE", "disabled")
        register_ray()
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
        try:
            with parallel_config(backend="ray", n_jobs=workers):
                yield
        finally:
            ray.shutdown()


def measure(name: str, workers: int, bundle: Path) -> tuple[float, float]:
    """Return the seconds of a sweep on warm workers, and those of an empty task."""
    with open_backend(name, workers):
        sweep(bundle)
        seconds = min(timed(lambda: sweep(bundle)) for _ in range(2))
        empty = timed(lambda: parallel_map(do_nothing, range(EMPTY_TASKS), None, Layers.ALL))
    return seconds, empty / EMPTY_TASKS


def sweep(bundle: Path) -> None:
    """Run all sets; an error of any ends the measurement."""
    grid(averages, GRID, bundle=bundle, errors="raise", **DATES)


def timed(call: Any) -> float:
    """Return the seconds of a call, on the clock."""
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def describe_sizes(bundle: Path) -> str:
    """Return how many bytes a task and a bundle have."""
    job = Job(averages, Settings(bundle=bundle, **DATES), "sharpe", "raise")
    backtest = Backtest({"fast": 5, "slow": 60}, DATES["start"], DATES["end"])
    task = len(cloudpickle.dumps((_run_task, job.run, 0, backtest, ())))
    row = len(cloudpickle.dumps((0, job.run(backtest))))
    stored = sum(path.stat().st_size for path in bundle.glob("*/*"))
    with Bundle(bundle) as opened:
        bars = opened.bars("1d")
    held = bars.sids.nbytes + bars.rows.nbytes + sum(one.nbytes for one in bars.columns.values())
    return (
        f"A task has {task:,} bytes, its row {row:,}. The bundle has {len(bars.rows):,} bars: "
        f"{stored:,} bytes on disk, {held:,} in memory."
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure what the options ask for, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--backends", nargs="+", default=["joblib", "dask", "ray"])
    parser.add_argument("--workers", nargs="*", type=int, default=[2, 4, 8])
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        write_bundle(bundle, synthetic_bars(10, "2019-06-03", DATES["end"]))
        say(
            f"{os.cpu_count()} processors. {describe_sizes(bundle)}", "", HEAD, ("---",) * len(HEAD)
        )
        for workers in args.workers:
            first = 0.0
            for name in args.backends:
                seconds, empty = measure(name, workers, bundle)
                first = first or seconds
                cells = (f"{seconds:.2f}", f"{first / seconds:.0%}", f"{empty * 1000:.2f}")
                say((name, str(workers), *cells))


def say(*lines: str | tuple[str, ...]) -> None:
    """Print lines, and rows of the table, at once: the next one takes a minute."""
    for line in lines:
        text = line if isinstance(line, str) else f"| {' | '.join(line)} |"
        sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
