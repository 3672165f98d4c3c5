"""Layer 3: open bundles are kept in a pool, so that a backtest need not open and read one."""

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
        Whether the pool has let it go; the last user then closes it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self.users = 0
        self.retired = False
        self._read: dict[str, LongBars] = {}

    def bars(self, frequency: str) -> LongBars:
        """Return the stored bars of one frequency; they are shared, so they are read-only."""
        with CACHE_LOCK:
            found = self._read.get(frequency)
            if found is None:
                found = self._read[frequency] = super().bars(frequency)
                found.forbid_writing()
        return found


class BundlePool:
    """Keeps bundles open by path; safe under threads and after a fork.

    Parameters
    ----------
    max_bundles
        How many are kept open; the one used longest ago goes first. One that is still in use
        stays valid until its last user is done.
    """

    def __init__(self, max_bundles: int) -> None:
        self._bundles: LRU[str, PooledBundle] = LRU(max_bundles, on_evict=_retire)

    @contextmanager
    def lease(self, path: str | os.PathLike[str]) -> Iterator[Bundle]:
        """Give the bundle that is current at `path`, opened when it must be.

        Raises
        ------
        BundleError
            When it cannot be opened.
        """
        with CACHE_LOCK:
            bundle = self._current(os.path.abspath(path))
            bundle.users += 1
        try:
            yield bundle
        finally:
            with CACHE_LOCK:
                bundle.users -= 1
                if bundle.retired and not bundle.users:
                    bundle.close()

    def invalidate(self, path: str | os.PathLike[str]) -> None:
        """Let the bundle at `path` go, whatever its version: the next lease opens it anew."""
        with CACHE_LOCK:
            key = os.path.abspath(path)
            dropped = self._bundles.drop(key)
            if dropped is not None:
                _retire(key, dropped)

    def clear(self) -> None:
        """Let all bundles go."""
        for path in self._bundles:
            self.invalidate(path)

    def resize(self, max_bundles: int) -> None:
        """Change how many are kept."""
        self._bundles.resize(max_bundles)

    def __len__(self) -> int:
        return len(self._bundles)

    def __contains__(self, path: str | os.PathLike[str]) -> bool:
        return os.path.abspath(path) in self._bundles

    def _current(self, path: str) -> PooledBundle:
        version = read_current_version(path)
        bundle = self._bundles.get(path)
        if bundle is None or bundle.version != version:
            self.invalidate(path)
            bundle = PooledBundle(path)
            self._bundles.put(path, bundle)
        return bundle


def _retire(path: str, bundle: PooledBundle) -> None:
    bundle.retired = True
    if not bundle.users:
        bundle.close()


#: The pool of this process; ``Layers`` has its limit.
BUNDLES = BundlePool(max_bundles=100)
