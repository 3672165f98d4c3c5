import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.data.ingest import synthetic_bars
from holdfast.data.ingest.checks import check_batch
from holdfast.errors import BadBars, UsageError


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32), volatility=st.floats(0.01, 3.0))
def test_any_seed_gives_bars_fit_to_ingest_in_whole_cents(seed, volatility):
    dates = ("2024-01-02", "2024-06-28")
    bars = synthetic_bars(2, *dates, seed=seed, annual_volatility=volatility)
    check_batch(bars)
    prices = bars[["open", "high", "low", "close"]]
    assert (prices.round(2) == prices).all(axis=None)
    assert (bars["low"] <= bars[["open", "close"]].min(axis=1)).all()
    assert (bars["high"] >= bars[["open", "close"]].max(axis=1)).all()
    again = synthetic_bars(2, *dates, "daily", "XNYS", seed, volatility)
    pd.testing.assert_frame_equal(bars, again)


def test_an_asset_does_not_depend_on_its_neighbours():
    few = synthetic_bars(1, "2024-01-02", "2024-03-28", seed=5)
    many = synthetic_bars(3, "2024-01-02", "2024-03-28", seed=5)
    pd.testing.assert_frame_equal(few, many.iloc[: len(few)])
    assert synthetic_bars(1, "2024-01-02", "2024-03-28", seed=6)["close"].ne(few["close"]).any()


def test_a_half_day_has_fewer_minutes(minute_bars):
    one = minute_bars[minute_bars["symbol"] == "A000"]
    assert one.groupby(one["dt"].dt.date).size().tolist() == [390, 390, 390, 210, 390]


def test_nothing_to_make_is_an_error():
    with pytest.raises(UsageError, match="n_assets is 0"):
        synthetic_bars(0, "2024-01-02", "2024-03-28")
    with pytest.raises(BadBars, match="no session"):
        synthetic_bars(1, "2024-01-06", "2024-01-07")
