"""Windows of a column: many at once, one at a time and NumPy by itself agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.pipeline import rolling

WEIGHTS = {length: np.linspace(0.3, 1.7, length) for length in range(1, 41)}


def exponential(values, length):
    return rolling.weighted_mean(values, WEIGHTS[length])


def largest(values, length):
    return rolling.extreme(values, length, np.fmax)


def lowest(values, length):
    return rolling.extreme(values, length, np.minimum)


def row_of_largest(values, length):
    return rolling.where_first(values, length, largest(values, length))


def mean(values):
    known = values[~np.isnan(values)]
    return known.mean() if len(known) else np.nan


def std(values):
    known = values[~np.isnan(values)]
    return known.std() if len(known) else np.nan


STATISTICS = {
    rolling.rolled_sum: np.sum,
    rolling.rolled_nansum: np.nansum,
    rolling.rolled_nanmean: mean,
    rolling.rolled_nanstd: std,
    largest: lambda values: np.fmax.reduce(values),
    lowest: np.min,
    row_of_largest: lambda values: np.nan if np.isnan(values).all() else np.nanargmax(values),
    exponential: lambda values: np.average(values, weights=WEIGHTS[len(values)]),
}


@st.composite
def columns(draw):
    shape = (draw(st.integers(1, 60)), draw(st.integers(1, 4)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = generator.normal(100, 20, shape).round(draw(st.sampled_from([0, 2])))
    values[generator.random(shape) < draw(st.sampled_from([0, 0.3]))] = np.nan
    return values, draw(st.integers(1, min(40, shape[0])))


@pytest.mark.parametrize("function", STATISTICS, ids=lambda function: function.__name__)
@settings(deadline=None, max_examples=25)
@given(case=columns())
def test_every_window_has_its_statistic_to_the_last_bit(function, case):
    values, length = case
    with np.errstate(invalid="ignore"):  # as in a pipeline: the mean of nothing is NaN
        rolled = function(values, length)
        windows = [values[at : at + length] for at in range(len(rolled))]
        one_by_one = [function(window, length)[0] for window in windows]
        by_column = [function(np.ascontiguousarray(column), length) for column in values.T]
    np.testing.assert_array_equal(rolled, np.array(one_by_one))
    np.testing.assert_array_equal(rolled, np.array(by_column).T)
    for row, column in np.ndindex(rolled.shape):
        expected = STATISTICS[function](values[row : row + length, column])
        np.testing.assert_allclose(rolled[row, column], expected, rtol=1e-9, atol=1e-9)


def test_a_long_column_is_summed_up_in_blocks_without_a_seam():
    values = np.random.default_rng(3).normal(size=3 * rolling._BLOCK)
    rolled = rolling.rolled_nanstd(values, 5)
    for at in (0, rolling._BLOCK - 1, rolling._BLOCK, 2 * rolling._BLOCK + 7):
        assert rolled[at] == rolling.rolled_nanstd(values[at : at + 5], 5)[0]
