"""Locks that no fork can leave locked for ever."""

from __future__ import annotations

import os
from threading import RLock
from typing import Any


class ForkSafeLock:
    """A lock for process-wide memory, re-entrant.

    A process that forks takes it first, so that the child never inherits it from a thread that
    the child does not have, nor a memory that such a thread was about to change.
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


#: One for all memories: they are asked rarely, for a run keeps what it found at hand.
CACHE_LOCK = ForkSafeLock()
