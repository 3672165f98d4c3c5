import multiprocessing
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from holdfast import run_algorithm
from holdfast.api import record, sid
from holdfast.data.ingest import write_bundle
from holdfast.errors import BundleError
from holdfast.layers import Layers
from holdfast.layers.connections import BundlePool

POOLED = Layers.only(["connections"])


@pytest.fixture
def paths(tmp_path, daily_bars):
    """Five bundles."""
    made = [tmp_path / f"bundle{number}" for number in range(5)]
    for path in made:
        write_bundle(path, daily_bars)
    return made


def closes(bundle):
    asset = bundle.assets.lookup_symbol("A000")
    return bundle.bars("1d").window(asset, "close", 0, 3).tolist()


def test_a_bundle_is_opened_and_read_once(paths):
    pool = BundlePool(3)
    with pool.lease(paths[0]) as first, pool.lease(str(paths[0])) as second:
        assert first is second
        assert first.bars("1d") is second.bars("1d")
    with pool.lease(paths[0]) as third:
        assert third is first


def test_the_least_recently_used_goes_and_is_closed(paths):
    pool = BundlePool(2)
    for path in (paths[0], paths[1], paths[0], paths[2]):
        with pool.lease(path) as bundle:
            closes(bundle)
    assert [path in pool for path in paths[:3]] == [True, False, True]


def test_an_evicted_bundle_stays_valid_for_whoever_uses_it(paths):
    pool = BundlePool(1)
    with pool.lease(paths[0]) as outer:
        with pool.lease(paths[1]):
            pass
        assert paths[0] not in pool
        assert outer.assets.lookup_symbol("A001").symbol == "A001"
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        outer.assets.retrieve_all()


def test_a_new_version_on_disk_replaces_the_open_one(paths, daily_bars):
    pool = BundlePool(3)
    with pool.lease(paths[0]) as old:
        before = closes(old)
        bars = daily_bars.copy()
        bars[["open", "high", "low", "close"]] *= 2
        write_bundle(paths[0], bars)
        with pool.lease(paths[0]) as new:
            assert closes(new) == [2 * close for close in before]
        assert closes(old) == before


def test_invalidating_opens_anew(paths):
    pool = BundlePool(3)
    with pool.lease(paths[0]) as first:
        pool.invalidate(paths[0])
        with pool.lease(paths[0]) as second:
            assert second is not first
    pool.invalidate(paths[4])
    pool.clear()
    assert len(pool) == 0


def test_a_bundle_that_is_gone_is_an_error_and_not_an_old_answer(paths, tmp_path):
    pool = BundlePool(3)
    with pool.lease(paths[0]):
        pass
    (paths[0] / "CURRENT").unlink()
    with pytest.raises(BundleError, match="no bundle"), pool.lease(paths[0]):
        pass


def test_what_is_shared_cannot_be_written(paths):
    with BundlePool(1).lease(paths[0]) as bundle, pytest.raises(ValueError, match="read-only"):
        bundle.bars("1d").columns["close"][0] = 0.0


def test_threads_share_a_pool_that_evicts(paths):
    pool = BundlePool(2)

    def work(number):
        with pool.lease(paths[number % len(paths)]) as bundle:
            bundle.assets.retrieve_all()
            return closes(bundle)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(work, range(200)))
    assert np.unique(answers, axis=0).shape == (1, 3)
    assert len(pool) == 2


def backtest(path):
    perf = run_algorithm(
        start="2023-02-01",
        end="2023-02-08",
        bundle=path,
        handle_data=lambda context, data: record(close=data.current(sid(0), "close")),
        layers=POOLED,
    )
    return perf["close"].tolist()


def _in_child(path, queue):
    queue.put(backtest(path))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_goes_on_while_the_parent_s_threads_use_the_pool(paths):
    expected = backtest(paths[0])
    context = multiprocessing.get_context("fork")
    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(backtest, path) for path in paths * 4]
        queue = context.Queue()
        children = [context.Process(target=_in_child, args=(paths[0], queue)) for _ in range(4)]
        for child in children:
            child.start()
        answers = [queue.get(timeout=60) for _ in children]
        for child in children:
            child.join(timeout=60)
        assert [child.exitcode for child in children] == [0] * 4
        assert answers == [expected] * 4
        assert [done.result() for done in busy] == [expected] * 20
