"""The context is the algorithm, as in Zipline."""

import copy

import pandas as pd
import pytest

from holdfast import Layers, run_algorithm
from holdfast.errors import NotSupported, SetSlippagePostInit
from holdfast.finance import commission, slippage


def run(bundle, handle_data=None, initialize=None, **options):
    options = {"start": "2023-02-01", "end": "2023-02-03", "capital_base": 1e5, **options}
    return run_algorithm(initialize=initialize, handle_data=handle_data, bundle=bundle, **options)


def test_every_verb_can_be_called_on_the_context(daily_bundle):
    def initialize(context):
        context.set_commission(commission.NoCommission())
        context.set_slippage(us_equities=slippage.NoSlippage(), us_futures=None)
        context.asset = context.symbol("A000")
        context.schedule_function(rebalance, calendar=None)

    def rebalance(context, data):
        if not context.get_open_orders():
            context.order(context.asset, 10)
        context.record(price=data.current(context.asset, "price"))
        context.seen = context.recorded_vars

    perf = run(daily_bundle, initialize=initialize)
    assert perf["positions"].iloc[-1][0]["amount"] == 20
    assert perf["price"].notna().all()


def test_the_context_tells_how_the_run_was_started(daily_bundle):
    seen = {}

    def initialize(context):
        parameters = context.sim_params
        seen.update(
            start=parameters.start_session,
            end=parameters.end_session,
            open=parameters.first_open,
            close=parameters.last_close,
            capital=parameters.capital_base,
            frequency=context.data_frequency,
            sessions=len(parameters.sessions),
            calendar=context.trading_calendar.name,
            start_date=context.portfolio.start_date,
        )

    run(daily_bundle, initialize=initialize)
    assert seen == {
        "start": pd.Timestamp("2023-02-01"),
        "end": pd.Timestamp("2023-02-03"),
        "open": pd.Timestamp("2023-02-01 14:31", tz="UTC"),
        "close": pd.Timestamp("2023-02-03 21:00", tz="UTC"),
        "capital": 1e5,
        "frequency": "daily",
        "sessions": 3,
        "calendar": "XNYS",
        "start_date": pd.Timestamp("2023-02-01"),
    }


def test_what_the_strategy_sets_comes_first(daily_bundle):
    def initialize(context):
        context.symbols = ["mine"]
        assert context.symbols == ["mine"]
        assert not hasattr(context, "prices")
        assert copy.copy(context).symbols == ["mine"]

    run(daily_bundle, initialize=initialize)


def test_an_attribute_that_was_never_set_is_named_with_the_nearest(daily_bundle):
    with pytest.raises(AttributeError, match="context has no 'aset'; did you mean asset"):
        run(
            daily_bundle,
            lambda context, data: context.aset,
            lambda context: setattr(context, "asset", 1),
        )


def test_a_verb_that_is_not_there_says_so_on_the_context_too(daily_bundle):
    with pytest.raises(NotSupported, match="batch_market_order"):
        run(daily_bundle, lambda context, data: context.batch_market_order([]))


def test_analyze_may_look_assets_up(daily_bundle):
    found = []

    def analyze(context, perf):
        found.append(context.symbol("A001").symbol)
        found.append(context.recorded_vars)

    run(daily_bundle, lambda context, data: context.record(x=1), analyze=analyze)
    assert found == ["A001", {"x": 1}]


def test_positions_and_assets_have_zipline_s_names(daily_bundle, daily_bars):
    seen = []

    def handle_data(context, data):
        asset = context.symbol("A000")
        context.order_target(asset, 100)
        held = context.portfolio.positions[asset]
        if held.amount:
            weights = context.portfolio.current_portfolio_weights
            worth = held.amount * held.last_sale_price / context.portfolio.portfolio_value
            assert weights.to_dict() == {asset: worth}
            seen.append(held.last_sale_date)
            assert held.last_sale_date == context.get_datetime()
        assert asset.asset_name == asset.name
        assert asset.is_alive_for_session(context.get_datetime().normalize())
        assert not asset.is_alive_for_session(pd.Timestamp("2030-01-02"))
        assert asset.to_dict()["symbol"] == "A000"

    run(daily_bundle, handle_data)
    assert len(seen) == 2


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL], ids=["plain", "layers"])
def test_an_asset_s_dates_are_timestamps_as_in_zipline(daily_bundle, daily_bars, layers):
    def initialize(context):
        asset = context.symbol("A000")
        days = daily_bars.loc[daily_bars["symbol"] == "A000", "dt"]
        for date, day in ((asset.start_date, days.min()), (asset.end_date, days.max())):
            assert isinstance(date, pd.Timestamp) and date.tz is None
            assert date == day
        assert isinstance(asset.auto_close_date, pd.Timestamp)
        assert asset.end_date - pd.Timedelta(days=1) < asset.end_date.normalize()

    run(daily_bundle, None, initialize, layers=layers)


def test_models_of_futures_are_taken_and_never_asked(daily_bundle):
    def initialize(context):
        context.set_slippage(us_futures=slippage.VolatilityVolumeShare(volume_limit=0.05))
        context.set_commission(us_futures=commission.PerContract(cost=0.85, exchange_fee=1.6))

    def handle_data(context, data):
        context.order_target(context.symbol("A000"), 10)

    perf = run(daily_bundle, handle_data, initialize)
    assert perf["transactions"].map(len).sum() == 1


@pytest.mark.parametrize(
    "model", [object(), slippage.VolatilityVolumeShare(0.05)], ids=["object", "futures"]
)
def test_what_is_not_a_model_of_equities_is_refused(daily_bundle, model):
    with pytest.raises(slippage.UsageError, match=r"(?i)model"):
        run(daily_bundle, initialize=lambda context: context.set_slippage(model))


def test_a_model_cannot_be_changed_while_the_run_goes_on(daily_bundle):
    with pytest.raises(SetSlippagePostInit, match="initialize"):
        run(daily_bundle, lambda context, data: context.set_slippage(slippage.NoSlippage()))
