"""Across a session: ranks, scores and quantiles are those of pandas, group by group."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.pipeline import rowwise


@st.composite
def sessions(draw):
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 12)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = generator.integers(-5, 6, shape) / draw(st.sampled_from([1, 7]))
    values[generator.random(shape) < 0.2] = np.nan
    usable = generator.random(shape) < 0.8
    groups = generator.integers(0, 3, shape) if draw(st.booleans()) else None
    return values, usable, groups


def by_group(case, function):
    """Apply a function of a Series to every group of every session."""
    values, usable, groups = case
    out = np.full(values.shape, np.nan)
    labels = np.zeros(values.shape, int) if groups is None else groups
    for row, label in ((row, label) for row in range(len(values)) for label in range(3)):
        chosen = usable[row] & (labels[row] == label) & ~np.isnan(values[row])
        if chosen.any():
            out[row, chosen] = function(pd.Series(values[row, chosen])).to_numpy()
    return out


@pytest.mark.parametrize("method", [*rowwise.RANKS])
@pytest.mark.parametrize("ascending", [True, False])
@settings(deadline=None, max_examples=10)
@given(case=sessions())
def test_ranks_are_those_of_pandas(method, ascending, case):
    named = "first" if method == "ordinal" else method
    expected = by_group(case, lambda values: values.rank(method=named, ascending=ascending))
    np.testing.assert_array_equal(rowwise.rank(*case, method, ascending), expected)


@settings(deadline=None, max_examples=25)
@given(case=sessions())
def test_scores_are_those_of_pandas(case):
    with np.errstate(all="ignore"):
        demeaned, scores = rowwise.demean(*case), rowwise.zscore(*case)
    expected = by_group(case, lambda values: values - values.mean())
    np.testing.assert_allclose(demeaned, expected, atol=1e-12)
    spread = by_group(case, lambda values: values * 0 + values.std(ddof=0))
    clear = spread > 1e-9
    np.testing.assert_allclose(scores[clear], expected[clear] / spread[clear], atol=1e-9)
    assert np.array_equal(np.isnan(demeaned), np.isnan(expected))


@settings(deadline=None, max_examples=25)
@given(case=sessions(), low=st.sampled_from([0, 0.1, 0.34]), high=st.sampled_from([0.5, 0.9, 1]))
def test_winsorized_values_lie_within_their_bounds(case, low, high):
    def bounded(values):
        ordered = np.sort(values)
        top = ordered[int(np.ceil(high * len(values))) - 1] if high < 1 else np.inf
        return values.clip(ordered[int(low * len(values))] if low else -np.inf, top)

    np.testing.assert_array_equal(rowwise.winsorize(*case, low, high), by_group(case, bounded))


@settings(deadline=None, max_examples=25)
@given(case=sessions(), bins=st.integers(1, 6))
def test_bins_lie_between_the_percentiles_of_numpy(case, bins):
    for row, found in zip(case[0], rowwise.bins_of_rows(case[0], bins), strict=True):
        known = ~np.isnan(row)
        assert (found[~known] == -1).all()
        if known.any():
            edges = np.percentile(row[known], np.linspace(0, 1, bins + 1) * 100)
            expected = np.searchsorted(edges, row[known]) - 1
            expected[row[known] == edges[0]] = 0
            np.testing.assert_array_equal(found[known], np.where(expected < bins, expected, -1))


def test_an_unknown_way_to_rank_names_those_there_are():
    with pytest.raises(UsageError, match=r"rank\(method='best'\): choose from average, min"):
        rowwise.rank(np.ones((1, 1)), np.ones((1, 1), bool), None, "best", True)
