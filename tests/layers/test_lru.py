from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from holdfast.layers.lru import LRU


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(1, 9)), max_size=60),
    st.integers(1, 5),
    st.integers(5, 30),
)
def test_it_keeps_what_was_used_last_within_both_limits(calls, max_items, max_bytes):
    evicted = []
    lru = LRU(max_items, max_bytes, size_of=int, on_evict=lambda key, _: evicted.append(key))
    model = {}  # in order of use
    for puts, key, size in calls:
        if puts:
            model.pop(key, None)
            if size <= max_bytes:
                model[key] = size
            lru.put(key, size)
            while len(model) > max_items or sum(model.values()) > max_bytes:
                oldest = next(iter(model))
                del model[oldest]
                assert evicted.pop(0) == oldest
        else:
            value = model.pop(key, None)
            if value is not None:
                model[key] = value
            assert lru.get(key) == value
        assert list(lru) == list(model)
        assert lru.bytes == sum(model.values())
    assert evicted == []


def test_it_keeps_count():
    lru = LRU(2)
    lru.put("a", 1)
    assert (lru.get("a"), lru.get("b")) == (1, None)
    assert (lru.hits, lru.misses, len(lru), "a" in lru) == (1, 1, 1, True)
    assert lru.drop("a") == 1 and lru.drop("a") is None
    lru.put("c", 1)
    lru.clear()
    assert (len(lru), lru.hits, lru.bytes) == (0, 0, 0)


def test_threads_may_share_it():
    lru = LRU(8, max_bytes=40, size_of=lambda value: 5)

    def hammer(seed):
        for step in range(3000):
            key = (seed * 7 + step) % 20
            if lru.get(key) is None:
                lru.put(key, key)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hammer, range(8)))
    assert len(lru) == 8 and lru.bytes == 40
    assert lru.hits + lru.misses == 8 * 3000
