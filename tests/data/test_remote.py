"""Bundles behind a URL: fetched once, checked, and of the version that was asked for."""

import json
import os
import re
import subprocess
import sys

import fsspec
import pandas as pd
import pytest

from holdfast import grid, run_algorithm, write_bundle
from holdfast.api import order_target, sid
from holdfast.cli import main
from holdfast.data.ingest import synthetic_bars
from holdfast.data.integrity import seal
from holdfast.data.remote import localize
from holdfast.errors import BundleError, MissingExtra
from holdfast.layers import Layers

DATES = {"start": "2024-02-01", "end": "2024-03-28"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HOLDFAST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def stored(tmp_path):
    """A bundle on disk, and a function that puts it into a store and returns its URL."""
    write_bundle(tmp_path / "bundle", synthetic_bars(2, "2024-01-02", "2024-04-30"))
    store = fsspec.filesystem("memory")

    def put():
        if store.exists("/market"):
            store.rm("/market", recursive=True)
        store.put(str(tmp_path / "bundle"), "/market", recursive=True)
        return "memory://market"

    yield tmp_path / "bundle", put
    if store.exists("/market"):
        store.rm("/market", recursive=True)


def buy(context, data):
    order_target(sid(0), 100)


def run(bundle, **options):
    return run_algorithm(handle_data=buy, bundle=bundle, **DATES, **options)


def versions(cache):
    return sorted(path.name for path in cache.glob("*/*"))


@pytest.mark.parametrize("layers", [Layers.ALL, Layers.NONE])
def test_a_backtest_reads_a_url_as_it_reads_a_folder(stored, cache, layers):
    folder, put = stored
    perf = run(put(), layers=layers)
    pd.testing.assert_frame_equal(perf, run(folder, layers=layers), check_exact=True)
    (version,) = versions(cache)
    assert (folder / version).is_dir()


def test_a_version_is_fetched_once(stored, cache):
    _, put = stored
    url = put()
    run(url)
    version = localize(url)[1]
    fsspec.filesystem("memory").rm("/market", recursive=True)
    assert localize(url, version)[1] == version  # asked by its version: nobody is asked
    with pytest.raises(BundleError, match="no bundle at memory://market"):
        run(url)


def test_a_new_version_is_seen_at_once_and_old_ones_go(stored, cache):
    folder, put = stored
    seen = []
    for turn in range(5):
        write_bundle(folder, synthetic_bars(2, "2024-01-02", "2024-04-30", seed=turn))
        seen.append(run(put())["portfolio_value"].iloc[-1])
        assert seen[-1] == run(folder)["portfolio_value"].iloc[-1]
    assert len(set(seen)) == 5 and len(versions(cache)) == 3


@pytest.mark.parametrize("name", ["bars-1d.parquet", "assets.sqlite", "manifest.json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "another version's"])
def test_what_is_not_as_its_manifest_says_is_refused_and_not_kept(stored, cache, name, damage):
    folder, put = stored
    url = put()
    store = fsspec.filesystem("memory")
    (path,) = store.glob(f"/market/*/{name}")
    if damage == "gone":
        store.rm(path)
    elif damage == "cut":
        store.pipe(path, store.cat(path)[:-40])
    else:
        write_bundle(folder.parent / "other", synthetic_bars(3, "2024-01-02", "2024-04-30"))
        (other,) = (folder.parent / "other").glob(f"*/{name}")
        store.pipe(path, other.read_bytes())
    with pytest.raises(BundleError, match=r"market"):
        run(url)
    assert versions(cache) == []


def test_a_manifest_writes_nowhere_else(stored, cache):
    folder, put = stored
    (manifest,) = folder.glob("*/manifest.json")
    content = json.loads(manifest.read_text())
    del content["sha256"]
    content["files"]["../../escaped"] = "0" * 64
    manifest.write_bytes(seal(content))
    with pytest.raises(BundleError, match="which are not file names"):
        run(put())
    assert versions(cache) == []


def test_errors_name_the_url_and_the_way_out(stored):
    _, put = stored
    with pytest.raises(BundleError, match="no bundle at memory://nothing: it has no CURRENT"):
        run("memory://nothing")
    with pytest.raises(BundleError, match="nosuch://x cannot be read"):
        run("nosuch://x")
    with pytest.raises(MissingExtra, match=re.escape("'asv-holdfast[remote]' s3fs")):
        run("s3://bucket/market")
    put()
    fsspec.filesystem("memory").pipe("/market/CURRENT", b"../..")
    with pytest.raises(BundleError, match=r"memory://market is not a bundle"):
        run("memory://market")


def strategy(count):
    return lambda context: None, buy


@pytest.mark.slow
def test_workers_read_what_the_sweep_read(stored, cache):
    """Two processes and a shared folder: the version is that of the sweep, the copy is one."""
    folder, _ = stored
    url = f"file://{folder}"
    rows = grid(strategy, {"count": [1, 2, 3]}, bundle=url, workers=2, **DATES)
    expected = grid(strategy, {"count": [1, 2, 3]}, bundle=folder, workers=1, **DATES)
    pd.testing.assert_frame_equal(rows, expected, check_exact=True)
    assert expected["error"].isna().all() and len(versions(cache)) == 1


@pytest.mark.slow
def test_processes_that_fetch_at_once_leave_one_copy(stored, cache):
    folder, _ = stored
    code = "import sys; from holdfast.data.remote import localize; print(localize(sys.argv[1])[1])"
    command = [sys.executable, "-c", code, f"file://{folder}"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {one.communicate()[0] for one in both}
    assert len(said) == 1 and [one.returncode for one in both] == [0, 0]
    assert len(versions(cache)) == 1 and not list(cache.glob("*/.*"))


def test_the_command_line_takes_a_url(stored, tmp_path, capsys):
    folder, put = stored
    (tmp_path / "strategy.py").write_text(
        "from holdfast.api import order_target, sid\n"
        "def handle_data(context, data):\n    order_target(sid(0), 100)\n"
    )
    dates = ["--start", DATES["start"], "--end", DATES["end"], "--json"]
    page = ["--report", str(tmp_path / "page.html")]
    said = []
    for bundle in (put(), os.fspath(folder)):
        command = ["run", str(tmp_path / "strategy.py"), "--bundle", bundle, *dates, *page]
        assert main(command) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
