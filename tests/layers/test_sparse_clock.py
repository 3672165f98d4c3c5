"""A clock that passes over idle bars: which it visits, and that no answer changes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast import run_algorithm, run_targets
from holdfast.api import (
    cancel_order,
    date_rules,
    get_open_orders,
    order,
    order_target_percent,
    record,
    schedule_function,
    set_cancel_policy,
    set_commission,
    set_slippage,
    sid,
    time_rules,
)
from holdfast.data.ingest import write_bundle
from holdfast.data.ingest.synthetic import synthetic_bars
from holdfast.finance import cancel_policy, commission, execution, slippage
from holdfast.layers import Layers
from holdfast.layers.sparse_clock import SparseClock

SPARSE = Layers.only(["sparse_clock"])
DAY_RULES = [
    date_rules.every_day(),
    date_rules.week_start(),
    date_rules.week_end(1),
    date_rules.month_start(3),
    date_rules.month_end(),
]
TIME_RULES = [
    time_rules.market_open(),
    time_rules.market_open(hours=1, minutes=7),
    time_rules.market_close(minutes=30),
    time_rules.market_close(minutes=1),
]
STYLES = [
    execution.MarketOrder(),
    execution.LimitOrder(99.0),
    execution.StopOrder(101.0),
    execution.StopLimitOrder(100.0, 100.5),
]


@pytest.fixture(scope="module")
def daily_market(tmp_path_factory):
    """Holes, a split, dividends, and an asset that ends amid the run."""
    bars = synthetic_bars(3, "2023-01-03", "2023-06-30", seed=5)
    days = bars["dt"].rank(method="dense")
    keep = (bars["symbol"] != "A001") | (days % 5 != 3)
    keep &= (bars["symbol"] != "A002") | (bars["dt"] < "2023-04-14")
    rows = [
        ("A000", "split", "2023-03-08", 0.5),
        ("A001", "dividend", "2023-02-16", 0.3),
        ("A000", "dividend", "2023-05-03", 0.4),
    ]
    path = tmp_path_factory.mktemp("sparse") / "daily"
    changes = pd.DataFrame(rows, columns=["symbol", "kind", "date", "value"])
    write_bundle(path, bars[keep], adjustments=changes)
    return path


@pytest.fixture(scope="module")
def minute_market(tmp_path_factory):
    """Two weeks around Thanksgiving, of which one session is half a day."""
    bars = synthetic_bars(3, "2023-11-16", "2023-11-29", "minute", seed=6)
    keep = (bars["symbol"] != "A001") | (bars.index % 7 != 3)
    path = tmp_path_factory.mktemp("sparse") / "minute"
    write_bundle(path, bars[keep], "minute")
    return path


functions = st.lists(
    st.tuples(
        st.sampled_from(DAY_RULES),
        st.sampled_from(TIME_RULES),
        st.integers(0, 2),
        st.integers(-3000, 3000),
        st.sampled_from(STYLES),
    ),
    max_size=3,
)
options = st.fixed_dictionaries({
    "volume_limit": st.sampled_from([0.0001, 0.025, 1.0]),
    "never_cancel": st.booleans(),
    "cancels": st.booleans(),
    "targets": st.booleans(),
})  # fmt: skip


def make_strategy(functions, volume_limit, never_cancel, cancels, targets):
    """Return an initialize that only schedules functions."""

    def initialize(context):
        set_slippage(slippage.VolumeShareSlippage(volume_limit, 0.1))
        set_commission(commission.PerShare(0.001, 1.0))
        set_cancel_policy(
            cancel_policy.NeverCancel() if never_cancel else cancel_policy.EODCancel()
        )
        for number, (day, time, asset, amount, style) in enumerate(functions):
            schedule_function(make_function(number, sid(asset), amount, style), day, time)

    def make_function(number, asset, amount, style):
        def function(context, data):
            record(**{f"value{number}": context.portfolio.portfolio_value})
            record(**{f"price{number}": data.current(asset, "price")})
            if cancels:
                for one in get_open_orders(asset):
                    cancel_order(one)
            if not data.can_trade(asset):
                return
            if targets:
                order_target_percent(asset, amount / 10_000)
            else:
                order(asset, amount, style=style)

        return function

    return initialize


def assert_equal_runs(**run):
    plain = run_algorithm(**run, layers=Layers.NONE)
    sparse = run_algorithm(**run, layers=SPARSE)
    pd.testing.assert_frame_equal(sparse, plain, check_exact=True)
    return plain


@settings(deadline=None, max_examples=40)
@given(functions=functions, options=options)
def test_daily_runs_of_scheduled_functions_are_the_same(daily_market, functions, options):
    initialize = make_strategy(functions, **options)
    dates = {"start": "2023-02-01", "end": "2023-06-30"}
    assert_equal_runs(initialize=initialize, bundle=daily_market, **dates)


@settings(deadline=None, max_examples=12)
@given(functions=functions, options=options)
def test_minute_runs_of_scheduled_functions_are_the_same(minute_market, functions, options):
    initialize = make_strategy(functions, **options)
    dates = {"start": "2023-11-20", "end": "2023-11-29", "data_frequency": "minute"}
    assert_equal_runs(initialize=initialize, bundle=minute_market, **dates)


@settings(deadline=None, max_examples=25)
@given(
    kind=st.sampled_from(["shares", "value", "percent"]),
    rows=st.lists(st.tuples(st.integers(0, 103), st.integers(-3, 3)), max_size=6),
)
def test_sparse_tables_are_the_same(daily_market, kind, rows):
    days = pd.bdate_range("2023-02-01", "2023-06-29")
    unit = {"shares": 500, "value": 20_000, "percent": 0.2}[kind]
    held = {days[day]: {"A000": unit * part, "A001": -unit * part} for day, part in rows}
    table = pd.DataFrame(held, index=["A000", "A001"], dtype=float).T
    table = table[~table.index.isin(pd.to_datetime(["2023-02-20", "2023-04-07", "2023-05-29",
                                                    "2023-06-19"]))]  # fmt: skip
    if table.empty:
        return
    run = {"kind": kind, "bundle": daily_market, "start": "2023-02-01", "end": "2023-06-30"}
    plain = run_targets(table, layers=Layers.NONE, **run)
    sparse = run_targets(table, layers=SPARSE, **run)
    pd.testing.assert_frame_equal(sparse, plain, check_exact=True)


def count_visits(monkeypatch, **run):
    """Return how many events a run had."""
    seen = []
    ask = SparseClock.__iter__

    def listen(self):
        for event in ask(self):
            seen.append(event)
            yield event

    monkeypatch.setattr(SparseClock, "__iter__", listen)
    run_algorithm(**run, layers=SPARSE)
    return len(seen)


def test_idle_bars_are_not_visited(minute_market, monkeypatch):
    def initialize(context):
        schedule_function(
            lambda context, data: record(now=data.current(sid(0), "price")),
            date_rules.week_start(),
            time_rules.market_open(minutes=30),
        )

    dates = {"start": "2023-11-20", "end": "2023-11-29", "data_frequency": "minute"}
    few = count_visits(monkeypatch, initialize=initialize, bundle=minute_market, **dates)
    # Three sessions, each with its three events, at most two bars, and one event between.
    assert few <= 3 * 5 + 2


def test_handle_data_sees_every_bar(minute_market, monkeypatch):
    seen = []
    dates = {"start": "2023-11-24", "end": "2023-11-24", "data_frequency": "minute"}
    count_visits(monkeypatch, handle_data=lambda *_: seen.append(1), bundle=minute_market, **dates)
    assert len(seen) == 210


def test_a_position_is_closed_when_its_asset_has_ended(daily_market):
    """No bar is due after the first day, but an end is."""
    table = pd.DataFrame({"A002": [500.0]}, pd.DatetimeIndex(["2023-02-01"]))
    run = {"bundle": daily_market, "start": "2023-02-01", "end": "2023-06-30"}
    plain = run_targets(table, layers=Layers.NONE, **run)
    assert plain["positions"].map(len).tolist()[-1] == 0
    pd.testing.assert_frame_equal(run_targets(table, layers=SPARSE, **run), plain, check_exact=True)
