"""Target tables: the same perf frame as the handle_data that calls order_target* for each asset."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.pipelines.random_markets import random_market
from holdfast import Layers, run_algorithm, run_targets, write_bundle
from holdfast.api import (
    EODCancel,
    VolumeShareSlippage,
    order_target,
    order_target_percent,
    order_target_value,
    set_cancel_policy,
    set_commission,
    set_long_only,
    set_max_order_count,
    set_slippage,
    symbol,
)
from holdfast.data.bundle import Bundle
from holdfast.errors import HoldfastError
from holdfast.finance.commission import PerTrade
from holdfast.finance.slippage import FixedBasisPointsSlippage

VERBS = {"shares": order_target, "value": order_target_value, "percent": order_target_percent}
DAILY = {"start": "2024-05-13", "end": "2024-07-12"}
MINUTE = {"start": "2023-11-22", "end": "2023-11-24", "data_frequency": "minute"}
SCALES = {"shares": 60.0, "value": 20_000.0, "percent": 0.4}
RUNS = [
    {"ledger": ledger, "layers": layers}
    for ledger, layers in product(["decimal", "float"], [Layers.NONE, Layers.ALL])
]


@pytest.fixture(scope="module")
def daily_market(tmp_path_factory):
    """Give the bundle of a seed: gaps, late starts, early ends, splits and dividends."""

    @cache
    def made(seed):
        market, path = random_market(seed), tmp_path_factory.mktemp("targets") / str(seed)
        write_bundle(path, market.bars, adjustments=market.adjustments)
        return path

    return made


@pytest.fixture(scope="module")
def odd_minutes(minute_bars, tmp_path_factory):
    """Minutes with holes, few shares in each, a split and a dividend; 2023-11-24 is a half day."""
    keep = (minute_bars["symbol"] != "A001") | (minute_bars.index % 7 != 3)
    rows = [("A000", "split", "2023-11-24", 0.5), ("A001", "dividend", "2023-11-22", 0.4)]
    path = tmp_path_factory.mktemp("targets") / "minutes"
    adjustments = pd.DataFrame(rows, columns=["symbol", "kind", "date", "value"])
    write_bundle(path, minute_bars[keep].assign(volume=300), "minute", adjustments=adjustments)
    return path


def bars_of(bundle, dates):
    """Return the time of every bar of a run, as a table's index holds it."""
    with Bundle(bundle) as opened:
        sessions = opened.sessions
        first, last = sessions.between(*(np.datetime64(dates[key]) for key in ("start", "end")))
        if "data_frequency" not in dates:
            return pd.DatetimeIndex(sessions.labels[first : last + 1])
        minutes = sessions.minutes[sessions.first_minutes[first] : sessions.first_minutes[last + 1]]
        return pd.DatetimeIndex(minutes.astype("datetime64[m]"), tz="UTC")


def make_table(bars, symbols, kind, seed):
    """Targets that stay, change, are missing, or ask for part of a share."""
    generator = np.random.default_rng(seed)
    values = generator.normal(0.2, 1, (len(bars), len(symbols))) * SCALES[kind]
    values[generator.random(values.shape) < 0.3] = 0.0
    if generator.random() < 0.7:
        values = values.round(0 if kind == "shares" else 3)
    values[generator.random(values.shape) < generator.choice([0, 0.2, 0.9])] = np.nan
    table = pd.DataFrame(values, bars, symbols)
    hold = int(generator.choice([1, 3, 40]))  # how many bars a row is repeated for
    table = table.iloc[np.arange(len(bars)) // hold * hold].set_axis(bars)
    return table[generator.random(len(bars)) < generator.choice([0.3, 1.0])]


def as_handle_data(table, kind):
    """Return the strategy that the table stands for."""
    rows = {time.value: row for time, row in zip(table.index, table.to_numpy(), strict=True)}
    daily, verb = table.index.tz is None, VERBS[kind]

    def handle_data(context, data):
        now = data.current_session if daily else data.current_dt
        for name, target in zip(table.columns, rows.get(now.value, ()), strict=False):
            if not np.isnan(target):
                verb(symbol(name), target)

    return handle_data


def result_of(run, **options):
    """Return the perf frame, or what was raised and its notes."""
    try:
        return run(**options)
    except HoldfastError as error:
        return type(error), str(error), error.__notes__


def assert_same(found, expected):
    if isinstance(expected, tuple):
        assert found == expected
    else:
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


models = st.fixed_dictionaries(
    {},
    optional={
        "slippage": st.sampled_from(
            [FixedBasisPointsSlippage(5, 0.001), VolumeShareSlippage(0.0002, 0.1)]
        ),
        "commission": st.just(PerTrade(1.0)),
        "cancel_policy": st.just(EODCancel()),
        "initialize": st.sampled_from(
            [lambda _: set_long_only("log"), lambda _: set_max_order_count(5)]
        ),
    },
)


def assert_contract(table, kind, chosen, **options):
    def initialize(context):
        set_slippage(chosen.get("slippage"))
        set_commission(chosen.get("commission"))
        if "cancel_policy" in chosen:
            set_cancel_policy(chosen["cancel_policy"])
        if "initialize" in chosen:
            chosen["initialize"](context)

    strategy = {"initialize": initialize, "handle_data": as_handle_data(table, kind)}
    expected = result_of(run_algorithm, **strategy, **options)
    assert_same(result_of(run_targets, targets=table, kind=kind, **chosen, **options), expected)


@settings(max_examples=12)
@given(
    market=st.integers(0, 2),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(list(VERBS)),
    priced=st.booleans(),
    chosen=models,
    run=st.sampled_from(RUNS),
)
def test_daily_tables_are_their_handle_data(daily_market, market, seed, kind, priced, chosen, run):
    bundle = daily_market(market)
    with Bundle(bundle) as opened:
        assets = opened.assets.retrieve_all()
    bars = bars_of(bundle, DAILY)
    table = make_table(bars, [one.symbol for one in assets], kind, seed)
    if priced:  # else a worth of what does not trade is ordered, which raises
        for one in assets:
            table.loc[table.index < one.start_date, one.symbol] = np.nan
    assert_contract(table, kind, chosen, bundle=bundle, capital_base=1e5, **DAILY, **run)


@settings(max_examples=4)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(list(VERBS)),
    chosen=models,
    run=st.sampled_from(RUNS),
)
def test_minute_tables_are_their_handle_data(odd_minutes, seed, kind, chosen, run):
    table = make_table(bars_of(odd_minutes, MINUTE), ["A001", "A000"], kind, seed)
    assert_contract(table, kind, chosen, bundle=odd_minutes, capital_base=1e5, **MINUTE, **run)
