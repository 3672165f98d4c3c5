"""The verbs a strategy calls: they act on the backtest that runs in this context.

The names and their meaning are Zipline's: ``from zipline.api import order`` becomes
``from holdfast.api import order``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from holdfast.assets import Asset
from holdfast.errors import NotInBundle, NotSupported, UsageError
from holdfast.finance import cancel_policy, commission, execution, slippage
from holdfast.finance.cancel_policy import CancelPolicy, EODCancel, NeverCancel
from holdfast.finance.commission import CommissionModel
from holdfast.finance.slippage import (
    FixedBasisPointsSlippage,
    FixedSlippage,
    SlippageModel,
    VolumeShareSlippage,
)
from holdfast.ordering import (
    cancel_order,
    get_open_orders,
    get_order,
    order,
    order_percent,
    order_target,
    order_target_percent,
    order_target_value,
    order_value,
)
from holdfast.schedule import DateRule, TimeRule, date_rules, time_rules
from holdfast.simulation import Handler, Simulation, get_running

if TYPE_CHECKING:
    from holdfast.pipeline import Pipeline

__all__ = [
    "EODCancel",
    "FixedBasisPointsSlippage",
    "FixedSlippage",
    "NeverCancel",
    "VolumeShareSlippage",
    "attach_pipeline",
    "cancel_order",
    "cancel_policy",
    "commission",
    "date_rules",
    "execution",
    "get_datetime",
    "get_open_orders",
    "get_order",
    "order",
    "order_percent",
    "order_target",
    "order_target_percent",
    "order_target_value",
    "order_value",
    "pipeline_output",
    "record",
    "schedule_function",
    "set_benchmark",
    "set_cancel_policy",
    "set_commission",
    "set_slippage",
    "set_symbol_lookup_date",
    "sid",
    "slippage",
    "symbol",
    "symbols",
    "time_rules",
]


def attach_pipeline(
    pipeline: Pipeline, name: str, chunks: int | Iterable[int] | None = None, eager: bool = True
) -> Pipeline:
    """Have a pipeline computed for every session, in initialize.

    Parameters
    ----------
    pipeline
        What to compute.
    name
        What `pipeline_output` finds it by.
    chunks
        How many sessions are computed together, or how many one after the other; the layer
        ``pipelines`` chooses itself. The values do not depend on it.
    eager
        Whether it is computed before the session begins, also when nobody asks for it.

    Returns
    -------
    Pipeline
        The same one.
    """
    simulation = _in_initialize("attach_pipeline")
    if simulation.pipelines is None:
        simulation.pipelines = simulation.load_pipelines()
    simulation.pipelines.attach(pipeline, name, chunks, eager)
    return pipeline


def pipeline_output(name: str) -> pd.DataFrame:
    """Return an attached pipeline's values for the current session.

    They are computed from what was known when it began: bars up to the session before.

    Parameters
    ----------
    name
        What the pipeline was attached as.

    Returns
    -------
    DataFrame
        One row per asset that the pipeline's screen lets through, one column per term.
    """
    simulation = get_running("pipeline_output")
    if simulation.phase == "initialize":
        raise UsageError(
            "pipeline_output() has nothing yet in initialize (call it in before_trading_start)"
        )
    if simulation.pipelines is None:
        raise UsageError(
            f"no pipeline {name!r} is attached; none is (attach_pipeline in initialize)"
        )
    return simulation.pipelines.output(name, simulation.data.session)


def symbol(name: str) -> Asset:
    """Return the asset of a ticker symbol.

    Raises
    ------
    NotInBundle
        When the bundle holds no such symbol.
    """
    return get_running("symbol").finder.lookup_symbol(name)


def symbols(*names: str) -> list[Asset]:
    """Return the assets of ticker symbols, in the order given."""
    return [symbol(name) for name in names]


def get_datetime(tz: Any = None) -> pd.Timestamp:
    """Return the current bar's end, in UTC or in the time zone `tz`; 8:45 before trading."""
    now = get_running("get_datetime").data.current_dt
    return now if tz is None else now.tz_convert(tz)


def record(*args: Any, **kwargs: Any) -> None:
    """Keep values by name; each name becomes a column of the perf frame.

    Parameters
    ----------
    *args
        Names and values in turn, as in ``record("price", 1.0)``.
    **kwargs
        Values by name.
    """
    recorded = get_running("record").recorded
    if args:
        if len(args) % 2:
            raise UsageError("record() takes names and values in turn; a value is missing")
        recorded.update(zip(args[::2], args[1::2], strict=True))
    recorded.update(kwargs)


def schedule_function(
    func: Handler,
    date_rule: DateRule | None = None,
    time_rule: TimeRule | None = None,
    half_days: bool = True,
) -> None:
    """Run a function on certain days, at a certain time, after handle_data.

    Parameters
    ----------
    func
        Called with ``context, data``.
    date_rule
        One of ``date_rules``; every day when left out.
    time_rule
        One of ``time_rules``; the first minute when left out. Daily mode has but one bar.
    half_days
        Whether it also runs on sessions that close early.
    """
    if isinstance(date_rule, TimeRule):
        raise UsageError("schedule_function() got a time rule as date_rule: name it time_rule=")
    schedule = _in_initialize("schedule_function").schedule
    schedule.add(func, date_rule or DateRule(), time_rule or TimeRule(), half_days)


def set_slippage(us_equities: SlippageModel) -> None:
    """Choose the slippage model, in initialize."""
    _in_initialize("set_slippage").blotter.slippage = us_equities


def set_commission(us_equities: CommissionModel) -> None:
    """Choose the commission model, in initialize."""
    _in_initialize("set_commission").blotter.commission = us_equities


def set_cancel_policy(cancel_policy: CancelPolicy) -> None:
    """Choose what becomes of open orders at a session's end, in initialize."""
    _in_initialize("set_cancel_policy").blotter.cancel_policy = cancel_policy


def set_benchmark(benchmark: Asset) -> None:
    """Accept Zipline's call; the benchmark of a run is always cash, with no return."""
    get_running("set_benchmark")


def set_symbol_lookup_date(dt: Any) -> None:
    """Accept Zipline's call; a symbol means one asset for the whole bundle."""
    get_running("set_symbol_lookup_date")


def sid(sid: int) -> Asset:
    """Return the asset of a bundle by its number.

    Raises
    ------
    NotInBundle
        When there is no such number.
    """
    assets = get_running("sid").finder.retrieve_all()
    for asset in assets:
        if asset.sid == sid:
            return asset
    raise NotInBundle(f"no asset with sid {sid}; the bundle has 0 to {len(assets) - 1}")


_NOT_SUPPORTED = (
    "batch_market_order",
    "continuous_future",
    "fetch_csv",
    "future_symbol",
    "get_environment",
    "set_asset_restrictions",
    "set_do_not_order_list",
    "set_long_only",
    "set_max_leverage",
    "set_max_order_count",
    "set_max_order_size",
    "set_max_position_size",
    "set_min_leverage",
)


def __getattr__(name: str) -> Any:
    """Let a strategy import a verb that Holdfast lacks; calling it says so."""
    if name not in _NOT_SUPPORTED:
        raise AttributeError(f"module 'holdfast.api' has no attribute {name!r}")

    def missing(*_: Any, **__: Any) -> None:
        raise NotSupported(
            f"Zipline's {name}() is not part of Holdfast; it has {', '.join(__all__)}"
        )

    return missing


def _in_initialize(verb: str) -> Simulation:
    simulation = get_running(verb)
    if simulation.phase != "initialize":
        raise UsageError(f"{verb}() works only in initialize")
    return simulation
