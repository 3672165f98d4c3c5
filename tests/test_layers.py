"""One contract for every layer: on or off, alone or together, the answers are the same."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from benchmarks.scenarios import SCENARIOS
from benchmarks.strategies import daily_array, hourly_array, minute_array
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast import run_algorithm
from holdfast.api import order, order_target_percent, record, sid, symbol
from holdfast.data.ingest import write_bundle
from holdfast.data.statistics import STATISTICS
from holdfast.errors import UsageError
from holdfast.layers import LAYERS, Layers, Limits
from holdfast.layers.caches import get_caches

ON_ARRAYS = {"daily": daily_array, "hourly": hourly_array, "minute": minute_array}
ALONE = [Layers.only([name]) for name in LAYERS]
SOME_ON = [pytest.param(Layers.ALL, id="all")]
SOME_ON += [pytest.param(one, id=name) for one, name in zip(ALONE, LAYERS, strict=True)]


def assert_same(perf, plain):
    """Every column, every transaction and every order."""
    pd.testing.assert_frame_equal(perf, plain, check_exact=True)


class Wanderer:
    """A strategy that asks for everything and trades on it; its choices come from a list.

    Of each half hour it lets most minutes pass: those that follow each other are enough for all
    its choices.
    """

    MINUTES = 12

    def __init__(self, choices, minute_mode):
        self.choices, self.minute_mode = choices, minute_mode

    def initialize(self, context):
        context.assets = [sid(0), symbol("A001")]
        context.bar = 0

    def handle_data(self, context, data):
        if self.minute_mode and data.current_dt.minute % 30 >= self.MINUTES:
            return
        field, count, several, amount = self.choices[context.bar % len(self.choices)]
        context.bar += 1
        assets = context.assets if several else context.assets[0]
        frequency = "1m" if self.minute_mode and several else "1d"
        frame = data.history(assets, field, count, frequency)
        array = data.history(assets, field, count, frequency, return_type="array")
        record(frame=frame.to_numpy().sum(), array=array.sum(), width=array.size)
        for name in STATISTICS:
            record(**{name: np.sum(data.statistic(name, assets, field, count, frequency))})
        record(price=data.current(context.assets[1], "price"))
        record(volume=data.current(assets, ["volume", "close"]).to_numpy().sum())
        record(
            tradable=data.can_trade(context.assets).all(), value=context.portfolio.portfolio_value
        )
        order(context.assets[0], amount)
        if amount % 7 == 0:
            order_target_percent(context.assets[1], amount / 100)


choices = st.lists(
    st.tuples(
        st.sampled_from(["open", "high", "low", "close", "volume", "price"]),
        st.sampled_from([1, 2, 5, 20]),
        st.booleans(),
        st.integers(-50, 50),
    ),
    min_size=1,
    max_size=12,
)


def assert_every_layer_agrees(strategy, **options):
    options |= {"initialize": strategy.initialize, "handle_data": strategy.handle_data}
    plain = run_algorithm(**options, layers=Layers.NONE)
    for layers in (*ALONE, Layers.ALL):
        assert_same(run_algorithm(**options, layers=layers), plain)


@settings(deadline=None, max_examples=10)
@given(choices=choices)
def test_daily_answers_are_the_same(odd_bundle, choices):
    strategy = Wanderer(choices, minute_mode=False)
    dates = {"start": "2023-02-06", "end": "2023-03-10"}
    assert_every_layer_agrees(strategy, bundle=odd_bundle, **dates)


@settings(deadline=None, max_examples=3)
@given(choices=choices)
def test_minute_answers_are_the_same(odd_minute_bundle, choices):
    strategy = Wanderer([(f, min(n, 4), s, a) for f, n, s, a in choices], minute_mode=True)
    dates = {"start": "2023-11-24", "end": "2023-11-24", "data_frequency": "minute"}
    assert_every_layer_agrees(strategy, bundle=odd_minute_bundle, **dates)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_every_scenario_gives_the_same_answers(tmp_path, name):
    scenario = SCENARIOS[name]
    bundle = scenario.write_market(tmp_path)
    plain = scenario.run(bundle, "quick", layers=Layers.NONE)
    assert sum(map(len, plain["transactions"]))
    for layers in (*ALONE, Layers.ALL):
        assert_same(scenario.run(bundle, "quick", layers=layers), plain)
    on_arrays = dataclasses.replace(scenario, strategy=ON_ARRAYS[name])
    fast = on_arrays.run(bundle, "quick", layers=Layers.ALL)
    assert_same(fast, on_arrays.run(bundle, "quick", layers=Layers.NONE))
    assert fast["transactions"].map(len).tolist() == plain["transactions"].map(len).tolist()


@pytest.fixture(scope="module")
def odd_bundle(daily_bars, tmp_path_factory):
    """Daily bars with holes, a split and a dividend amid the run, an asset that ends early."""
    days = daily_bars["dt"].rank(method="dense")
    keep = (daily_bars["symbol"] != "A001") | (days % 5 != 3)
    keep &= (daily_bars["symbol"] != "A002") | (daily_bars["dt"] < "2023-03-10")
    path = tmp_path_factory.mktemp("odd") / "bundle"
    write_bundle(path, daily_bars[keep], adjustments=adjustments_on("2023-02-10", "2023-03-03"))
    return path


@pytest.fixture(scope="module")
def odd_minute_bundle(minute_bars, tmp_path_factory):
    """Minute bars with holes, and a split and a dividend amid the week."""
    keep = (minute_bars["symbol"] != "A001") | (minute_bars.index % 7 != 3)
    path = tmp_path_factory.mktemp("odd_minute") / "bundle"
    changes = adjustments_on("2023-11-24", "2023-11-22")
    write_bundle(path, minute_bars[keep], "minute", adjustments=changes)
    return path


def adjustments_on(split, dividend):
    rows = [
        ("A000", "split", split, 0.5),
        ("A001", "split", dividend, 3.0),
        ("A001", "dividend", split, 0.3),
        ("A000", "dividend", dividend, 0.4),
    ]
    return pd.DataFrame(rows, columns=["symbol", "kind", "date", "value"])


def closes_of(path, layers):
    perf = run_algorithm(
        start="2023-02-01",
        end="2023-02-03",
        bundle=path,
        handle_data=lambda context, data: record(
            name=sid(0).symbol,
            close=data.current(sid(0), "close"),
            mean=data.history([sid(0)], "close", 3, "1d", return_type="array").mean(),
        ),
        layers=layers,
    )
    return perf[["name", "close", "mean"]].to_numpy().tolist()


@pytest.mark.parametrize("layers", SOME_ON)
def test_after_a_new_ingest_no_layer_serves_the_old_bundle(tmp_path, daily_bars, layers):
    write_bundle(tmp_path, daily_bars)
    old = closes_of(tmp_path, layers)
    bars = daily_bars.assign(symbol=daily_bars["symbol"].str.replace("A", "B"))
    bars[["open", "high", "low", "close"]] *= 2
    write_bundle(tmp_path, bars)
    new = closes_of(tmp_path, layers)
    assert new == closes_of(tmp_path, Layers.NONE)
    assert new == [[name.replace("A", "B"), close * 2, mean * 2] for name, close, mean in old]


def test_the_environment_overrides_the_code(daily_bundle, monkeypatch):
    windows = get_caches(Layers.ALL.limits).windows
    for text, lookups in (("none", 0), ("grouping", 0), ("all", 1), ("", 1)):
        monkeypatch.setenv("HOLDFAST_LAYERS", text)
        before = windows.lookups
        run_algorithm(
            start="2023-02-01",
            end="2023-02-01",
            bundle=daily_bundle,
            handle_data=lambda context, data: data.history(sid(0), "close", 3, "1d"),
        )
        assert windows.lookups - before == lookups, text


def test_every_switch_is_a_layer_and_all_is_not_none():
    switches = [one.name for one in dataclasses.fields(Layers) if isinstance(one.default, bool)]
    assert switches == list(LAYERS)
    assert all(getattr(Layers.ALL, name) and not getattr(Layers.NONE, name) for name in LAYERS)


def test_names_with_commas_switch_layers_on_and_keep_the_limits():
    first, second, *_ = LAYERS
    tight = Layers(limits=Limits(window_bytes=1))
    expected = dataclasses.replace(Layers.only([first, second]), limits=tight.limits)
    assert Layers.parse(f" {first}, {second} ", tight) == expected
    with pytest.raises(UsageError, match=r"no layer 'turbo'; choose from asset_lists, grouping"):
        Layers.parse("turbo", Layers.NONE)
