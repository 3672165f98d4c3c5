"""The same sweep on a cluster: real processes behind a real scheduler ('make test-cluster')."""

import os
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest
from joblib import parallel_config

from holdfast.sweep import grid, walk_forward

from .averages import DATES, GRID, averages


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed", reason="needs dask: make test-cluster")
    two = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**two) as cluster, distributed.Client(cluster):
        yield cluster


def test_a_cluster_gives_the_same_frame(cluster, daily_bundle):
    here = grid(averages, GRID, bundle=daily_bundle, workers=1, **DATES)
    with parallel_config(backend="dask"):
        there = grid(averages, GRID, bundle=daily_bundle, **DATES)
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_both_workers_of_the_cluster_take_part(cluster, daily_bundle, tmp_path):
    def noted(fast, slow):
        (tmp_path / str(os.getpid())).touch()
        return averages(fast, slow)

    many = {"fast": list(range(2, 9)), "slow": list(range(10, 20))}
    with parallel_config(backend="dask"):
        grid(noted, many, bundle=daily_bundle, **DATES)
    pids = {int(path.name) for path in tmp_path.iterdir()}
    assert len(pids) == 2 and os.getpid() not in pids


def test_a_walk_on_a_cluster_gives_the_same_frame(cluster, daily_bundle):
    span = {"start": "2023-03-01", "end": "2023-12-29", "n_splits": 3}
    here = walk_forward(averages, GRID, bundle=daily_bundle, workers=1, **span)
    with parallel_config(backend="dask"):
        there = walk_forward(averages, GRID, bundle=daily_bundle, **span)
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def check_that_a_kill_costs_a_retry(backend, bundle, folder):
    def killing(fast, slow):
        if (fast, slow) == (5, 20) and not (folder / "killed").exists():
            (folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return averages(fast, slow)

    here = grid(averages, GRID, bundle=bundle, workers=1, **DATES)
    with parallel_config(backend=backend):
        there = grid(killing, GRID, bundle=bundle, **DATES)
    assert (folder / "killed").exists()
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_a_worker_of_the_cluster_that_is_killed_costs_a_retry(cluster, daily_bundle, tmp_path):
    check_that_a_kill_costs_a_retry("dask", daily_bundle, tmp_path)


def test_workers_of_a_cluster_read_a_url(cluster, daily_bundle, tmp_path, monkeypatch):
    """The version is the sweep's, whatever is ingested meanwhile."""
    monkeypatch.setenv("HOLDFAST_CACHE", str(tmp_path / "here"))
    shutil.copytree(daily_bundle, tmp_path / "store")
    there = str(tmp_path / "there")

    def elsewhere(fast, slow):
        os.environ["HOLDFAST_CACHE"] = there  # as on another machine, which has fetched nothing
        return averages(fast, slow)

    expected = grid(averages, GRID, bundle=daily_bundle, workers=1, **DATES)
    with parallel_config(backend="dask"):
        rows = grid(elsewhere, GRID, bundle=f"file://{tmp_path}/store", **DATES)
    pd.testing.assert_frame_equal(rows, expected, check_exact=True)
    fetched = [sorted(p.name for p in (tmp_path / name).glob("*/*")) for name in ("here", "there")]
    assert fetched[0] == fetched[1] and len(fetched[0]) == 1


@pytest.fixture(scope="module")
def ray_cluster():
    ray = pytest.importorskip("ray", reason="needs ray: make test-cluster")
    from ray.util.joblib import register_ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")  # else it leaves a token at home
        register_ray()
        tests = {"env_vars": {"PYTHONPATH": str(Path(__file__).parents[1])}}
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=tests)
        yield
        ray.shutdown()


def test_ray_gives_the_same_frame(ray_cluster, daily_bundle):
    here = grid(averages, GRID, bundle=daily_bundle, workers=1, **DATES)
    with parallel_config(backend="ray"):
        there = grid(averages, GRID, bundle=daily_bundle, **DATES)
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_a_worker_of_ray_that_is_killed_costs_a_retry(ray_cluster, daily_bundle, tmp_path):
    check_that_a_kill_costs_a_retry("ray", daily_bundle, tmp_path)
