"""A thread-safe cache of bounded size that evicts the least recently used entry."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from holdfast.layers.locks import CACHE_LOCK

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _count_no_bytes(_: object) -> int:
    return 0


class LRU(Generic[K, V]):
    """Caches values by key.

    Parameters
    ----------
    max_items
        How many values at most; None for no limit.
    max_bytes
        How large they may be together; None for no limit.
    size_of
        Returns the bytes of a value.
    on_evict
        Called with each key and value that is evicted to make room.

    Attributes
    ----------
    bytes : int
        How large the values are together.
    hits, misses : int
        How often `get` found a value, and did not.
    """

    def __init__(
        self,
        max_items: int | None,
        max_bytes: int | None = None,
        size_of: Callable[[V], int] = _count_no_bytes,
        on_evict: Callable[[K, V], None] | None = None,
    ) -> None:
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._on_evict = on_evict
        self._items: OrderedDict[K, V] = OrderedDict()
        self.bytes = 0
        self.hits = self.misses = 0

    def get(self, key: K) -> V | None:
        """Return the value of a key and mark it as just used; None on a miss."""
        with CACHE_LOCK:
            value = self._items.get(key)
            if value is None:
                self.misses += 1
                return None
            self.hits += 1
            self._items.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Cache a value, unless it alone is larger than the limit."""
        size = self._size_of(value)
        with CACHE_LOCK:
            self.drop(key)
            if self._max_bytes is not None and size > self._max_bytes:
                return
            self._items[key] = value
            self.bytes += size
            self._evict()

    def drop(self, key: K) -> V | None:
        """Remove a key and return its value; None when it is not cached."""
        with CACHE_LOCK:
            value = self._items.pop(key, None)
            if value is not None:
                self.bytes -= self._size_of(value)
            return value

    def resize(self, max_items: int | None, max_bytes: int | None = None) -> None:
        """Change the limits, and evict what exceeds them."""
        with CACHE_LOCK:
            self._max_items = max_items
            self._max_bytes = max_bytes
            self._evict()

    def clear(self) -> None:
        """Remove every entry and reset the counters."""
        with CACHE_LOCK:
            self._items.clear()
            self.bytes = self.hits = self.misses = 0

    def _evict(self) -> None:
        while (self._max_items is not None and len(self._items) > self._max_items) or (
            self._max_bytes is not None and self.bytes > self._max_bytes
        ):
            key, value = self._items.popitem(last=False)
            self.bytes -= self._size_of(value)
            if self._on_evict is not None:
                self._on_evict(key, value)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[K]:
        with CACHE_LOCK:
            return iter(list(self._items))
