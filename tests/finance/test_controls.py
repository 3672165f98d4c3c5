"""Limits that a strategy sets for itself."""

import logging
from datetime import timedelta

import pandas as pd
import pytest

from holdfast import run_algorithm
from holdfast.api import (
    RESTRICTION_STATES,
    HistoricalRestrictions,
    Restriction,
    StaticRestrictions,
    order,
    order_target_percent,
    set_asset_restrictions,
    set_do_not_order_list,
    set_long_only,
    set_max_leverage,
    set_max_order_count,
    set_max_order_size,
    set_max_position_size,
    set_min_leverage,
    symbol,
    symbols,
)
from holdfast.errors import (
    AccountControlViolation,
    BadLimit,
    RegisterAccountControlPostInit,
    RegisterTradingControlPostInit,
    TradingControlViolation,
)


def run(bundle, set_limit, act):
    """Run five sessions; what `act` placed, or the violation, by session."""
    return run_algorithm(
        start="2023-02-01",
        end="2023-02-07",
        initialize=lambda context: set_limit(),
        handle_data=lambda context, data: act(context, data),
        capital_base=2e4,
        bundle=bundle,
    )


def shares(perf):
    return [day[0]["amount"] if day else 0 for day in perf["positions"]]


@pytest.mark.parametrize(
    ("set_limit", "amount", "fits"),
    [
        (lambda: set_long_only(), -1, 1),
        (lambda: set_max_order_size(max_shares=10), 11, 10),
        (lambda: set_max_order_size(max_shares=10), -11, -10),
        (lambda: set_max_order_size(max_notional=1500), 2000, 1),
        (lambda: set_max_order_size(symbol("A000"), max_shares=10), 11, 10),
        (lambda: set_max_position_size(max_shares=10), 11, 2),
        (lambda: set_max_position_size(symbol("A000"), max_notional=1500), 2000, 1),
        (lambda: set_max_order_count(1), None, 1),
        (lambda: set_do_not_order_list([symbol("A000")]), 1, None),
        (lambda: set_asset_restrictions(StaticRestrictions([symbol("A000")])), 1, None),
    ],
)
def test_an_order_beyond_a_limit_raises_and_one_within_passes(
    daily_bundle, set_limit, amount, fits
):
    def beyond(context, data):
        for each in (amount,) if amount is not None else (1, 1):
            order(symbol("A000"), each)

    with pytest.raises(TradingControlViolation, match="A000 at 2023-02-01"):
        run(daily_bundle, set_limit, beyond)

    def within(context, data):
        order(symbol("A001" if fits is None else "A000"), fits or 1)

    assert shares(run(daily_bundle, set_limit, within)) == [(fits or 1) * day for day in range(5)]


def test_a_limit_that_logs_lets_the_order_pass(daily_bundle, caplog):
    with caplog.at_level(logging.ERROR, "holdfast"):
        perf = run(
            daily_bundle,
            lambda: set_max_order_size(max_shares=3, on_error="log"),
            lambda context, data: order(symbol("A000"), 4),
        )
    assert shares(perf) == [0, 4, 8, 12, 16]
    assert caplog.text.count("MaxOrderSize(max_shares=3)") == 5


def test_a_limit_of_one_asset_leaves_the_others(daily_bundle):
    perf = run(
        daily_bundle,
        lambda: set_max_order_size(symbol("A001"), max_shares=1),
        lambda context, data: order(symbol("A000"), 4),
    )
    assert shares(perf)[-1] == 16


def test_the_count_starts_anew_each_day_and_counts_orders_for_nothing(daily_bundle):
    def act(context, data):
        order(symbol("A000"), 0)
        order(symbol("A000"), 1)

    assert shares(run(daily_bundle, lambda: set_max_order_count(2), act))[-1] == 4
    with pytest.raises(TradingControlViolation):
        run(daily_bundle, lambda: set_max_order_count(1), act)


def test_leverage_is_looked_at_as_the_session_ends(daily_bundle):
    def borrow(context, data):
        order_target_percent(symbol("A000"), 0.5)

    run(daily_bundle, lambda: set_max_leverage(1.0), borrow)
    with pytest.raises(AccountControlViolation, match=r"2023-02-02; set_max_leverage\(\) allows"):
        run(daily_bundle, lambda: set_max_leverage(0.3), borrow)


def test_least_leverage_holds_after_the_grace_period(daily_bundle):
    days = timedelta(days=3)
    with pytest.raises(AccountControlViolation, match=r"on 2023-02-06; .* from 2023-02-04 on"):
        run(daily_bundle, lambda: set_min_leverage(0.2, days), lambda context, data: None)
    run(daily_bundle, lambda: set_min_leverage(0.2, timedelta(days=9)), lambda context, data: None)


def test_what_is_restricted_cannot_be_traded(daily_bundle):
    seen = []

    def set_limit():
        frozen, free = RESTRICTION_STATES.FROZEN, RESTRICTION_STATES.ALLOWED
        dated = [
            Restriction(symbol("A001"), pd.Timestamp("2023-02-06"), free),
            Restriction(symbol("A001"), pd.Timestamp("2023-02-02"), frozen),
        ]
        never = StaticRestrictions([symbol("A002")])
        set_asset_restrictions(never | HistoricalRestrictions(dated), on_error="log")

    run(
        daily_bundle,
        set_limit,
        lambda context, data: seen.append(data.can_trade(symbols("A000", "A001", "A002")).tolist()),
    )
    assert [row[1] for row in seen] == [True, False, False, True, True]
    assert {(row[0], row[2]) for row in seen} == {(True, False)}


@pytest.mark.parametrize(
    "set_limit",
    [
        lambda: set_max_order_size(),
        lambda: set_max_position_size(max_shares=-1),
        lambda: set_max_order_size(max_notional=-1),
        lambda: set_long_only(on_error="warn"),
        lambda: set_max_leverage(-1),
        lambda: set_min_leverage(-1, timedelta(1)),
    ],
)
def test_a_limit_that_makes_no_sense_is_a_value_error_as_in_zipline(daily_bundle, set_limit):
    with pytest.raises(BadLimit) as error:
        run(daily_bundle, set_limit, lambda context, data: None)
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize(
    ("set_limit", "error"),
    [
        (lambda: set_long_only(), RegisterTradingControlPostInit),
        (lambda: set_max_leverage(1), RegisterAccountControlPostInit),
    ],
)
def test_a_limit_cannot_be_set_while_the_run_goes_on(daily_bundle, set_limit, error):
    with pytest.raises(error, match="initialize"):
        run(daily_bundle, lambda: None, lambda context, data: set_limit())
