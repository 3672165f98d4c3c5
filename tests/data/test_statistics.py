"""Statistics of windows: one at a time or all at once, the bits are the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from holdfast import run_algorithm
from holdfast.api import sid
from holdfast.data.statistics import STATISTICS, compute_rolling
from holdfast.errors import HistoryWindowStartsBeforeData, UsageError
from holdfast.layers import Layers, Limits

prices = st.floats(0.01, 1e6) | st.just(np.nan)
tables = st.tuples(st.integers(1, 300), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=prices, fill=st.floats(1.0, 2.0))
)


@settings(deadline=None)
@given(tables, st.data(), st.sampled_from(list(STATISTICS)))
def test_all_windows_at_once_are_the_windows_one_by_one(table, data, name):
    bar_count = data.draw(st.integers(1, len(table)))
    together = compute_rolling(name, table, bar_count)
    assert together.shape == (len(table) - bar_count + 1, table.shape[1])
    for first, row in enumerate(together):
        window = table[first : first + bar_count]
        np.testing.assert_array_equal(row, compute_rolling(name, window, bar_count)[0])
        if name in ("mean", "std", "sum", "min", "max"):
            alone = [getattr(column.copy(), name)() for column in window.T]
            np.testing.assert_array_equal(row, alone)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mean", 2.5), ("std", 1.25**0.5), ("sum", 10), ("min", 1), ("max", 4), ("return", 3)],
)
def test_what_the_names_mean(name, expected):
    window = np.array([[1.0], [3.0], [2.0], [4.0]])
    assert compute_rolling(name, window, 4)[0, 0] == pytest.approx(expected, rel=1e-15)


def asked(bundle, layers, *question, **options):
    seen = []

    def handle_data(context, data):
        seen.append(data.statistic(*question))

    options = {"start": "2023-02-01", "end": "2023-02-03", **options}
    run_algorithm(bundle=bundle, handle_data=handle_data, layers=layers, **options)
    return seen


@pytest.fixture
def asset(daily_bundle):
    found = []
    run_algorithm(
        start="2023-02-01", end="2023-02-01", bundle=daily_bundle,
        initialize=lambda context: found.append(sid(0)),
    )  # fmt: skip
    return found[0]


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL])
def test_one_asset_is_a_number_and_several_cannot_be_written(daily_bundle, asset, layers):
    alone = asked(daily_bundle, layers, "mean", asset, "close", 5, "1d")
    several = asked(daily_bundle, layers, "mean", [asset], "close", 5, "1d")
    assert [type(one) for one in alone] == [float] * 3
    assert alone == [one[0] for one in several]
    assert len(set(alone)) == 3
    with pytest.raises(ValueError, match="read-only"):
        several[0][0] = 0.0


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL])
def test_a_wrong_question_gets_the_same_error_from_every_layer(daily_bundle, asset, layers):
    with pytest.raises(UsageError, match="no statistic 'median'; choose from mean, std"):
        asked(daily_bundle, layers, "median", asset, "close", 5, "1d")
    with pytest.raises(HistoryWindowStartsBeforeData, match="a window of 4000 1d bars"):
        asked(daily_bundle, layers, "mean", asset, "close", 4000, "1d")


def test_a_full_memory_makes_statistics_slower_and_no_different(daily_bundle, asset):
    tight = Layers(windows=True, limits=Limits(window_bytes=100))
    question = ("std", asset, "price", 7, "1d")
    assert asked(daily_bundle, tight, *question) == asked(daily_bundle, Layers.NONE, *question)
