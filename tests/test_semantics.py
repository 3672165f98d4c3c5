"""What a strategy sees and gets, in the order it happens."""

import pandas as pd
import pytest

from holdfast import run_algorithm
from holdfast.api import (
    EODCancel,
    cancel_order,
    date_rules,
    get_datetime,
    get_open_orders,
    get_order,
    order,
    order_target,
    order_value,
    record,
    schedule_function,
    set_cancel_policy,
    set_commission,
    set_slippage,
    sid,
    symbol,
    time_rules,
)
from holdfast.errors import NotInBundle, NotSupported, OrderError, UsageError
from holdfast.finance.commission import NoCommission, PerShare
from holdfast.finance.slippage import FixedBasisPointsSlippage, NoSlippage


def free_of_cost():
    set_slippage(NoSlippage())
    set_commission(NoCommission())


def run(bundle, handle_data=None, initialize=lambda context: free_of_cost(), **options):
    options = {"start": "2023-02-01", "end": "2023-02-28", "capital_base": 1e5, **options}
    return run_algorithm(initialize=initialize, handle_data=handle_data, bundle=bundle, **options)


def on_first_bar(action):
    """A handle_data that acts once."""

    def handle_data(context, data):
        if not hasattr(context, "done"):
            context.done = True
            action(context, data)

    return handle_data


def fills_of(perf):
    return [done for day in perf["transactions"] for done in day]


def closes(daily_bars, name):
    return daily_bars[daily_bars["symbol"] == name].set_index("dt")["close"]


def test_an_order_fills_at_the_close_of_the_next_bar(daily_bundle, daily_bars):
    perf = run(daily_bundle, on_first_bar(lambda context, data: order(symbol("A000"), 10)))
    (fill,) = fills_of(perf)
    assert fill["dt"] == pd.Timestamp("2023-02-02 21:00", tz="UTC")
    assert fill["price"] == closes(daily_bars, "A000")["2023-02-02"]
    assert fill["amount"] == 10
    assert set(fill) == {"amount", "dt", "price", "order_id", "sid", "commission"}


def test_default_costs_are_five_basis_points_and_a_tenth_of_a_cent(daily_bundle, daily_bars):
    buy = on_first_bar(lambda context, data: order(symbol("A000"), 10))
    perf = run(daily_bundle, buy, initialize=None)
    (fill,) = fills_of(perf)
    close = closes(daily_bars, "A000")["2023-02-02"]
    assert fill["price"] == pytest.approx(close * 1.0005)
    assert perf["ending_cash"].iloc[-1] == pytest.approx(1e5 - 10 * close * 1.0005 - 0.01)


def test_the_volume_limit_spreads_an_order_over_bars(daily_bundle, daily_bars):
    volumes = daily_bars[daily_bars["symbol"] == "A000"].set_index("dt")["volume"]

    def initialize(context):
        set_slippage(FixedBasisPointsSlippage(basis_points=0, volume_limit=0.1))
        set_commission(PerShare(0, min_trade_cost=0))

    wanted = int(volumes["2023-02-02"] * 0.1) + 7
    buy = on_first_bar(lambda context, data: order(symbol("A000"), wanted))
    perf = run(daily_bundle, buy, initialize, capital_base=1e8)
    assert [fill["amount"] for fill in fills_of(perf)] == [wanted - 7, 7]
    statuses = [[int(placed["status"]) for placed in day] for day in perf["orders"][:3]]
    assert statuses == [[0], [0], [1]]


def test_the_events_of_a_run_come_in_order(daily_bundle):
    events = []

    def initialize(context):
        events.append("initialize")
        schedule_function(lambda context, data: events.append("scheduled"))

    run_algorithm(
        start="2023-02-01",
        end="2023-02-02",
        initialize=initialize,
        before_trading_start=lambda context, data: events.append("before"),
        handle_data=lambda context, data: events.append("bar"),
        analyze=lambda context, perf: events.append(len(perf)),
        bundle=daily_bundle,
    )
    assert events == ["initialize", *(["before", "bar", "scheduled"] * 2), 2]


def test_before_trading_start_sees_the_day_before_and_cannot_order(daily_bundle, daily_bars):
    seen = []

    def before(context, data):
        seen.append(data.current(symbol("A000"), "close"))
        with pytest.raises(OrderError, match="before_trading_start"):
            order(symbol("A000"), 1)

    run(daily_bundle, before_trading_start=before, end="2023-02-03")
    days = ["2023-01-31", "2023-02-01", "2023-02-02"]
    assert seen == closes(daily_bars, "A000")[days].tolist()


def test_minute_mode_sees_every_minute_and_fills_on_the_next(minute_bundle, minute_bars):
    moments = []

    def handle_data(context, data):
        moments.append(get_datetime())
        if len(moments) == 390:
            order(symbol("A001"), 5)

    dates = {"start": "2023-11-20", "end": "2023-11-27", "data_frequency": "minute"}
    perf = run(minute_bundle, handle_data, **dates)
    one = minute_bars[minute_bars["symbol"] == "A001"]
    assert moments == one["dt"].dt.tz_localize("UTC").tolist()
    (fill,) = fills_of(perf)
    assert fill["dt"] == pd.Timestamp("2023-11-21 14:31", tz="UTC")
    assert fill["price"] == one["close"].iloc[390]
    assert perf.index[3] == pd.Timestamp("2023-11-24 18:00", tz="UTC")


def test_scheduled_functions_run_on_their_days_at_their_minute(minute_bundle):
    times = []

    def initialize(context):
        def note(context, data):
            times.append(get_datetime("America/New_York").strftime("%d %H:%M"))

        schedule_function(note, date_rules.week_start(), time_rules.market_open(minutes=30))
        schedule_function(note, date_rules.week_end(), time_rules.market_close(hours=1))
        schedule_function(note, time_rule=time_rules.market_close(), half_days=False)
        schedule_function(note, date_rules.month_end())

    run(
        minute_bundle,
        initialize=initialize,
        start="2023-11-20",
        end="2023-11-27",
        data_frequency="minute",
    )
    assert times == [
        "20 10:00",
        "20 15:59",
        "21 15:59",
        "22 15:59",
        "24 12:00",
        "27 10:00",
        "27 15:59",
    ]


def test_orders_can_be_looked_up_and_cancelled(daily_bundle):
    ids = []

    def handle_data(context, data):
        if not ids:
            ids.append(order(symbol("A000"), 10, limit_price=0.01))
            ids.append(order(symbol("A001"), -10, stop_price=0.01))
            cancel_order(ids[0])
            assert list(get_open_orders()) == [symbol("A001")]
            assert get_open_orders(symbol("A000")) == []
            cancel_order(get_order(ids[1]))
            assert get_open_orders() == {}
            assert get_order("none") is None

    perf = run(daily_bundle, handle_data)
    assert fills_of(perf) == []
    assert [placed["id"] for placed in perf["orders"].iloc[0]] == ids
    assert [int(placed["status"]) for placed in perf["orders"].iloc[0]] == [2, 2]


def test_a_looked_up_order_is_a_copy(daily_bundle):
    def look(context, data):
        placed = get_order(order(symbol("A000"), 10))
        placed.amount = 99

    (fill,) = fills_of(run(daily_bundle, on_first_bar(look)))
    assert fill["amount"] == 10


def test_open_orders_end_with_the_day_when_asked(minute_bundle):
    def initialize(context):
        set_cancel_policy(EODCancel(warn_on_cancel=False))

    place = on_first_bar(lambda context, data: order(symbol("A000"), 10, limit_price=0.01))
    dates = {"start": "2023-11-20", "end": "2023-11-21", "data_frequency": "minute"}
    perf = run(minute_bundle, place, initialize, **dates)
    assert [int(placed["status"]) for placed in perf["orders"].iloc[0]] == [2]
    assert perf["orders"].iloc[1] == []


def test_targets_look_at_the_position_and_not_at_open_orders(daily_bundle):
    days = iter(range(100))

    def handle_data(context, data):
        if next(days) == 0:
            order_target(symbol("A000"), 10)
        order_target(symbol("A000"), 10)

    perf = run(daily_bundle, handle_data, end="2023-02-06")
    # Both first orders knew of no position, so that 20 were bought.
    assert [fill["amount"] for fill in fills_of(perf)] == [10, 10, -10]


def test_shares_are_truncated_unless_very_near_to_whole(daily_bundle):
    asked = iter([2.9, -2.9, 2.99995, 0.5])

    def handle_data(context, data):
        amount = next(asked, None)
        if amount is not None:
            order(symbol("A000"), amount)

    perf = run(daily_bundle, handle_data, end="2023-02-10")
    assert [fill["amount"] for fill in fills_of(perf)] == [2, -2, 3]


def test_a_value_is_turned_into_shares_at_the_last_price(daily_bundle, daily_bars):
    buy = on_first_bar(lambda context, data: order_value(symbol("A000"), 5000))
    (fill,) = fills_of(run(daily_bundle, buy))
    assert fill["amount"] == int(5000 / closes(daily_bars, "A000")["2023-02-01"])


def test_recorded_values_become_columns_and_keep_until_recorded_anew(daily_bundle):
    days = iter(range(100))

    def handle_data(context, data):
        day = next(days)
        record("day", day)
        if day == 1:
            record(once="x")

    perf = run(daily_bundle, handle_data, end="2023-02-03")
    assert perf["day"].tolist() == [0, 1, 2]
    assert perf["once"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize("ledger", ["decimal", "float"])
def test_the_frame_adds_up(daily_bundle, ledger):
    def handle_data(context, data):
        for number, asset in enumerate(map(sid, range(3))):
            order(asset, (-1) ** number * 7)

    perf = run(daily_bundle, handle_data, initialize=None, ledger=ledger)
    value = perf["ending_cash"] + perf["ending_value"]
    pd.testing.assert_series_equal(perf["portfolio_value"], value, check_names=False)
    assert perf["portfolio_value"].iloc[-1] == pytest.approx(1e5 + perf["pnl"].sum())
    total = (1 + perf["returns"]).prod() - 1
    assert perf["algorithm_period_return"].iloc[-1] == pytest.approx(total)
    assert perf["longs_count"].iloc[-1] == 2 and perf["shorts_count"].iloc[-1] == 1


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda: symbol("AAPL"), NotInBundle, "no asset 'AAPL' in the bundle of 3 assets"),
        (lambda: sid(9), NotInBundle, "sid 9; the bundle has 0 to 2"),
        (lambda: order("A000", 1), OrderError, "needs an asset, not 'A000'"),
        (lambda: order(symbol("A000"), float("nan")), OrderError, "nan shares"),
        (lambda: order(symbol("A000"), 10**12), OrderError, "the most is 100000000000"),
        (lambda: order(symbol("A000"), 1, limit_price=-1), OrderError, "limit price is -1"),
        (lambda: set_slippage(NoSlippage()), UsageError, "only in initialize"),
        (lambda: record("alone"), UsageError, "a value is missing"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(daily_bundle, action, error, message):
    with pytest.raises(error, match=message):
        run(daily_bundle, on_first_bar(lambda context, data: action()))


def test_a_verb_outside_a_backtest_says_where_it_works():
    with pytest.raises(UsageError, match="only while a backtest runs"):
        symbol("A000")


def test_a_missing_verb_can_be_imported_and_says_so_when_called():
    from holdfast.api import continuous_future

    with pytest.raises(NotSupported, match=r"continuous_future\(\) is not part of Holdfast"):
        continuous_future("CL")
    with pytest.raises(ImportError):
        from holdfast.api import no_such_verb  # noqa: F401


def test_backtests_may_nest(daily_bundle):
    inner = []

    def handle_data(context, data):
        inner.append(run(daily_bundle, on_first_bar(lambda c, d: order(symbol("A001"), 1))))
        order(symbol("A000"), 2)

    perf = run(daily_bundle, handle_data, end="2023-02-02")
    assert [fill["sid"].symbol for fill in fills_of(perf)] == ["A000"]
    assert [fill["sid"].symbol for fill in fills_of(inner[0])] == ["A001"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data_frequency": "hourly"}, "choose 'daily' or 'minute'"),
        ({"data_frequency": "minute"}, "holds daily bars only"),
        ({"capital_base": 0}, "capital_base is 0"),
        ({"start": "soon"}, "start is 'soon', which is not a date"),
        ({"ledger": "gold"}, "ledger is 'gold'"),
    ],
)
def test_a_wrong_option_is_named(daily_bundle, options, message):
    with pytest.raises(UsageError, match=message):
        run(daily_bundle, **options)
