import os
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from holdfast.data.ingest import write_bundle
from holdfast.errors import BundleError
from holdfast.layers.connections import BundlePool


@pytest.fixture
def paths(tmp_path, daily_bars):
    """Five bundles."""
    made = [tmp_path / f"bundle{number}" for number in range(5)]
    for path in made:
        write_bundle(path, daily_bars)
    return made


@pytest.fixture
def new_pool():
    """Make pools, and close what they hold in the end."""
    made = []

    def make(size):
        made.append(BundlePool(size))
        return made[-1]

    yield make
    for pool in made:
        pool.clear()


def closes(bundle):
    asset = bundle.assets.lookup_symbol("A000")
    return bundle.bars("1d").window(asset, "close", 0, 3).tolist()


def test_a_bundle_is_opened_and_read_once(paths, new_pool):
    pool = new_pool(3)
    with pool.lease(paths[0]) as first, pool.lease(str(paths[0])) as second:
        assert first is second
        assert first.bars("1d") is second.bars("1d")
    with pool.lease(paths[0]) as third:
        assert third is first


def test_the_least_recently_used_goes_and_is_closed(paths, new_pool):
    pool = new_pool(2)
    for path in (paths[0], paths[1], paths[0], paths[2]):
        with pool.lease(path) as bundle:
            closes(bundle)
    assert [path in pool for path in paths[:3]] == [True, False, True]


def test_an_evicted_bundle_stays_valid_for_whoever_uses_it(paths, new_pool):
    pool = new_pool(1)
    with pool.lease(paths[0]) as outer:
        with pool.lease(paths[1]):
            pass
        assert paths[0] not in pool
        assert outer.assets.lookup_symbol("A001").symbol == "A001"
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        outer.assets.retrieve_all()


def test_a_new_version_on_disk_replaces_the_open_one(paths, daily_bars, new_pool):
    pool = new_pool(3)
    with pool.lease(paths[0]) as old:
        before = closes(old)
        bars = daily_bars.copy()
        bars[["open", "high", "low", "close"]] *= 2
        write_bundle(paths[0], bars)
        with pool.lease(paths[0]) as new:
            assert closes(new) == [2 * close for close in before]
        assert closes(old) == before


def test_invalidating_opens_anew(paths, new_pool):
    pool = new_pool(3)
    with pool.lease(paths[0]) as first:
        pool.invalidate(paths[0])
        with pool.lease(paths[0]) as second:
            assert second is not first
    pool.invalidate(paths[4])
    pool.clear()
    assert len(pool) == 0


def test_a_bundle_that_is_gone_is_an_error_and_not_an_old_answer(paths, tmp_path, new_pool):
    pool = new_pool(3)
    with pool.lease(paths[0]):
        pass
    (paths[0] / "CURRENT").unlink()
    with pytest.raises(BundleError, match="no bundle"), pool.lease(paths[0]):
        pass


def test_what_is_shared_cannot_be_written(paths, new_pool):
    with new_pool(1).lease(paths[0]) as bundle, pytest.raises(ValueError, match="read-only"):
        bundle.bars("1d").columns["close"][0] = 0.0


def test_threads_share_a_pool_that_evicts(paths, new_pool):
    pool = new_pool(2)

    def work(number):
        with pool.lease(paths[number % len(paths)]) as bundle:
            bundle.assets.retrieve_all()
            return closes(bundle)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(work, range(200)))
    assert np.unique(answers, axis=0).shape == (1, 3)
    assert len(pool) == 2


def ended(pid, seconds):
    """Return the exit code of a child; one that hangs is killed, and is None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_uses_the_pool_whatever_the_parent_s_threads_were_doing(paths, new_pool):
    """Without the lock's care the child would wait for a thread that it does not have."""
    pool = new_pool(10)
    with pool.lease(paths[0]) as bundle:
        expected = closes(bundle)
    stop = threading.Event()

    def keep_asking():
        while not stop.is_set():
            with pool.lease(paths[0]):
                pass

    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(keep_asking) for _ in range(4)]
        codes = []
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                with pool.lease(paths[0]) as bundle:
                    os._exit(0 if closes(bundle) == expected else 1)
            codes.append(ended(pid, seconds=20))
        stop.set()
        for one in busy:
            one.result()
    assert codes == [0] * 20
