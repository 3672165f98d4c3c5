import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.data.ingest import write_bundle
from holdfast.errors import UsageError
from holdfast.sweep import grid, walk_forward
from holdfast.sweep.walks import Split, split_sessions

from .averages import GRID, averages

SPAN = {"start": "2023-03-01", "end": "2023-12-29"}
WINDOWS = {"n_splits": 3, "train_size": 60, "test_size": 30, "gap": 5}
WHEN = ["train_start", "train_end", "test_start", "test_end"]


def test_the_windows_are_those_of_time_series_split():
    """As in scikit-learn's own documentation."""
    three = [Split(range(n), range(n, n + 2)) for n in (6, 8, 10)]
    assert split_sessions(12, 3, None, 2, 0) == three
    assert split_sessions(12, 3, None, 2, 2) == [
        Split(range(one.train.stop - 2), one.test) for one in three
    ]
    fives = [Split(range(n), range(n, n + 1)) for n in (1, 2, 3, 4, 5)]
    assert split_sessions(6, 5, None, None, 0) == fives
    assert [one.train for one in split_sessions(6, 5, 2, None, 0)] == [
        range(1), range(2), range(1, 3), range(2, 4), range(3, 5)
    ]  # fmt: skip


@given(
    st.integers(1, 400), st.integers(1, 9), st.none() | st.integers(1, 90),
    st.none() | st.integers(1, 60), st.integers(0, 30),
)  # fmt: skip
def test_no_training_window_reaches_its_test_window(n_sessions, n_splits, train, test, gap):
    try:
        splits = split_sessions(n_sessions, n_splits, train, test, gap)
    except UsageError:
        return
    assert len(splits) == n_splits and splits[-1].test.stop == n_sessions
    for one in splits:
        assert 0 <= one.train.start < one.train.stop == one.test.start - gap
        assert len(one.train) <= (train or n_sessions)
    for one, following in itertools.pairwise(splits):
        assert one.test.stop == following.test.start


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"n_splits": 0}, "n_splits is 0"),
        ({"n_splits": -1}, "n_splits is -1"),
        ({"gap": -1}, "gap is -1"),
        ({"train_size": 0}, "train_size is 0"),
        ({"test_size": 100}, "leave nothing of 211 sessions"),
    ],
)
def test_windows_that_cannot_be_are_an_error(daily_bundle, changes, match):
    with pytest.raises(UsageError, match=match):
        walk_forward(averages, GRID, bundle=daily_bundle, **SPAN, **(WINDOWS | changes))


def walked(bundle, **changes):
    options = {"bundle": bundle, "workers": 1, **SPAN, **WINDOWS}
    return walk_forward(averages, GRID, **(options | changes))


def test_the_best_of_each_training_window_runs_on_the_next(daily_bundle):
    table = walked(daily_bundle)
    assert len(set(zip(table["fast"], table["slow"], strict=True))) > 1
    for row in table.to_dict("records"):
        train = {"start": row["train_start"], "end": row["train_end"]}
        tried = grid(averages, GRID, bundle=daily_bundle, workers=1, **train)
        best = tried.iloc[int(tried["sharpe"].argmax())]
        assert (row["fast"], row["slow"]) == (best["fast"], best["slow"])
        assert row["train_sharpe"] == best["sharpe"]
        chosen = {"fast": [row["fast"]], "slow": [row["slow"]]}
        test = {"start": row["test_start"], "end": row["test_end"]}
        after = grid(averages, chosen, bundle=daily_bundle, workers=1, **test)
        assert row["sharpe"] == after["sharpe"][0] and row["error"] is None
    pd.testing.assert_frame_equal(walked(daily_bundle, workers=2), table, check_exact=True)


def test_no_price_after_a_training_window_moves_its_choice(daily_bars, daily_bundle, tmp_path):
    """With other prices from its first test session on, each split chooses as before."""
    plain = walked(daily_bundle)
    for number, row in plain.iterrows():
        later = (daily_bars["dt"] > row["train_end"]).to_numpy()
        bars = daily_bars.copy()
        fields = ["open", "high", "low", "close"]
        # Time backwards, so that what rose falls.
        bars.loc[later, fields] = daily_bars.loc[later, fields].to_numpy()[::-1]
        bars["high"] = bars[fields].max(axis=1)
        bars["low"] = bars[fields].min(axis=1)
        bundle = tmp_path / str(number)
        write_bundle(bundle, bars)
        other = walked(bundle)
        until = slice(0, number + 1)
        choices = ["fast", "slow", "train_sharpe"]
        pd.testing.assert_frame_equal(other[choices][until], plain[choices][until])
        assert other["sharpe"][number] != plain["sharpe"][number]


def test_prices_in_a_training_window_do_move_its_choice(daily_bars, daily_bundle, tmp_path):
    bars = daily_bars.copy()
    fields = ["open", "high", "low", "close"]
    bars[fields] = daily_bars[fields].to_numpy()[::-1]
    write_bundle(tmp_path, bars)
    assert walked(tmp_path)["train_sharpe"].ne(walked(daily_bundle)["train_sharpe"]).all()


def test_a_window_in_which_nothing_is_defined_says_so(daily_bundle):
    def broken(kind):
        raise ValueError("never")

    options = {"bundle": daily_bundle, "workers": 1, **SPAN, **WINDOWS}
    table = walk_forward(broken, {"kind": ["a", "b"]}, **options)
    assert (
        table["error"].tolist()
        == ["no parameter set has a sharpe in training: ValueError: never"] * 3
    )
    assert np.isnan(table["portfolio_value"]).all() and table[WHEN].notna().all(axis=None)
