"""The verbs a strategy calls: they act on the backtest that runs in this context.

The names and their meaning are Zipline's: ``from zipline.api import order`` becomes
``from holdfast.api import order``.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from holdfast.assets import Asset
from holdfast.errors import OrderError, UsageError
from holdfast.finance import cancel_policy, commission, execution, slippage
from holdfast.finance.commission import CommissionModel
from holdfast.finance.execution import ExecutionStyle
from holdfast.finance.slippage import SlippageModel
from holdfast.simulation import Simulation, running

__all__ = [
    "cancel_policy",
    "commission",
    "execution",
    "get_datetime",
    "order",
    "order_target",
    "record",
    "set_commission",
    "set_slippage",
    "slippage",
    "symbol",
    "symbols",
]

_NEAR_INTEGER = 1e-4


def symbol(name: str) -> Asset:
    """Return the asset of a ticker symbol.

    Raises
    ------
    NotInBundle
        When the bundle holds no such symbol.
    """
    return running("symbol").finder.lookup_symbol(name)


def symbols(*names: str) -> list[Asset]:
    """Return the assets of ticker symbols, in the order given."""
    return [symbol(name) for name in names]


def get_datetime(tz: Any = None) -> pd.Timestamp:
    """Return the current bar's end, in UTC or in the time zone `tz`."""
    now = running("get_datetime").data.current_dt
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
    if len(args) % 2:
        raise UsageError("record() takes names and values in turn; a value is missing")
    running("record").recorded.update(zip(args[::2], args[1::2], strict=True), **kwargs)


def order(
    asset: Asset,
    amount: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order shares; they fill on later bars.

    Parameters
    ----------
    asset
    amount
        Shares, truncated to whole ones; negative to sell.
    limit_price, stop_price
        Currency per share; or give a `style`.
    style
        One of ``holdfast.finance.execution``.

    Returns
    -------
    str or None
        The order's id; None when there was nothing to order.

    Raises
    ------
    OrderError
        When the order cannot be placed.
    """
    simulation = running("order")
    _check_may_order(simulation, asset)
    if style is None:
        style = ExecutionStyle(limit_price, stop_price)
    elif limit_price is not None or stop_price is not None:
        raise OrderError("give either a style or limit_price and stop_price, not both")
    shares = _whole(amount, asset)
    return simulation.blotter.order(asset, shares, style, simulation.data.current_dt)


def order_target(
    asset: Asset,
    target: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order what lacks to a position of `target` shares; open orders do not count.

    See Also
    --------
    order
    """
    held = running("order_target").ledger.positions[asset].amount
    return order(asset, target - held, limit_price, stop_price, style)


def set_slippage(us_equities: SlippageModel) -> None:
    """Choose the slippage model, in initialize."""
    _in_initialize("set_slippage").blotter.slippage = us_equities


def set_commission(us_equities: CommissionModel) -> None:
    """Choose the commission model, in initialize."""
    _in_initialize("set_commission").blotter.commission = us_equities


def _in_initialize(verb: str) -> Simulation:
    simulation = running(verb)
    if simulation.phase != "initialize":
        raise UsageError(f"{verb}() works only in initialize")
    return simulation


def _check_may_order(simulation: Simulation, asset: Asset) -> None:
    if simulation.phase != "handle_data":
        raise OrderError(f"orders cannot be placed in {simulation.phase}: use handle_data")
    if not isinstance(asset, Asset):
        raise OrderError(f"an order needs an asset, not {asset!r} (look it up: symbol('AAPL'))")


def _whole(amount: float, asset: Asset) -> int:
    """Truncate to whole shares, unless very near to an integer."""
    if not math.isfinite(amount):
        raise OrderError(f"an order for {amount} shares of {asset.symbol}; it must be finite")
    nearest = round(amount)
    return nearest if abs(amount - nearest) <= _NEAR_INTEGER else int(amount)
