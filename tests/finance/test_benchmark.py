"""What a run is compared with, by Zipline's figures (the golden answers hold them too)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from holdfast import run_algorithm
from holdfast.api import order_target_percent, set_benchmark, symbol
from holdfast.errors import (
    BenchmarkAssetNotAvailableTooEarly,
    BenchmarkAssetNotAvailableTooLate,
    SetBenchmarkOutsideInitialize,
    UsageError,
)
from holdfast.finance.benchmark import alpha_beta
from test_as_zipline import DAYS, daily
from test_as_zipline import run as run_bars

FIGURES = ["benchmark_period_return", "benchmark_volatility", "alpha", "beta"]


def run(bundle, benchmark=None, hold=None, **options):
    def initialize(context):
        if benchmark is not None:
            set_benchmark(symbol(benchmark))

    def handle_data(context, data):
        if hold is not None:
            order_target_percent(symbol(hold), 1.0)

    options = {
        "start": "2023-02-01",
        "end": "2023-03-31",
        "bundle": bundle,
        "capital_base": 1e4,
        **options,
    }
    return run_algorithm(initialize=initialize, handle_data=handle_data, **options)


def test_an_asset_is_compared_from_the_close_before_the_start(daily_bundle, daily_bars):
    perf = run(daily_bundle, benchmark="A001", hold="A001")
    closes = daily_bars[daily_bars["symbol"] == "A001"].set_index("dt")["close"]
    before = closes[:"2023-01-31"].iloc[-1]
    expected = closes["2023-02-01":"2023-03-31"] / before - 1
    assert perf["benchmark_period_return"].to_numpy() == pytest.approx(expected.to_numpy())
    assert perf["beta"].iloc[-1] == pytest.approx(1.0, abs=0.2)
    assert perf["alpha"].notna().sum() == len(perf) - 1


def test_given_returns_count_on_their_days_and_zero_on_others(daily_bundle):
    days = pd.DatetimeIndex(["2023-02-01", "2023-02-03", "2023-02-04"], tz="UTC")
    perf = run(daily_bundle, benchmark_returns=pd.Series([0.01, 0.02, 0.5], days))
    assert perf["benchmark_period_return"].iloc[:4].tolist() == pytest.approx(
        [0.01, 0.01, 1.01 * 1.02 - 1, 1.01 * 1.02 - 1]
    )


def test_an_asset_comes_before_given_returns(daily_bundle):
    returns = pd.Series([0.5], pd.DatetimeIndex(["2023-02-01"]))
    asset = run(daily_bundle, benchmark="A001")
    both = run(daily_bundle, benchmark="A001", benchmark_returns=returns)
    pd.testing.assert_frame_equal(asset[FIGURES], both[FIGURES])


def test_without_a_benchmark_there_is_cash(daily_bundle):
    perf = run(daily_bundle, hold="A000")
    assert (perf["benchmark_period_return"] == 0).all()
    assert perf[["alpha", "beta"]].isna().all(axis=None)


def test_an_asset_that_starts_with_the_run_counts_from_its_open(tmp_path):
    bars = daily([10.0, 11.0, 12.0]).assign(open=[8.0, 11.0, 12.0], low=[8.0, 11.0, 12.0])
    perf = run_bars(tmp_path, bars, None, initialize=lambda context: set_benchmark(symbol("AAA")))
    assert perf["benchmark_period_return"].tolist() == pytest.approx([0.25, 0.375, 0.5])


@pytest.mark.parametrize(
    ("closes", "error"),
    [
        ([np.nan, 1.0, 1.0], BenchmarkAssetNotAvailableTooEarly),
        ([1.0, 1.0, np.nan], BenchmarkAssetNotAvailableTooLate),
    ],
)
def test_an_asset_must_trade_all_the_time(tmp_path, closes, error):
    bars = pd.concat([daily(closes), daily([1.0, 1.0, 1.0], "ZZZ")], ignore_index=True)
    with pytest.raises(error, match="AAA trades"):
        run_bars(
            tmp_path,
            bars,
            None,
            initialize=lambda context: set_benchmark(symbol("AAA")),
            start=DAYS[0],
            end=DAYS[2],
        )


def test_wrong_benchmarks_are_named(daily_bundle):
    with pytest.raises(UsageError, match="'A001'"):
        run_algorithm(
            start="2023-02-01",
            end="2023-02-02",
            initialize=lambda context: set_benchmark("A001"),
            bundle=daily_bundle,
        )
    with pytest.raises(SetBenchmarkOutsideInitialize):
        run_algorithm(
            start="2023-02-01",
            end="2023-02-02",
            handle_data=lambda context, data: set_benchmark(symbol("A001")),
            bundle=daily_bundle,
        )
    for wrong in ([0.1, 0.2], pd.Series([0.1], ["monday"])):
        with pytest.raises(UsageError, match="benchmark_returns"):
            run(daily_bundle, benchmark_returns=wrong)


def test_a_benchmark_that_hardly_varies_has_an_infinite_alpha_and_warns_of_nothing():
    alpha, beta = alpha_beta(np.array([0.0, 0.2]), np.array([0.1, 0.1 + 1e-10]))
    assert beta[1] == pytest.approx(2e9, rel=1e-5)
    assert np.isnan(alpha[0]) and np.isposinf(alpha[1])


@given(
    arrays(float, 12, elements=st.floats(-0.2, 0.2)),
    arrays(float, 12, elements=st.floats(-0.2, 0.2) | st.just(np.nan)),
)
def test_alpha_and_beta_are_the_regression_of_all_sessions_so_far(returns, benchmark):
    alpha, beta = alpha_beta(returns, benchmark)
    for stop in range(1, 13):
        known = ~np.isnan(benchmark[:stop])
        own, other = returns[:stop][known], benchmark[:stop][known]
        variance = other.var() if len(other) else 0.0
        if stop == 1 or variance < 1e-12:
            continue  # next to none: noise decides
        slope = ((own - own.mean()) * (other - other.mean())).mean() / variance
        assert beta[stop - 1] == pytest.approx(slope, rel=1e-6, abs=1e-6)
        if abs(slope) < 10:
            yearly = (own.mean() - slope * other.mean() + 1) ** 252 - 1
            assert alpha[stop - 1] == pytest.approx(yearly, rel=1e-4, abs=1e-6)
