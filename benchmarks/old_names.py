"""Where this suite finds what it measures, at the commits of ``results/`` too.

asv runs today's benchmarks at every commit. What has been moved or renamed is listed here with the
places it had, today's first, and the benchmarks import it from here by today's name.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

Benchmark = TypeVar("Benchmark", bound=Callable[..., Any])

PLACES = {
    "BarData": ("holdfast.data.bar_data:BarData", "holdfast.data.bar:BarData"),
    "CachedAssets": (
        "holdfast.layers.asset_lists:CachedAssets",
        "holdfast.layers.asset_lists:RememberedAssets",
    ),
    "read_current_version": (
        "holdfast.data.bundle:read_current_version",
        "holdfast.data.bundle:current_version",
    ),
    "synthetic_bars": (
        "holdfast.data.ingest.synthetic:synthetic_bars",
        "holdfast.data.synthetic:synthetic_bars",
    ),
}


def keep_version(version: str) -> Callable[[Benchmark], Benchmark]:
    """Mark a benchmark whose code was renamed, but which measures what it always did.

    asv compares results of the same version only, by default a hash of the benchmark's code. After
    a change of names the version of the stored results is kept by hand, and
    ``tests/test_suite.py`` fails when the code changes once more.
    """

    def decorate(benchmark: Benchmark) -> Benchmark:
        benchmark.version = version  # type: ignore[attr-defined]
        return benchmark

    return decorate


def find(*places: str) -> Any:
    """Return the first of some ``module:attribute`` that this commit has."""
    for place in places:
        module, attribute = place.split(":")
        try:
            return getattr(import_module(module), attribute)
        except (ModuleNotFoundError, AttributeError):
            continue
    raise ImportError(f"this commit of Holdfast has none of {', '.join(places)}")


def get_group_cache() -> Any:
    """Return the cache of grouped bars that a backtest uses."""
    try:
        return find("holdfast.layers.grouping:GROUPS")
    except ImportError:
        return get_default_caches().groups


def get_window_cache() -> Any:
    """Return the cache of windows that a backtest uses."""
    try:
        return find("holdfast.layers.window_memory:WINDOWS")
    except ImportError:
        return get_default_caches().windows


def get_default_caches() -> Any:
    """Return the caches with the default limits, of which earlier commits had one of each."""
    limits = find("holdfast.layers:Limits")()
    return find("holdfast.layers.caches:get_caches")(limits)


def group_bars(bars: Any, version: str) -> Any:
    """Return daily bars grouped by asset, within the default limit."""
    grouped_bars = find("holdfast.layers.grouping:GroupedBars")
    cache = get_group_cache()
    has_global_cache = hasattr(import_module("holdfast.layers.grouping"), "GROUPS")
    return grouped_bars(bars, version, "1d", 2 * 1024**3 if has_global_cache else cache)


def make_prepare() -> Any:
    """Return a function that takes settings, and returns one that runs a strategy with them.

    It is made here, not imported, since a worker cannot import asv's benchmark modules.
    """

    def prepare(**settings: Any) -> Any:
        from holdfast.run import simulate
        from holdfast.simulation import Strategy

        try:
            from holdfast.settings import Settings
        except ModuleNotFoundError:
            return lambda *strategy: simulate(Strategy(*strategy), **settings)
        return lambda *strategy: simulate(Strategy(*strategy), Settings(**settings))

    return prepare


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return find(*PLACES[name])
