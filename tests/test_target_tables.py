"""What a target table may hold, what it is refused for, and when its orders are placed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from holdfast import run_algorithm, run_targets, write_bundle
from holdfast.api import (
    order,
    order_target_value,
    order_targets,
    record,
    set_max_order_count,
    sid,
    symbol,
)
from holdfast.errors import (
    NotInBundle,
    SetBeforeTheRun,
    SymbolNotFound,
    TradingControlViolation,
    UsageError,
)

DATES = {"start": "2024-01-02", "end": "2024-01-08"}
DAYS = pd.DatetimeIndex(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"])
TABLE = pd.DataFrame({"AAA": [10.0, 20, 20, 20, np.nan], "BBB": [0.0, 0, 5, 5, 5]}, DAYS)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Two assets at a price of 10; BBB has no bar on 2024-01-05."""
    rows = [(name, day, 10.0, 10.0, 10.0, 10.0, 1e6) for name in ("AAA", "BBB") for day in DAYS]
    names = ["symbol", "dt", "open", "high", "low", "close", "volume"]
    bars = pd.DataFrame(rows, columns=names)
    hole = (bars["symbol"] == "BBB") & (bars["dt"] == DAYS[3])
    path = tmp_path_factory.mktemp("targets") / "bundle"
    write_bundle(path, bars[~hole])
    return path


def orders_of(perf):
    """Return (symbol, shares) of each order, by its number."""
    seen = {one["id"]: one for orders in perf["orders"] for one in orders}
    return [(seen[key]["sid"].symbol, seen[key]["amount"]) for key in sorted(seen)]


EXPECTED = [("AAA", 10), ("AAA", 10), ("BBB", 5), ("BBB", 5), ("BBB", -5)]


def week(number):
    """Return a table of a week that the run does not have."""
    return TABLE.fillna(0).add(900).set_axis(DAYS + pd.Timedelta(7 * number, "D"))


def closes_of_days(frame):
    return frame.set_axis(frame.index.tz_localize("America/New_York") + pd.Timedelta("16h"))


@pytest.mark.parametrize(
    ("given", "assets"),
    [
        pytest.param(TABLE, None, id="frame"),
        pytest.param(TABLE.iloc[::-1], None, id="rows in any order"),
        pytest.param(TABLE.rename(columns=str.lower), None, id="lower case"),
        pytest.param(closes_of_days(TABLE), None, id="closes"),
        pytest.param(TABLE.set_axis(DAYS.strftime("%Y-%m-%d")), None, id="text"),
        pytest.param(TABLE.set_axis([day.date() for day in DAYS]), None, id="dates"),
        pytest.param(TABLE.astype("Float64"), None, id="nullable"),
        pytest.param(pd.concat([week(-1), TABLE, week(1)]), None, id="longer than the run"),
        pytest.param(TABLE.to_numpy(), ["AAA", "BBB"], id="array"),
        pytest.param(TABLE.to_numpy(), None, id="array of all assets"),
        pytest.param(TABLE.to_numpy().tolist(), ("AAA", "BBB"), id="lists"),
        pytest.param(pa.Table.from_pandas(TABLE), None, id="arrow"),
        pytest.param(
            pa.Table.from_pandas(TABLE.rename_axis("day").reset_index(), preserve_index=False),
            None,
            id="arrow with a column of times",
        ),
        pytest.param(
            pa.table(
                {"day": [day.date() for day in DAYS], "AAA": TABLE["AAA"], "BBB": TABLE["BBB"]}
            ),
            None,
            id="arrow with a column of dates",
        ),
        pytest.param(
            pa.table({name: TABLE[name].to_numpy() for name in TABLE}), None, id="arrow, every bar"
        ),
    ],
)
def test_every_form_of_a_table_places_the_same_orders(bundle, given, assets):
    # BBB's order of the third day meets no bar on the fourth: it is placed again, as it would be
    # by order_target.
    assert orders_of(run_targets(given, assets=assets, bundle=bundle, **DATES)) == EXPECTED


def test_columns_may_be_assets(bundle):
    def initialize(context):
        order_targets(TABLE.set_axis([sid(0), sid(1)], axis=1))

    perf = run_algorithm(initialize=initialize, bundle=bundle, **DATES)
    assert orders_of(perf) == EXPECTED


def test_a_table_that_is_changed_later_changes_nothing(bundle):
    table = TABLE.copy()

    def initialize(context):
        context.order_targets(table)
        table.iloc[:] = 1e6

    assert orders_of(run_algorithm(initialize=initialize, bundle=bundle, **DATES)) == EXPECTED


def test_tables_come_before_handle_data_in_the_order_of_their_calls(bundle):
    def initialize(context):
        order_targets(TABLE.iloc[:1][["BBB"]] + 3)
        order_targets(TABLE.iloc[:1] * 20, kind="value")

    def handle_data(context, data):
        if data.current_session == DAYS[0]:
            order(symbol("BBB"), 7)
        record(held=context.portfolio.positions[symbol("BBB")].amount)

    perf = run_algorithm(initialize=initialize, handle_data=handle_data, bundle=bundle, **DATES)
    assert orders_of(perf) == [("BBB", 3), ("AAA", 20), ("BBB", 7)]
    assert perf["held"].tolist() == [0, 10, 10, 10, 10]


def test_what_handle_data_orders_is_traded_back_to_the_target(bundle):
    def initialize(context):
        order_targets(np.full((5, 1), 10.0), assets=["AAA"])

    def handle_data(context, data):
        if data.current_session == DAYS[1]:
            order(symbol("AAA"), 50)

    perf = run_algorithm(initialize=initialize, handle_data=handle_data, bundle=bundle, **DATES)
    assert orders_of(perf) == [("AAA", 10), ("AAA", 50), ("AAA", -50)]


def test_a_worth_just_over_one_share_orders_one(bundle):
    perf = run_targets(TABLE[["AAA"]] * 0 + 12, kind="value", bundle=bundle, **DATES)
    assert orders_of(perf) == [("AAA", 1)]


def test_an_order_for_no_shares_counts_for_a_limit_as_it_does_in_handle_data(bundle):
    def limit(context):
        set_max_order_count(1)

    def handle_data(context, data):
        for name in TABLE:
            order_target_value(symbol(name), 0)

    table = (TABLE * 0).fillna(0)
    with pytest.raises(TradingControlViolation) as by_table:
        run_targets(table, kind="value", initialize=limit, bundle=bundle, **DATES)
    with pytest.raises(TradingControlViolation) as by_hand:
        run_algorithm(initialize=limit, handle_data=handle_data, bundle=bundle, **DATES)
    assert str(by_table.value) == str(by_hand.value)


def with_value(value):
    return TABLE.replace(20.0, value)


@pytest.mark.parametrize(
    ("given", "options", "error", "told"),
    [
        (TABLE, {"kind": "weights"}, UsageError, "kind is 'weights'; choose 'shares'"),
        (TABLE.rename(columns={"BBB": "BBC"}), {}, SymbolNotFound, "did you mean BBB"),
        (TABLE.set_axis([0, 1], axis=1), {}, UsageError, "a column of targets is 0"),
        (TABLE.set_axis(["AAA", "aaa"], axis=1), {}, UsageError, "are AAA ('AAA' and 'aaa')"),
        (with_value(np.inf), {}, UsageError, "the target of AAA at 2024-01-03 is inf"),
        (with_value(-np.inf), {}, UsageError, "3 cells are infinite"),
        (TABLE.astype(object).replace(20.0, "x"), {}, UsageError, "must be numbers, or NaN"),
        (TABLE.set_axis(DAYS + pd.Timedelta("1D")), {}, UsageError, "2024-01-06 00:00:00, which"),
        (TABLE.set_axis(DAYS.shift(9, "D")), {}, UsageError, "none of the 5 rows"),
        (TABLE.set_axis(DAYS.tz_localize("UTC")), {}, UsageError, "or their closes"),
        (pd.concat([TABLE, TABLE]), {}, UsageError, "two rows for 2024-01-02"),
        (TABLE.reset_index(drop=True), {}, UsageError, "the index of targets is of integer"),
        (TABLE.set_axis(["a", "b", "c", "d", "e"]), {}, UsageError, "does not hold times"),
        (TABLE, {"assets": ["AAA", "BBB"]}, UsageError, "a frame has its own"),
        (TABLE["AAA"].to_frame().to_numpy(), {}, UsageError, "it must be (5, 2)"),
        (TABLE.to_numpy(), {"assets": "AAA"}, UsageError, "must be a list"),
        (TABLE.to_numpy(), {"assets": ["AAA"]}, UsageError, "shape (5, 2); it must be (5, 1)"),
        (TABLE.to_numpy()[1:], {"assets": ["AAA", "BBB"]}, UsageError, "from 2024-01-02 to"),
        (TABLE["AAA"].to_numpy(), {"assets": ["AAA"]}, UsageError, "shape (5,)"),
        ([[1], [1, 2]], {"assets": ["AAA"]}, UsageError, "an array of numbers"),
        (pa.table({"AAA": [1.0]}), {}, UsageError, "shape (1, 1); it must be (5, 1)"),
        (pa.table({"a": [DAYS[0]], "b": [DAYS[0]]}), {}, UsageError, "2 columns of times (a, b)"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_bar(bundle, given, options, error, told):
    with pytest.raises(error) as raised:
        run_targets(given, bundle=bundle, **options, **DATES)
    assert told in str(raised.value)
    assert raised.value.__notes__ == ["in initialize"]
    assert isinstance(raised.value, UsageError | NotInBundle)


def test_a_time_that_is_missing_is_refused(bundle):
    index = pd.DatetimeIndex([*DAYS[:4], pd.NaT])
    with pytest.raises(UsageError, match="without a time"):
        run_targets(TABLE.set_axis(index), bundle=bundle, **DATES)


def test_minutes_without_a_time_zone_are_utc(minute_bundle):
    dates = {"start": "2023-11-24", "end": "2023-11-24", "data_frequency": "minute"}
    minutes = pd.DatetimeIndex(["2023-11-24 14:31", "2023-11-24 18:00"])
    table = pd.DataFrame({"A000": [5.0, 7.0]}, minutes)
    perf = run_targets(table, bundle=minute_bundle, **dates)
    placed = [(one["created"].tz_localize(None), one["amount"]) for one in perf["orders"].iloc[0]]
    assert placed == [(minutes[0], 5), (minutes[1], 2)]
    between = table.set_axis(minutes - pd.Timedelta("30s"))
    with pytest.raises(UsageError, match="17:59:30, which is not a bar of the run from 2023-11-24"):
        run_targets(between, bundle=minute_bundle, **dates)


def test_a_table_is_stated_in_initialize(bundle):
    def handle_data(context, data):
        order_targets(TABLE)

    with pytest.raises(SetBeforeTheRun, match=r"order_targets\(\) works only in initialize"):
        run_algorithm(handle_data=handle_data, bundle=bundle, **DATES)
