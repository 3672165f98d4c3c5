import os

import psutil
import pytest
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from holdfast import run_algorithm
from holdfast.api import record, sid
from holdfast.data.ingest import write_bundle
from holdfast.errors import UsageError
from holdfast.layers import Layers
from holdfast.layers.shared import COPIES, SharedBundle
from holdfast.layers.workers import parallel_map
from support.calls import die, square

WARM = Layers.only(["workers"])


@pytest.fixture(scope="module", autouse=True)
def _no_worker_outlives_the_tests():
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def last_close(path):
    """Run a backtest in a worker, and tell whether it used a shared copy."""
    perf = run_algorithm(
        start="2023-02-01",
        end="2023-02-03",
        bundle=path,
        handle_data=lambda context, data: record(close=data.current(sid(0), "close")),
        layers=Layers.ALL,
    )
    return perf["close"].iloc[-1], isinstance(COPIES.find(path), SharedBundle)


@pytest.mark.parametrize("layers", [Layers.NONE, WARM], ids=["cold", "warm"])
def test_results_come_in_the_order_of_the_items(layers):
    found = [answer for answer, _ in parallel_map(square, range(20), 2, layers)]
    assert found == [number * number for number in range(20)]


def test_warm_workers_stay_and_cold_ones_do_not():
    def pids(layers):
        return {pid for _, pid in parallel_map(square, range(20), 2, layers)}

    warm = pids(WARM)
    assert warm & pids(WARM)
    cold = pids(Layers.NONE)
    assert not any(map(psutil.pid_exists, cold))
    assert not cold & (warm | pids(Layers.NONE))
    assert os.getpid() not in pids(WARM)


def test_workers_map_the_shared_copy_and_never_an_old_one(tmp_path, daily_bars):
    path = str(tmp_path)
    write_bundle(path, daily_bars)
    expected = daily_bars[daily_bars["dt"] == "2023-02-03"]["close"].iloc[0]
    answers = parallel_map(last_close, [path] * 4, 2, Layers.ALL, bundles=[path])
    assert answers == [(expected, True)] * 4
    bars = daily_bars.copy()
    bars[["open", "high", "low", "close"]] *= 2
    write_bundle(path, bars)
    # The warm workers know the old copy, and this sweep brings no new one.
    stale = parallel_map(last_close, [path] * 4, 2, Layers.ALL)
    assert stale == [(2 * expected, False)] * 4
    fresh = parallel_map(last_close, [path] * 4, 2, Layers.ALL, bundles=[path])
    assert fresh == [(2 * expected, True)] * 4


@pytest.mark.parametrize("layers", [Layers.NONE, WARM], ids=["cold", "warm"])
def test_after_a_worker_was_killed_the_next_sweep_has_new_ones(layers):
    with pytest.raises(TerminatedWorkerError):
        parallel_map(die, range(6), 2, layers)
    assert parallel_map(die, [1, 2], 2, layers) == [1, 2]


def test_no_worker_is_an_error():
    with pytest.raises(UsageError, match="workers is 0"):
        parallel_map(square, [1], 0, Layers.NONE)
