"""The verbs that place, look up and cancel orders."""

from __future__ import annotations

import logging
import math
from copy import copy
from typing import Any

from holdfast.assets import Asset
from holdfast.errors import (
    CannotOrderDelistedAsset,
    OrderDuringInitialize,
    OrderError,
    OrderInBeforeTradingStart,
    UnsupportedOrderParameters,
)
from holdfast.finance.execution import ExecutionStyle, MarketOrder
from holdfast.finance.orders import Order
from holdfast.simulation import Simulation, get_running

_NEAR_INTEGER = 1e-4
_MARKET = MarketOrder()
_TOO_EARLY = {
    "initialize": OrderDuringInitialize,
    "before_trading_start": OrderInBeforeTradingStart,
}

log = logging.getLogger("holdfast")


def order(
    asset: Asset,
    amount: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order shares; they fill on later bars, as far as the slippage model lets them.

    A market order fills at the next bar that has volume, at its close and the slippage on it. A
    limit order waits until a close is at the limit or better; a stop order until a close reaches
    the stop, and is then a market order; with both prices it is then a limit order. What a bar's
    volume does not fill stays open. Cash is not checked: what it does not cover is borrowed.

    Parameters
    ----------
    asset
        What `symbol` returns.
    amount
        Shares, truncated to whole ones unless within 0.0001 of one; negative to sell, also what
        is not held.
    limit_price, stop_price
        Currency per share; or give a `style`. A limit is rounded to a cent in your favour.
    style
        One of ``holdfast.finance.execution``: MarketOrder, LimitOrder, StopOrder, StopLimitOrder.

    Returns
    -------
    str or None
        The order's id; None when there was nothing to order.

    Raises
    ------
    OrderError
        When the order cannot be placed: in initialize or before_trading_start, for an amount or
        a price that is not finite, or for more than 100 billion shares.
    TradingControlViolation
        When it is beyond a limit that the strategy set for itself.

    Examples
    --------
    >>> order(symbol("AAPL"), 10)  # doctest: +SKIP
    >>> order(symbol("AAPL"), -10, stop_price=180.0)  # doctest: +SKIP
    """
    return place_order(get_running("order"), asset, amount, limit_price, stop_price, style)


def order_target(
    asset: Asset,
    target: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order the difference to a position of `target` shares; open orders do not count.

    See Also
    --------
    order
    """
    simulation = get_running("order_target")
    held = simulation.ledger.positions.get(asset)
    difference = target if held is None else target - held.amount
    return place_order(simulation, asset, difference, limit_price, stop_price, style)


def order_value(
    asset: Asset,
    value: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order shares worth `value` at the last known price.

    See Also
    --------
    order
    """
    shares = _compute_shares("order_value", asset, value)
    return order(asset, shares, limit_price, stop_price, style)


def order_percent(
    asset: Asset,
    percent: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order shares worth a fraction of the portfolio: 0.5 is half of it.

    See Also
    --------
    order
    """
    value = get_running("order_percent").ledger.portfolio_value * percent
    return order_value(asset, value, limit_price, stop_price, style)


def order_target_value(
    asset: Asset,
    target: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order the difference to a position worth `target`; open orders do not count.

    See Also
    --------
    order
    """
    shares = _compute_shares("order_target_value", asset, target)
    return order_target(asset, shares, limit_price, stop_price, style)


def order_target_percent(
    asset: Asset,
    target: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Order the difference to a fraction of the portfolio; open orders do not count.

    See Also
    --------
    order
    """
    value = get_running("order_target_percent").ledger.portfolio_value * target
    return order_target_value(asset, value, limit_price, stop_price, style)


def get_order(order_id: str) -> Order | None:
    """Return an order as it stands now, None when there is no such id."""
    placed = get_running("get_order").blotter.orders.get(order_id)
    return None if placed is None else copy(placed)


def get_open_orders(asset: Asset | None = None) -> Any:
    """Return the open orders as they stand now.

    Returns
    -------
    dict of Asset to list of Order, or list of Order
        The list when an asset is named.
    """
    open_orders = get_running("get_open_orders").blotter.open_orders
    if asset is not None:
        return [copy(placed) for placed in open_orders.get(asset, ())]
    return {
        asset: [copy(placed) for placed in orders]
        for asset, orders in open_orders.items()
        if orders
    }


def cancel_order(order_param: str | Order) -> None:
    """Cancel an open order, given the order or its id; others stay as they are."""
    simulation = get_running("cancel_order")
    order_id = order_param.id if isinstance(order_param, Order) else order_param
    simulation.blotter.cancel(order_id, simulation.data.current_dt)


def _compute_shares(verb: str, asset: Asset, value: float) -> float:
    """Return how many shares `value` buys at the last known price, not yet whole."""
    simulation = get_running(verb)
    _check_may_order(simulation, asset)
    if _has_ended(simulation, asset):
        return 0.0  # order() logs a warning and places nothing
    price = simulation.data.current(asset, "price")
    if math.isnan(price):
        today = simulation.data.current_session.date()
        raise CannotOrderDelistedAsset(
            f"{verb}() has no price for {asset.symbol} on {today}; "
            f"it trades {asset.start_date.date()} to {asset.end_date.date()} (ask data.can_trade)"
        )
    return float(value / price)


def place_order(
    simulation: Simulation,
    asset: Asset,
    amount: float,
    limit_price: float | None = None,
    stop_price: float | None = None,
    style: ExecutionStyle | None = None,
) -> str | None:
    """Place an order in a simulation: what every verb comes to.

    See Also
    --------
    order
    """
    _check_may_order(simulation, asset)
    free = style is None and limit_price is None and stop_price is None
    if free and amount == 0 and not simulation.trading_controls:
        return None  # the common case of a target: it is there already
    if _has_ended(simulation, asset):  # asked first: what is computed from its price is NaN
        log.warning("no order for %s: it ended on %s", asset.symbol, asset.end_date.date())
        return None
    if style is not None and not (limit_price is None and stop_price is None):
        raise UnsupportedOrderParameters(
            "give either a style or limit_price and stop_price, not both"
        )
    shares = amount if type(amount) is int else _to_whole_shares(amount, asset)
    for control in simulation.trading_controls:
        portfolio, data = simulation.context.portfolio, simulation.data
        control.validate(asset, shares, portfolio, data.current_dt, data)
    if style is None:
        style = _MARKET if free else ExecutionStyle(limit_price, stop_price)
    if not shares:
        return None
    return simulation.blotter.order(asset, shares, style, simulation.data.current_dt)


def _check_may_order(simulation: Simulation, asset: Asset) -> None:
    if simulation.phase != "handle_data":
        error = _TOO_EARLY.get(simulation.phase, OrderError)
        raise error(f"orders cannot be placed in {simulation.phase}: use handle_data")
    if not isinstance(asset, Asset):
        raise OrderError(f"an order needs an asset, not {asset!r} (look it up: symbol('AAPL'))")


def _has_ended(simulation: Simulation, asset: Asset) -> bool:
    return simulation.data.session > simulation.portal.life(asset)[1]


def _to_whole_shares(amount: float, asset: Asset) -> int:
    """Truncate to whole shares, but round what is very near to an integer."""
    if not math.isfinite(amount):
        raise OrderError(f"an order for {amount} shares of {asset.symbol}; it must be finite")
    nearest = round(amount)
    return nearest if abs(amount - nearest) <= _NEAR_INTEGER else int(amount)
