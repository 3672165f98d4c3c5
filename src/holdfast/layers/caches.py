"""The caches of this process: backtests with equal limits share one set of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from holdfast.layers import Limits
from holdfast.layers.connections import BundlePool
from holdfast.layers.grouping import GroupCache, make_group_cache
from holdfast.layers.locks import CACHE_LOCK
from holdfast.layers.lru import LRU
from holdfast.layers.windows.cache import WindowCache

# Each set may grow to its limits, so only the sets used last are kept for the next backtest.
_MAX_SETS = 4


@dataclass(frozen=True, slots=True)
class Caches:
    """One set of caches, all with the same limits.

    Parameters
    ----------
    groups
        Bars by asset.
    windows
        Columns that windows are slices of.
    bundles
        Open bundles by path.
    columns
        What pipelines computed, by bundle, term and session.
    """

    groups: GroupCache
    windows: WindowCache
    bundles: BundlePool
    columns: LRU[Any, NDArray[Any]]


def get_caches(limits: Limits) -> Caches:
    """Return the caches with these limits; a backtest that holds them may outlive eviction."""
    with CACHE_LOCK:
        caches = _CACHES.get(limits)
        if caches is None:
            caches = Caches(
                make_group_cache(limits.grouped_bytes),
                WindowCache(limits.permanent_windows, limits.max_windows, limits.window_bytes),
                BundlePool(limits.max_bundles),
                LRU(None, limits.pipeline_bytes, size_of=_nbytes),
            )
            _CACHES.put(limits, caches)
        return caches


def _nbytes(column: NDArray[Any]) -> int:
    return column.nbytes


def _close_bundles(_: Limits, caches: Caches) -> None:
    caches.bundles.clear()


_CACHES: LRU[Limits, Caches] = LRU(_MAX_SETS, on_evict=_close_bundles)
