"""What docs/zipline.md lists as different on purpose: each entry, held."""

import numpy as np
import pandas as pd
import pytest

from holdfast import run_algorithm
from holdfast.api import (
    date_rules,
    get_datetime,
    order,
    record,
    schedule_function,
    set_commission,
    set_slippage,
    set_symbol_lookup_date,
    symbol,
)
from holdfast.data.ingest.write import write_bundle
from holdfast.errors import UsageError
from holdfast.finance.commission import NoCommission
from holdfast.finance.slippage import NoSlippage
from test_as_zipline import DAYS, adjustments, daily, run


def buy_ten_once(context, data):
    if not hasattr(context, "bought"):
        context.bought = order(symbol("AAA"), 10)


def shares(perf):
    return [day[0]["amount"] if day else 0 for day in perf["positions"]]


def test_d5_every_day_is_every_day_half_days_included(tmp_path):
    days = pd.DatetimeIndex(["2024-07-02", "2024-07-03", "2024-07-05"])
    called = []

    def initialize(context):
        schedule_function(
            lambda context, data: called.append(get_datetime().strftime("%m-%d")),
            date_rules.every_day(),
        )

    run(tmp_path, daily(np.full(3, 10.0), days=days), None, initialize=initialize)
    assert called == ["07-02", "07-03", "07-05"]


def test_d10_a_calendar_without_a_close_shows_the_day_that_ends(tmp_path):
    days = pd.date_range("2024-02-01", periods=4)
    bundle = tmp_path / "bundle"
    write_bundle(bundle, daily([1, 2, 3, 4], days=days), calendar="24/7")
    perf = run_algorithm(
        start=days[0],
        end=days[-1],
        handle_data=lambda context, data: record(
            price=data.current(symbol("AAA"), "price"), day=str(data.current_session.date())
        ),
        bundle=bundle,
    )
    assert perf["price"].tolist() == [1, 2, 3, 4]
    assert perf["day"].tolist() == [str(day.date()) for day in days]


def test_d14_a_dividend_after_a_gap_adjusts_by_the_last_close(tmp_path):
    bars = daily([100, np.nan, 90, 90])
    bars = pd.concat([bars, daily(np.full(4, 1.0), "ZZZ")], ignore_index=True)
    payouts = adjustments(("AAA", "dividend", DAYS[2], 10.0, DAYS[2]))
    seen = []

    def handle_data(context, data):
        if data.current_session == DAYS[2]:
            seen.append(data.history(symbol("AAA"), "close", 3, "1d").tolist())

    run(tmp_path, bars, handle_data, payouts=payouts)
    np.testing.assert_equal(seen, [[90.0, np.nan, 90.0]])


def test_d14_a_dividend_payable_on_a_weekend_is_paid_on_monday(tmp_path):
    payouts = adjustments(("AAA", "dividend", DAYS[2], 1.0, "2024-03-09"))
    perf = run(tmp_path, daily(np.full(8, 10.0)), buy_ten_once, payouts=payouts)
    assert perf["ending_cash"].tolist() == [10000, *[9900] * 4, *[9910] * 3]


def test_d14_a_split_dated_on_a_weekend_takes_effect_on_monday(tmp_path):
    payouts = adjustments(("AAA", "split", "2024-03-09", 0.5, None))
    perf = run(tmp_path, daily([*[10.0] * 5, 5, 5, 5]), buy_ten_once, payouts=payouts)
    assert shares(perf) == [0, *[10] * 4, *[20] * 3]


def test_d16_prices_are_kept_as_they_are(tmp_path):
    perf = run(
        tmp_path,
        daily([13.6271, 0.00012]),
        lambda context, data: record(price=data.current(symbol("AAA"), "price")),
    )
    assert perf["price"].tolist() == [13.6271, 0.00012]


def test_d17_cash_is_exact_and_worth_is_rounded(tmp_path):
    bars = daily(np.full(4, 33.33))

    def buy(context, data):
        if not hasattr(context, "bought"):
            context.bought = order(symbol("AAA"), 7)

    exact = run(tmp_path / "exact", bars, buy, ledger="decimal")
    rounded = run(tmp_path / "rounded", bars, buy, ledger="float")
    assert exact["ending_cash"].iloc[-1] == 9766.69
    for perf in (exact, rounded):
        assert perf["portfolio_value"].to_numpy() == pytest.approx(1e4, rel=1e-15)


@pytest.mark.parametrize(
    "call",
    [
        lambda context, data: schedule_function(buy_ten_once),
        lambda context, data: data.current(symbol("AAA"), "bogus"),
        lambda context, data: data.history(symbol("AAA"), "bogus", 1, "1d"),
    ],
    ids=["schedule", "current", "history"],
)
def test_d18_what_cannot_have_an_effect_is_an_error(tmp_path, call):
    with pytest.raises(UsageError):
        run(tmp_path, daily([10.0, 10.0]), call)


def test_d18_what_has_no_effect_is_accepted(tmp_path):
    seen = []

    def initialize(context):
        set_symbol_lookup_date("2024-01-01")
        set_slippage(NoSlippage())
        set_commission(NoCommission())
        seen.append(get_datetime())

    perf = run(
        tmp_path,
        daily([10.0, 10.0]),
        None,
        initialize=initialize,
        start=pd.Timestamp("2024-03-04", tz="UTC"),
    )
    assert len(perf) == 2
    assert seen[0].tzinfo is not None


def test_frames_have_plain_types(tmp_path):
    perf = run(tmp_path, daily([10.0, 11.0]), None)
    assert perf[["alpha", "beta", "sharpe", "sortino"]].dtypes.eq("float64").all()


def test_before_trading_by_the_day_shows_the_day_before(tmp_path):
    seen = []

    def before(context, data):
        seen.append(data.current(symbol("AAA"), "price"))

    run(tmp_path, daily([1.0, 2.0, 3.0]), None, before_trading_start=before, start=DAYS[1])
    assert seen == [1.0, 2.0]
