"""A table of targets trades as a handle_data with the same targets does."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from holdfast import Layers, run_algorithm, run_targets
from holdfast.api import (
    order_target,
    order_target_percent,
    order_target_value,
    order_targets,
    sid,
)
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.errors import UsageError
from holdfast.finance import commission, slippage

VERBS = {
    "shares": order_target,
    "value": order_target_value,
    "percent": order_target_percent,
}
SCALE = {"shares": 1.0, "value": 100.0, "percent": 1e-3}
SPAN = {"daily": ("2024-11-25", "2024-12-06"), "minute": ("2024-11-29", "2024-11-29")}
N_BARS = {"daily": 9, "minute": 210}  # a half day has so many minutes


@pytest.fixture(scope="module", params=["daily", "minute"])
def market(request, tmp_path_factory):
    """Two assets, of which one ends early; a split of the other; a half day; few shares traded."""
    frequency = request.param
    bars = synthetic_bars(2, "2024-11-22", "2024-12-06", frequency)
    bars["volume"] = (bars["volume"] / bars["volume"].max() * 400).astype(int)
    if frequency == "daily":
        bars = bars[(bars["symbol"] != "A001") | (bars["dt"] < "2024-12-04")]
    split = [("A000", "split", "2024-12-02", 0.5)]
    adjustments = pd.DataFrame(split, columns=["symbol", "kind", "date", "value"])
    path = tmp_path_factory.mktemp(frequency) / "bundle"
    write_bundle(path, bars, frequency, adjustments=adjustments)
    return path, frequency


def costs(context):
    context.set_commission(commission.PerShare(0.01, 1.0))
    context.set_slippage(slippage.VolumeShareSlippage(0.1, 0.1))


def run_with_handle_data(path, frequency, targets, kind):
    bar = iter(targets.tolist())

    def initialize(context):
        costs(context)
        context.assets = [sid(0), sid(1)]

    def handle_data(context, data):
        for asset, target in zip(context.assets, next(bar), strict=True):
            if data.can_trade(asset) and target == target:
                VERBS[kind](asset, target)

    start, end = SPAN[frequency]
    return run_algorithm(
        start, end, initialize, handle_data=handle_data, bundle=path, data_frequency=frequency
    )


changes = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 1), st.sampled_from([0, 7, 30, -20, np.nan])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=12, deadline=None)
@given(changes=changes, kind=st.sampled_from(list(VERBS)), none=st.booleans())
@example(changes=[(0, 0, 7)], kind="shares", none=False)  # held through the split
def test_a_table_trades_as_a_handle_data_does(market, changes, kind, none):
    path, frequency = market
    targets = np.full((N_BARS[frequency], 2), np.nan)
    for row, column, amount in changes:
        targets[row % len(targets) :, column] = amount * SCALE[kind]
    if frequency == "daily":
        targets[6:, 1] = np.nan  # it has ended, which is an error where a price is needed
    options = {"bundle": path, "data_frequency": frequency, "kind": kind, "initialize": costs}
    layers = Layers.NONE if none else Layers.ALL
    perf = run_targets(targets, *SPAN[frequency], layers=layers, **options)
    expected = run_with_handle_data(path, frequency, targets, kind)
    pd.testing.assert_frame_equal(perf, expected, check_exact=True)


def test_a_pandas_frame_is_read_by_its_dates_and_symbols(tmp_path):
    path = tmp_path / "bundle"
    write_bundle(path, synthetic_bars(2, "2024-11-22", "2024-12-06"))
    days = pd.to_datetime(["2024-11-27", "2024-11-20"])  # not in order; one before the run
    frame = pd.DataFrame({"A001": [5.0, 9.0]}, index=days)
    perf = run_targets(frame, *SPAN["daily"], bundle=path)
    (filled,) = [each for day in perf["transactions"] for each in day]
    assert (filled["sid"].symbol, filled["amount"]) == ("A001", 5)
    assert f"{filled['dt']:%Y-%m-%d}" == "2024-11-29"


@pytest.mark.parametrize(
    ("targets", "options", "told"),
    [
        (np.zeros((4, 2)), {}, "9 bars"),
        (np.zeros((9, 1)), {}, "1 columns for 2 assets"),
        (np.zeros((9, 2)), {"kind": "lots"}, "choose from shares, value, percent"),
        (pd.DataFrame({"A000": [1.0]}), {}, "DatetimeIndex"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, targets, options, told):
    path = tmp_path / "bundle"
    write_bundle(path, synthetic_bars(2, "2024-11-22", "2024-12-06"))
    with pytest.raises(UsageError, match=told):
        run_targets(targets, *SPAN["daily"], bundle=path, **options)


def test_beside_a_handle_data_that_trades_the_targets_are_held(tmp_path):
    path = tmp_path / "bundle"
    write_bundle(path, synthetic_bars(1, "2024-11-22", "2024-12-06"))
    amounts = []

    def handle_data(context, data):
        amounts.append(context.portfolio.positions[sid(0)].amount)
        if len(amounts) == 4:
            context.order(sid(0), 50)

    def initialize(context):
        order_targets(np.full((9, 1), 10.0))

    run_algorithm(*SPAN["daily"], initialize, handle_data=handle_data, bundle=path)
    assert amounts[1:] == [10, 10, 10, 60, 10, 10, 10, 10]
