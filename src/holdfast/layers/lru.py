"""A memory of bounded size that forgets what was used longest ago; safe under threads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from holdfast.layers.locks import CACHE_LOCK

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _free(_: object) -> int:
    return 0


class LRU(Generic[K, V]):
    """Remembers values by key.

    Parameters
    ----------
    max_items
        How many values at most.
    max_bytes
        How large they may be together; None for no limit.
    size_of
        Bytes of one value.
    on_evict
        Called with each key and value that is forgotten for want of room.

    Attributes
    ----------
    hits, misses : int
        How often `get` found a value, and did not.
    """

    def __init__(
        self,
        max_items: int,
        max_bytes: int | None = None,
        size_of: Callable[[V], int] = _free,
        on_evict: Callable[[K, V], None] | None = None,
    ) -> None:
        self._max_items, self._max_bytes = max_items, max_bytes
        self._size_of, self._on_evict = size_of, on_evict
        self._items: OrderedDict[K, V] = OrderedDict()
        self.bytes = 0
        self.hits = self.misses = 0

    def get(self, key: K) -> V | None:
        """Return the value of a key and mark it as just used; None when it is unknown."""
        with CACHE_LOCK:
            value = self._items.get(key)
            if value is None:
                self.misses += 1
                return None
            self.hits += 1
            self._items.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Remember a value; one that is larger than all the room is not kept."""
        size = self._size_of(value)
        with CACHE_LOCK:
            self.drop(key)
            if self._max_bytes is not None and size > self._max_bytes:
                return
            self._items[key] = value
            self.bytes += size
            self._make_room()

    def drop(self, key: K) -> V | None:
        """Forget a key; return its value, None when it is unknown."""
        with CACHE_LOCK:
            value = self._items.pop(key, None)
            if value is not None:
                self.bytes -= self._size_of(value)
            return value

    def resize(self, max_items: int, max_bytes: int | None = None) -> None:
        """Change the limits, and forget what they leave no room for."""
        with CACHE_LOCK:
            self._max_items, self._max_bytes = max_items, max_bytes
            self._make_room()

    def clear(self) -> None:
        """Forget everything."""
        with CACHE_LOCK:
            self._items.clear()
            self.bytes = self.hits = self.misses = 0

    def _make_room(self) -> None:
        while len(self._items) > self._max_items or (
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
