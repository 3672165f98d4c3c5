import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

from holdfast import run_algorithm
from holdfast.errors import BundleError, NotInBundle, UsageError
from holdfast.layers import Layers
from holdfast.sweep import grid

from .averages import DATES, GRID, averages


@pytest.fixture(scope="module", autouse=True)
def _no_worker_outlives_the_tests():
    yield
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def assert_same(table, other):
    pd.testing.assert_frame_equal(table, other, check_exact=True)


def test_each_row_is_what_a_single_run_gives(daily_bundle):
    table = grid(averages, GRID, bundle=daily_bundle, workers=1, **DATES)
    pairs = list(itertools.product(GRID["fast"], GRID["slow"]))
    assert list(zip(table["fast"], table["slow"], strict=True)) == pairs
    assert table["error"].tolist() == [None] * len(pairs)
    for row, (fast, slow) in zip(table.to_dict("records"), pairs, strict=True):
        initialize, handle_data = averages(fast, slow)
        perf = run_algorithm(
            bundle=daily_bundle, initialize=initialize, handle_data=handle_data, **DATES
        )
        last = perf.iloc[-1]
        assert row["transactions"] == perf["transactions"].map(len).sum() > 0
        for name in ("sharpe", "sortino", "max_drawdown", "portfolio_value"):
            assert row[name] == last[name]


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL], ids=["none", "all"])
def test_workers_and_layers_change_no_answer(daily_bundle, layers):
    alone = grid(averages, GRID, bundle=daily_bundle, workers=1, **DATES)
    assert_same(grid(averages, GRID, bundle=daily_bundle, workers=2, layers=layers, **DATES), alone)


def sometimes(kind):
    if kind == "raises":
        raise ValueError("no such kind")
    if kind == "leaves":
        sys.exit("bye")
    if kind == "misunderstands":
        return lambda context: None
    return averages(2, 10)


def test_a_set_that_raises_costs_its_row_only(daily_bundle):
    kinds = {"kind": ["good", "raises", "leaves", "misunderstands", "good"]}
    table = grid(sometimes, kinds, bundle=daily_bundle, workers=2, **DATES)
    assert table["error"][1:3].tolist() == ["ValueError: no such kind", "SystemExit: bye"]
    assert "not two functions" in table["error"][3]
    assert table["sharpe"].notna().tolist() == [True, False, False, False, True]


def test_a_set_that_raises_can_end_the_sweep(daily_bundle):
    # One of its kind alone: of several, whichever worker is first ends the sweep.
    kinds = {"kind": ["good", "raises", "good"]}
    with pytest.raises(ValueError, match="no such kind") as caught:
        grid(sometimes, kinds, bundle=daily_bundle, workers=2, errors="raise", **DATES)
    assert any("kind='raises'" in note for note in caught.value.__notes__)


def test_what_a_strategy_records_can_be_the_objective(daily_bundle):
    options = {"bundle": daily_bundle, "workers": 1, **DATES}
    table = grid(averages, GRID, objective="width", **options)
    assert table["width"].tolist() == [30.0, 60.0] * 3
    lost = grid(averages, {"fast": [2], "slow": [10]}, objective="luck", **options)
    assert "'luck' is not a figure" in lost["error"][0] and "record() it" in lost["error"][0]


def test_values_of_numpy_reach_the_strategy_as_python(daily_bundle):
    def strict(fast):
        assert type(fast) is int
        return averages(fast, 10)

    table = grid(strict, {"fast": np.arange(2, 4)}, bundle=daily_bundle, workers=1, **DATES)
    assert table["error"].tolist() == [None, None]


def test_values_whose_text_is_equal_are_still_two_sets(daily_bundle, tmp_path):
    def long(weights):
        return averages(int(weights[500]), 10)

    weights = [np.zeros(5000), np.zeros(5000)]
    weights[0][500], weights[1][500] = 2, 8
    assert repr(weights[0]) == repr(weights[1])
    options = {"bundle": daily_bundle, "workers": 1, **DATES}
    table = grid(long, {"weights": weights}, **options)
    plain = grid(averages, {"fast": [2, 8], "slow": [10]}, **options)
    assert table["sharpe"].tolist() == plain["sharpe"].tolist()
    with pytest.raises(UsageError, match="keeps rows by their parameters as text"):
        grid(long, {"weights": weights}, resume=tmp_path / "rows.jsonl", **options)


_SCRIPT = """
import sys
from holdfast.api import order, sid
from holdfast.sweep import grid

BASE = 10

def strategy(amount):
    def initialize(context):
        pass
    def handle_data(context, data):
        order(sid(0), BASE + amount)
    return initialize, handle_data

if __name__ == "__main__":
    table = grid(strategy, {"amount": [1, 2, 3]}, bundle=sys.argv[1], start="2023-03-01",
                 end="2023-03-10", workers=2)
    print(table["transactions"].tolist(), table["error"].tolist())
"""


def test_a_strategy_of_a_script_reaches_the_workers(tmp_path, daily_bundle):
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    ran = subprocess.run([sys.executable, script, daily_bundle], capture_output=True, text=True)
    assert ran.stdout == "[7, 7, 7] [None, None, None]\n", ran.stderr
    assert ran.stderr == ""


def test_mistakes_are_told_before_anything_runs(daily_bundle, tmp_path):
    def refused(error, match, params=GRID, **changes):
        options = {"bundle": daily_bundle, **DATES, **changes}
        with pytest.raises(error, match=match):
            grid(averages, params, **options)

    refused(UsageError, "params is empty", params={})
    refused(UsageError, "the list of 'fast' is empty", params={"fast": []})
    refused(UsageError, "give a list", params={"fast": 5})
    refused(UsageError, "'sharpe' is a column", params={"sharpe": [5]})
    refused(UsageError, "workers is 0", workers=0)
    refused(NotInBundle, "outside the bundle", end="2030-01-01")
    refused(BundleError, "no bundle at", bundle=tmp_path / "none")
