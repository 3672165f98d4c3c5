"""Sweeps of target tables: summed up in one pass where that is the same, to the last bit."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast import grid, walk_forward
from holdfast.api import (
    date_rules,
    order,
    order_targets,
    record,
    schedule_function,
    set_benchmark,
    set_commission,
    set_max_order_count,
    set_slippage,
    sid,
)
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.errors import UsageError
from holdfast.finance import commission, slippage
from holdfast.layers import Layers
from holdfast.run import open_simulation
from holdfast.settings import Settings
from holdfast.simulation import Strategy
from holdfast.sweep.one_pass import sum_up_at_once
from holdfast.sweep.target_tables import TargetTables

from .averages import DATES

GRID = {"fast": [2, 5, 8], "slow": [10, 20]}
SLIPPAGE = {
    "none": slippage.NoSlippage(),
    "fixed": slippage.FixedSlippage(0.03),
    "basis points": slippage.FixedBasisPointsSlippage(),
    "few fill": slippage.FixedBasisPointsSlippage(7.0, 0.001),
    "volume share": slippage.VolumeShareSlippage(),
}
COMMISSION = {
    "none": commission.NoCommission(),
    "per share": commission.PerShare(),
    "with a minimum": commission.PerShare(0.01, 5.0),
    "per trade": commission.PerTrade(1.5),
    "per dollar": commission.PerDollar(0.0015),
}


@pytest.fixture(scope="module")
def markets(tmp_path_factory):
    """A market that is whole, and one with holes, a split, a dividend and an end amid the run."""
    folder = tmp_path_factory.mktemp("markets")
    bars = synthetic_bars(3, "2023-01-03", "2023-06-30", seed=5)
    write_bundle(folder / "whole", bars)
    days = bars["dt"].rank(method="dense")
    keep = (bars["symbol"] != "A001") | (days % 5 != 3)
    keep &= (bars["symbol"] != "A002") | (bars["dt"] < "2023-04-14")
    rows = [("A000", "split", "2023-05-08", 0.5), ("A001", "dividend", "2023-04-17", 0.3)]
    changes = pd.DataFrame(rows, columns=["symbol", "kind", "date", "value"])
    write_bundle(folder / "holes", bars[keep], adjustments=changes)
    return folder


def mean(prices, count):
    return prices.close.rolling(count).mean()


def crossover(prices, fast, slow):
    return (prices.cached(mean, fast) > prices.cached(mean, slow)) * 100


tables = st.lists(
    st.lists(
        st.one_of(st.just(float("nan")), st.integers(-3, 3).map(lambda n: n * 100.0), st.just(0.5)),
        min_size=3,
        max_size=3,
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=15)
@given(
    rows=tables,
    repeats=st.integers(1, 4),
    paid=st.sampled_from(sorted(COMMISSION)),
    slipped=st.sampled_from(sorted(SLIPPAGE)),
    market=st.sampled_from(["whole", "whole", "holes"]),
    ledger=st.sampled_from(["decimal", "float"]),
    compared=st.booleans(),
)
def test_no_figure_depends_on_the_pass(
    markets, rows, repeats, paid, slipped, market, ledger, compared
):
    def targets(prices, first):
        table = np.full((len(prices.index), 3), np.nan)
        turns = np.repeat(np.array(rows), repeats, axis=0)
        at = prices.first + first
        table[at : at + len(turns)] = turns[: len(table) - at]
        return table

    def initialize(context):
        set_commission(COMMISSION[paid])
        set_slippage(SLIPPAGE[slipped])
        if compared:
            set_benchmark(sid(0))
        record(noted=3.5)

    options = {"bundle": markets / market, "workers": 1, "ledger": ledger, "objective": "noted"}
    rows_of = [
        grid(
            params={"first": [0, 3, 80]},
            targets=targets,
            initialize=initialize,
            layers=layers,
            **DATES,
            **options,
        )
        for layers in (Layers.ALL, Layers.NONE)
    ]
    pd.testing.assert_frame_equal(*rows_of, check_exact=True)
    assert rows_of[0]["error"].isna().all() or market == "holes"


def summarize(path, targets=crossover, initialize=None, version=None, handlers=()):
    """Return what the pass makes of a run; None where it leaves it to the event loop."""
    chosen = TargetTables(targets, "shares", initialize, version)
    start, _ = chosen(fast=5, slow=20)
    with open_simulation(Strategy(start, *handlers), Settings(**DATES, bundle=path)) as simulation:
        with simulation.activate():
            start(simulation.context)
        return sum_up_at_once(simulation, chosen.find_prices(simulation))


def test_the_pass_is_taken_where_it_can(markets):
    assert summarize(markets / "whole")["transactions"] > 10
    assert summarize(markets / "holes") is None


def never(context, data):
    pass


NEEDS_THE_LOOP = {
    "a scheduled function": lambda context: schedule_function(never, date_rules.month_start()),
    "a limit": lambda context: set_max_order_count(5),
    "a model of volume": lambda context: set_slippage(slippage.VolumeShareSlippage()),
    "two tables": lambda context: order_targets(np.zeros((85, 3))),
    "a model of one's own": lambda context: set_commission(OwnCommission()),
    "a volume that is used up": lambda context: set_slippage(
        slippage.FixedBasisPointsSlippage(5, 1e-4)
    ),
}


class OwnCommission(commission.NoCommission):
    pass


@pytest.mark.parametrize("case", NEEDS_THE_LOOP)
def test_the_pass_is_not_taken_where_more_happens(case, markets):
    assert summarize(markets / "whole", initialize=NEEDS_THE_LOOP[case]) is None


@pytest.mark.parametrize("handlers", [(never,), (None, never)])
def test_the_pass_is_not_taken_with_functions_of_the_clock(handlers, markets):
    assert summarize(markets / "whole", handlers=handlers) is None


def test_fractions_of_shares_need_the_loop(markets):
    assert (
        summarize(markets / "whole", lambda prices, **_: np.full((len(prices.index), 3), 0.5))
        is None
    )


def test_a_sweep_of_tables_is_the_sweep_of_the_same_strategy(daily_bundle):
    def strategy(fast, slow):
        def initialize(context):
            context.last = None

        def handle_data(context, data):
            closes = data.history([sid(0), sid(1), sid(2)], "close", slow, "1d")
            rising = closes.iloc[-fast:].mean() > closes.mean()
            for asset, up in rising.items():
                held = context.portfolio.positions[asset].amount
                order(asset, (100 if up else 0) - held)

        return initialize, handle_data

    expected = grid(strategy, GRID, bundle=daily_bundle, workers=1, **DATES)
    got = grid(params=GRID, targets=crossover, bundle=daily_bundle, workers=1, **DATES)
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


def test_prices_are_computed_once_for_all_sets(daily_bundle):
    seen = []

    def counted(prices, count):
        seen.append(count)
        return prices.close.rolling(count).mean()

    def targets(prices, fast, slow):
        return (prices.cached(counted, fast) > prices.cached(counted, slow)) * 100

    grid(params=GRID, targets=targets, bundle=daily_bundle, workers=2, **DATES)
    assert sorted(seen) == [2, 5, 8, 10, 20]


def test_functions_of_one_name_are_not_taken_for_each_other(daily_bundle):
    """Lambdas of one function are called alike, and a closure's code is the same for every set."""

    def targets(prices, fast):
        level = prices.cached(lambda prices, n: prices.close.rolling(n).mean(), 5)
        spread = prices.cached(lambda prices, n: prices.close.rolling(n).std(), 5)
        above = prices.cached(lambda prices: prices.close.rolling(fast).mean())
        listed = prices.cached(
            partial(lambda prices, n: prices.close.rolling(n[0]).mean(), n=[fast])
        )
        assert prices.cached(lambda prices, n=fast: n) == fast
        expected = prices.close.rolling(fast).mean()
        assert above.equals(expected) and listed.equals(expected)
        assert level.equals(prices.close.rolling(5).mean())
        assert spread.equals(prices.close.rolling(5).std())
        return prices.close * 0

    table = grid(params={"fast": [2, 3]}, targets=targets, bundle=daily_bundle, workers=1, **DATES)
    assert table["error"].tolist() == [None, None]


def test_prices_end_with_the_run_and_cannot_be_changed(daily_bundle):
    found = {}

    def targets(prices, length):
        found[length] = prices
        return prices.close * 0

    grid(params={"length": [1]}, targets=targets, bundle=daily_bundle, workers=1, **DATES)
    prices = found[1]
    assert str(prices.index[-1].date()) == DATES["end"]
    assert str(prices.index[prices.first].date()) == DATES["start"]
    for name in ("open", "high", "low", "close", "volume"):
        column = getattr(prices, name)
        assert column.shape == (len(prices.index), 3) and list(column) == prices.symbols
        with pytest.raises(ValueError, match="read-only"):
            column.to_numpy()[0, 0] = 1.0


def test_a_walk_of_tables_is_the_same_whatever_the_layers(daily_bundle):
    span = {"start": "2023-03-01", "end": "2023-12-29", "n_splits": 3, "workers": 1}
    walks = [
        walk_forward(
            params=GRID, targets=crossover, kind="value", bundle=daily_bundle, layers=layers, **span
        )
        for layers in (Layers.ALL, Layers.NONE)
    ]
    pd.testing.assert_frame_equal(*walks, check_exact=True)


def test_a_wrong_table_is_an_error_of_its_row(daily_bundle):
    def targets(prices, n):
        return np.zeros((n, 3))

    rows = grid(params={"n": [4]}, targets=targets, bundle=daily_bundle, workers=1, **DATES)
    assert "targets have the shape (4, 3); it must be (85, 3)" in rows["error"][0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give either a strategy, or targets="),
        ({"strategy": crossover, "targets": crossover}, "give either a strategy, or targets="),
        ({"strategy": crossover, "kind": "value"}, "belong to targets="),
        ({"targets": crossover, "kind": "share"}, "kind is 'share'"),
        ({"targets": crossover, "params": None}, "params is empty"),
        ({"targets": crossover, "workers": 0}, "workers is 0"),
    ],
)
def test_what_does_not_go_together_is_refused(given, message, daily_bundle):
    with pytest.raises(UsageError, match=message):
        grid(**{"params": GRID, "bundle": daily_bundle, **DATES, **given})
