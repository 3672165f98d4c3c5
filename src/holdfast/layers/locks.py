"""The lock of all caches, which a fork cannot leave locked."""

from __future__ import annotations

import os
from threading import RLock
from typing import Any


class ForkSafeLock:
    """A re-entrant lock that is safe across ``fork``.

    A process acquires it before it forks. So the child never inherits the lock from a thread
    that does not exist there, nor a cache that such a thread was about to change.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
            os.register_at_fork(
                before=self._lock.acquire,
                after_in_parent=self._lock.release,
                after_in_child=self._lock.release,
            )

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: Any) -> None:
        self._lock.release()


#: One lock for all caches: every backtest keeps a local cache, so contention is rare.
CACHE_LOCK = ForkSafeLock()
