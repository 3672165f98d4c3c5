"""The layer's contract: whole columns have the values of one day after the other, bit by bit."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.pipelines.names import Names
from golden.pipelines.random_markets import END, START, random_market
from golden.pipelines.random_terms import RandomTerms
from golden.pipelines.terms import all_terms
from holdfast import Layers, Limits, run_pipeline, write_bundle
from holdfast.layers.caches import get_caches
from holdfast.layers.pipelines import columns
from holdfast.pipeline import CustomFactor, Pipeline
from holdfast.pipeline.data import USEquityPricing
from holdfast.pipeline.factors import RSI, SimpleMovingAverage
from holdfast.run import open_bundle

COLUMNS = Layers.only(["pipelines"])


@pytest.fixture(scope="module")
def odd_bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    for seed in (0, 1):
        market = random_market(seed)
        write_bundle(folder / str(seed), market.bars, adjustments=market.adjustments)
    return folder


def assert_equal(pipeline, bundle, start=START, end=END, layers=COLUMNS):
    plain = run_pipeline(pipeline, start, end, bundle, Layers.NONE)
    found = run_pipeline(pipeline, start, end, bundle, layers)
    pd.testing.assert_frame_equal(found, plain, check_exact=True)
    return plain


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 2**32 - 1), market=st.integers(0, 1))
def test_random_pipelines_have_the_same_values(odd_bundles, seed, market):
    bundle = odd_bundles / str(market)
    with open_bundle(bundle, Layers.NONE) as opened:
        names = Names("holdfast", list(opened.assets.retrieve_all()))
    assert_equal(RandomTerms(names, seed).pipeline(), bundle)


def test_every_term_across_the_edges_of_tiles(odd_bundles, monkeypatch):
    for name in ("TILE", "_FEWEST", "_MOST"):
        monkeypatch.setattr(columns, name, 16)
    bundle = odd_bundles / "1"
    with open_bundle(bundle, Layers.NONE) as opened:
        names = Names("holdfast", list(opened.assets.retrieve_all()))
    limits = Limits(pipeline_bytes=40_000_000)  # a cache of its own: other tests have larger tiles
    small = Layers(pipelines=True, limits=limits)
    assert len(assert_equal(names.pipeline(all_terms(names)), bundle, layers=small)) > 300


@pytest.mark.parametrize("limit", [0, 30_000])
def test_a_cache_that_is_too_small_changes_nothing(odd_bundles, limit):
    layers = Layers(pipelines=True, limits=Limits(pipeline_bytes=limit))
    nested = SimpleMovingAverage(inputs=[RSI().rank()], window_length=5).zscore()
    for _ in range(2):
        assert_equal(Pipeline({"nested": nested}), odd_bundles / "0", layers=layers)
    assert get_caches(layers.limits).columns.bytes <= limit


def test_a_second_run_computes_nothing_again_but_the_code_of_a_user(odd_bundles):
    days = []

    class Own(CustomFactor):
        inputs = (USEquityPricing.close,)
        window_length = 2

        def compute(self, today, assets, out, closes):
            days.append(today)
            out[:] = closes[0] + len(days) * 0

    layers = Layers(pipelines=True, limits=Limits(pipeline_bytes=50_000_000))
    cache = get_caches(layers.limits).columns
    pipeline = Pipeline({"rsi": RSI().rank(), "own": Own(), "of_own": Own().rank()})
    first = run_pipeline(pipeline, START, END, odd_bundles / "0", layers)
    n_days, misses = len(days), cache.misses
    again = run_pipeline(pipeline, START, END, odd_bundles / "0", layers)
    pd.testing.assert_frame_equal(again, first)
    assert (cache.misses, len(days)) == (misses, 2 * n_days)


def test_a_new_version_of_the_bundle_is_computed_anew(tmp_path):
    market = random_market(2)
    write_bundle(tmp_path, market.bars)
    pipeline = Pipeline({"close": USEquityPricing.close.latest})
    old = run_pipeline(pipeline, START, END, tmp_path, COLUMNS)
    prices = ["open", "high", "low", "close"]
    write_bundle(tmp_path, market.bars.assign(**{name: market.bars[name] * 2 for name in prices}))
    new = run_pipeline(pipeline, START, END, tmp_path, COLUMNS)
    pd.testing.assert_frame_equal(new, old * 2)


def test_values_that_are_kept_cannot_be_changed_by_whoever_gets_them(odd_bundles):
    pipeline = Pipeline({"rsi": RSI()})
    frame = run_pipeline(pipeline, START, END, odd_bundles / "0", COLUMNS)
    frame["rsi"] = 0.0
    assert (assert_equal(pipeline, odd_bundles / "0")["rsi"] != 0).any()


def test_of_a_downsampled_term_that_is_downsampled_again_the_last_period_counts(odd_bundles):
    """As in Zipline, which samples the term itself; its golden graphs hold single ones."""
    by_day = SimpleMovingAverage(inputs=[USEquityPricing.close], window_length=3)
    by_month = by_day.downsample("month_start")
    twice = by_day.downsample("week_start").downsample("month_start")
    columns_of_both = {"once": by_month, "twice": twice, "week": by_day.downsample("week_start")}
    found = run_pipeline(Pipeline(columns_of_both), START, END, odd_bundles / "0")
    assert found["twice"].equals(found["once"])
    assert not found["twice"].equals(found["week"])
