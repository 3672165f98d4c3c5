"""The verbs a strategy calls: they act on the backtest that runs in this context.

The names and their meaning are Zipline's: ``from zipline.api import order`` becomes
``from holdfast.api import order``. Only ``order_targets`` is Holdfast's own.
"""

from __future__ import annotations

import inspect
from typing import Any

import pandas as pd

from holdfast.assets import Asset
from holdfast.environment import fetch_csv, get_environment
from holdfast.errors import NotSupported, ScheduleFunctionInvalidCalendar, SidsNotFound, UsageError
from holdfast.finance import cancel_policy, commission, execution, slippage
from holdfast.finance.asset_restrictions import (
    RESTRICTION_STATES,
    HistoricalRestrictions,
    Restriction,
    StaticRestrictions,
)
from holdfast.finance.cancel_policy import EODCancel, NeverCancel
from holdfast.finance.slippage import (
    FixedBasisPointsSlippage,
    FixedSlippage,
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
from holdfast.pipeline_verbs import attach_pipeline, pipeline_output
from holdfast.run_setup import (
    in_initialize,
    set_asset_restrictions,
    set_benchmark,
    set_cancel_policy,
    set_commission,
    set_do_not_order_list,
    set_long_only,
    set_max_leverage,
    set_max_order_count,
    set_max_order_size,
    set_max_position_size,
    set_min_leverage,
    set_slippage,
)
from holdfast.schedule import DateRule, TimeRule, calendars, date_rules, time_rules
from holdfast.simulation import Handler, get_running
from holdfast.target_verbs import order_targets
from holdfast.utils import events, math_utils

__all__ = [
    "RESTRICTION_STATES",
    "EODCancel",
    "FixedBasisPointsSlippage",
    "FixedSlippage",
    "HistoricalRestrictions",
    "NeverCancel",
    "Restriction",
    "StaticRestrictions",
    "VolumeShareSlippage",
    "attach_pipeline",
    "calendars",
    "cancel_order",
    "cancel_policy",
    "commission",
    "date_rules",
    "events",
    "execution",
    "fetch_csv",
    "get_datetime",
    "get_environment",
    "get_open_orders",
    "get_order",
    "math_utils",
    "order",
    "order_percent",
    "order_target",
    "order_target_percent",
    "order_target_value",
    "order_targets",
    "order_value",
    "pipeline_output",
    "record",
    "schedule_function",
    "set_asset_restrictions",
    "set_benchmark",
    "set_cancel_policy",
    "set_commission",
    "set_do_not_order_list",
    "set_long_only",
    "set_max_leverage",
    "set_max_order_count",
    "set_max_order_size",
    "set_max_position_size",
    "set_min_leverage",
    "set_slippage",
    "set_symbol_lookup_date",
    "sid",
    "slippage",
    "symbol",
    "symbols",
    "time_rules",
]


def symbol(symbol_str: str, country_code: str | None = None) -> Asset:
    """Return the asset of a ticker symbol.

    Parameters
    ----------
    symbol_str
        Such as ``AAPL``; upper case is tried where the spelling given is not known.
    country_code
        Accepted as in Zipline; a bundle has one asset of each symbol.

    Raises
    ------
    SymbolNotFound
        When the bundle holds no such symbol.
    """
    return get_running("symbol").finder.lookup_symbol(symbol_str)


def symbols(*names: str, country_code: str | None = None) -> list[Asset]:
    """Return the assets of ticker symbols, in the order given.

    Raises
    ------
    SymbolNotFound
        When the bundle holds no such symbol.
    """
    return [symbol(name) for name in names]


def get_datetime(tz: Any = None) -> pd.Timestamp:
    """Return the current bar's end, in UTC or in the time zone `tz`; 8:45 before trading."""
    now = get_running("get_datetime").data.current_dt
    return now if tz is None else now.tz_convert(tz)


def record(*args: Any, **kwargs: Any) -> None:
    """Record values by name; each name becomes a column of the perf frame.

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
    calendar: str | None = None,
) -> None:
    """Run a function on certain days, at a certain time, after handle_data.

    Parameters
    ----------
    func
        Called with ``context, data``.
    date_rule
        One of ``date_rules``; every day when left out.
    time_rule
        One of ``time_rules``; the first minute when left out. Daily mode has only one bar.
    half_days
        Whether it also runs on sessions that close early.
    calendar
        ``calendars.US_EQUITIES``, or None for the bundle's own.

    Raises
    ------
    ScheduleFunctionInvalidCalendar
        When the bundle was ingested on another calendar.
    """
    if isinstance(date_rule, TimeRule):
        raise UsageError("schedule_function() got a time rule as date_rule: name it time_rule=")
    schedule = in_initialize("schedule_function").schedule
    own = schedule.sessions.calendar
    if calendar is not None and (calendar, own) != (calendars.US_EQUITIES, "XNYS"):
        raise ScheduleFunctionInvalidCalendar(
            f"calendar is {calendar!r}, but the bundle was ingested on {own} (leave calendar= out)"
        )
    schedule.add(func, date_rule or DateRule(), time_rule or TimeRule(), half_days)


def set_symbol_lookup_date(dt: Any) -> None:
    """Accept Zipline's call; a symbol means one asset for the whole bundle."""
    get_running("set_symbol_lookup_date")


def sid(sid: int) -> Asset:
    """Return the asset of a bundle by its number.

    Raises
    ------
    SidsNotFound
        When there is no such number.
    """
    assets = get_running("sid").finder.retrieve_all()
    for asset in assets:
        if asset.sid == sid:
            return asset
    raise SidsNotFound(f"no asset with sid {sid}; the bundle has 0 to {len(assets) - 1}")


_NOT_SUPPORTED = (
    "batch_market_order",
    "continuous_future",
    "future_symbol",
)


def __getattr__(name: str) -> Any:
    """Let a strategy import a verb that Holdfast lacks; calling it raises NotSupported."""
    if name not in _NOT_SUPPORTED:
        raise AttributeError(f"module 'holdfast.api' has no attribute {name!r}")

    def missing(*_: Any, **__: Any) -> None:
        raise NotSupported(
            f"Zipline's {name}() is not part of Holdfast; it has {', '.join(__all__)}"
        )

    return missing


#: What the context answers as the algorithm.
VERBS = {name: globals()[name] for name in __all__ if inspect.isfunction(globals()[name])}
VERBS |= {name: __getattr__(name) for name in _NOT_SUPPORTED}
