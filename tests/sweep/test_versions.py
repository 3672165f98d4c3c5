"""A sweep runs on one version of its bundle, whatever is ingested meanwhile."""

import json
import os

import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

from holdfast.data.bundle import get_version_folder, read_current_version
from holdfast.data.ingest import write_bundle
from holdfast.data.ingest.synthetic import synthetic_bars
from holdfast.layers import Layers
from holdfast.sweep import grid, walk_forward

from .averages import DATES, GRID, averages


@pytest.fixture(scope="module", autouse=True)
def _no_worker_outlives_the_tests():
    yield
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


@pytest.fixture(scope="module")
def markets():
    return [synthetic_bars(3, "2023-01-03", "2023-06-30", seed=seed) for seed in range(4)]


@pytest.fixture
def live(tmp_path, markets):
    write_bundle(tmp_path / "live", markets[0])
    return tmp_path / "live"


@pytest.fixture
def truth(tmp_path, markets):
    """The same bars where nobody ingests anything."""
    write_bundle(tmp_path / "truth", markets[0])
    return tmp_path / "truth"


def ingesting(live, markets, every, strategy=averages):
    """Return a strategy that ingests another market of four before each so many backtests."""
    place = live.parent / "count"
    place.touch()

    def noisy(**params):
        with place.open("ab") as file:
            count = file.write(b".") * 0 + file.tell()
        if count % every == 1:
            for folder in live.glob("?" * 16):
                os.utime(folder, (0, 0))  # old enough to be tidied away
            write_bundle(live, markets[(count // every + 1) % 4])
        return strategy(**params)

    return noisy, lambda: (place.stat().st_size + every - 1) // every


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL], ids=["none", "all"])
def test_twenty_ingests_during_two_hundred_backtests_change_no_row(live, truth, markets, layers):
    params = {"fast": [*range(2, 12)], "slow": [*range(12, 32)]}
    strategy, ingests = ingesting(live, markets, every=10)
    options = {"workers": 2, "layers": layers, **DATES, "start": "2023-05-15"}
    first = read_current_version(live)
    journal = live.parent / "rows.jsonl"
    table = grid(strategy, params, bundle=live, resume=journal, **options)
    assert ingests() >= 20 and len(table) == 200
    expected = grid(averages, params, bundle=truth, **options)
    pd.testing.assert_frame_equal(table, expected, check_exact=True)
    header, *rows = map(json.loads, journal.read_text().splitlines())
    assert header["bundle_version"] == first
    assert sorted(row["row"]["sharpe"] for row in rows) == sorted(expected["sharpe"])


def test_a_walk_forward_stays_on_its_version_too(live, truth, markets):
    strategy, ingests = ingesting(live, markets, every=3)
    options = {"workers": 2, "n_splits": 3, **DATES}
    table = walk_forward(strategy, GRID, bundle=live, **options)
    assert ingests() >= 7
    expected = walk_forward(averages, GRID, bundle=truth, **options)
    pd.testing.assert_frame_equal(table, expected, check_exact=True)


def test_a_version_that_is_gone_is_an_error_not_another_answer(live, markets):
    first = read_current_version(live)

    def losing(fast, slow):
        folder = get_version_folder(live, first)
        if folder.exists():
            write_bundle(live, markets[1])
            folder.rename(live.parent / "lost")
        return averages(fast, slow)

    table = grid(losing, GRID, bundle=live, workers=1, layers=Layers.NONE, **DATES)
    assert all("no longer holds version" in error for error in table["error"])
    assert table["sharpe"].isna().all()
