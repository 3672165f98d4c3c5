"""Layer 3: a pool keeps bundles open, so that a backtest need not open and read one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from holdfast.data.bars import LongBars
from holdfast.data.bundle import Bundle, read_current_version
from holdfast.layers.locks import CACHE_LOCK
from holdfast.layers.lru import LRU


class PooledBundle(Bundle):
    """A bundle whose bars are read at most once.

    Attributes
    ----------
    users : int
        How many backtests are using it right now.
    retired : bool
        Whether the pool has evicted it; the last user then closes it.
    """

    def __init__(self, path: str | os.PathLike[str], version: str) -> None:
        super().__init__(path, version)
        self.users = 0
        self.retired = False
        self._bars_read: dict[str, LongBars] = {}

    def bars(self, frequency: str) -> LongBars:
        """Return the stored bars of one frequency; they are shared, so they are read-only."""
        with CACHE_LOCK:
            bars = self._bars_read.get(frequency)
            if bars is None:
                bars = self._bars_read[frequency] = super().bars(frequency)
                bars.forbid_writing()
        return bars


class BundlePool:
    """Keeps bundles open by path; safe under threads and after a fork.

    Parameters
    ----------
    max_bundles
        How many are kept open; the least recently used is evicted first. One that is still in
        use stays valid until its last user is done.
    """

    def __init__(self, max_bundles: int) -> None:
        self._bundles: LRU[str, PooledBundle] = LRU(max_bundles, on_evict=_retire)

    @contextmanager
    def lease(self, path: str | os.PathLike[str], version: str | None = None) -> Iterator[Bundle]:
        """Give a version of the bundle at `path`, opened when it must be.

        Parameters
        ----------
        path
            The bundle's folder.
        version
            None for the version that is current.

        Raises
        ------
        BundleError
            When it cannot be opened.
        """
        with CACHE_LOCK:
            bundle = self._opened(os.path.abspath(path), version)
            bundle.users += 1
        try:
            yield bundle
        finally:
            with CACHE_LOCK:
                bundle.users -= 1
                if bundle.retired and not bundle.users:
                    bundle.close()

    def invalidate(self, path: str | os.PathLike[str]) -> None:
        """Evict the bundle at `path`, whatever its version: the next lease opens it again."""
        with CACHE_LOCK:
            key = os.path.abspath(path)
            dropped = self._bundles.drop(key)
            if dropped is not None:
                _retire(key, dropped)

    def clear(self) -> None:
        """Evict all bundles."""
        for path in self._bundles:
            self.invalidate(path)

    def __len__(self) -> int:
        return len(self._bundles)

    def __contains__(self, path: str | os.PathLike[str]) -> bool:
        return os.path.abspath(path) in self._bundles

    def _opened(self, path: str, version: str | None) -> PooledBundle:
        version = version or read_current_version(path)
        bundle = self._bundles.get(path)
        if bundle is None or bundle.version != version:
            self.invalidate(path)
            bundle = PooledBundle(path, version)
            self._bundles.put(path, bundle)
        return bundle


def _retire(path: str, bundle: PooledBundle) -> None:
    bundle.retired = True
    if not bundle.users:
        bundle.close()
