"""The blotter keeps the orders of a run and fills them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from holdfast.assets import Asset
from holdfast.data.bar_data import BarData
from holdfast.errors import OrderError
from holdfast.finance.cancel_policy import SESSION_END, CancelPolicy, NeverCancel
from holdfast.finance.commission import CommissionModel, PerShare
from holdfast.finance.execution import ExecutionStyle
from holdfast.finance.orders import Order, Transaction
from holdfast.finance.slippage import FixedBasisPointsSlippage, SlippageModel

_MOST_SHARES = 10**11

log = logging.getLogger("holdfast")


@dataclass(slots=True)
class Blotter:
    """Takes orders and fills them on later bars.

    Parameters
    ----------
    slippage, commission, cancel_policy
        Replaceable models; the defaults are Zipline's.

    Attributes
    ----------
    orders : dict of str to Order
        Every order of the run, by id.
    open_orders : dict of Asset to list of Order
        Those that may still fill, in order of placement; assets fill in the order of their keys.
    changed : dict of str to Order
        Those that were placed, filled or cancelled since it was last cleared.
    """

    slippage: SlippageModel = field(default_factory=FixedBasisPointsSlippage)
    commission: CommissionModel = field(default_factory=PerShare)
    cancel_policy: CancelPolicy = field(default_factory=NeverCancel)
    orders: dict[str, Order] = field(default_factory=dict)
    open_orders: dict[Asset, list[Order]] = field(default_factory=dict)
    changed: dict[str, Order] = field(default_factory=dict)
    _cancelled_at_close: list[Order] = field(init=False, default_factory=list)

    def order(
        self, asset: Asset, amount: int, style: ExecutionStyle, dt: pd.Timestamp
    ) -> str | None:
        """Place an order for `amount` shares; return its id, None for no shares.

        Raises
        ------
        OrderError
            Beyond 100 billion shares.
        """
        if amount == 0:
            return None
        if abs(amount) > _MOST_SHARES:
            raise OrderError(
                f"an order for {amount} shares of {asset.symbol}; the most is {_MOST_SHARES}"
            )
        buys = amount > 0
        order = Order(
            f"{len(self.orders) + 1:032x}",
            asset,
            amount,
            dt,
            dt,
            style.get_stop_price(buys),
            style.get_limit_price(buys),
        )
        self.orders[order.id] = order
        self.open_orders.setdefault(asset, []).append(order)
        self._mark_changed(order)
        return order.id

    def cancel(self, order_id: str, dt: pd.Timestamp) -> None:
        """Cancel an open order; one that is filled, cancelled or unknown stays as it is."""
        order = self.orders.get(order_id)
        if order is not None and order.open:
            order.cancelled = True
            order.dt = dt
            # The key stays until the next fills: a new order of the asset then keeps its turn.
            self.open_orders[order.asset].remove(order)
            self._mark_changed(order)

    def fill(self, data: BarData) -> Iterator[tuple[Order, Transaction, float]]:
        """Yield (order, transaction, commission) for all that fills in the current bar."""
        for asset, orders in list(self.open_orders.items()):
            fills = []
            for order, transaction in self.slippage.simulate(data, asset, orders):
                cost = self.commission.calculate(order, transaction)
                order.filled += transaction.amount
                order.commission += cost
                order.dt = transaction.dt
                fills.append((order, transaction, cost))
            for order, transaction, cost in fills:
                self._mark_changed(order)
                if not order.open:
                    orders.remove(order)
                yield order, transaction, cost
            if not orders:
                del self.open_orders[asset]
        for order in self._cancelled_at_close:  # the session before reported its own changes
            self._mark_changed(order)
        self._cancelled_at_close.clear()

    def apply_split(self, asset: Asset, ratio: float) -> None:
        """Adjust an asset's open orders; one that has no whole share left is dropped."""
        orders = self.open_orders.get(asset, [])
        for order in orders:
            order.handle_split(ratio)
        orders[:] = [order for order in orders if order.open_amount]

    def cancel_at_close(self, dt: pd.Timestamp, minute_mode: bool) -> None:
        """Let the cancel policy speak as a session ends.

        In daily mode an order has no earlier bar to fill in; as in Zipline, only the first of
        several open orders of an asset is cancelled, and the next session reports it.
        """
        policy = self.cancel_policy
        if not policy.should_cancel(SESSION_END):
            return
        for asset, orders in list(self.open_orders.items()):
            for order in orders.copy() if minute_mode else orders[: len(orders) > 1]:
                self._end(order, dt, policy.warn_on_cancel)
                if not minute_mode:
                    orders.remove(order)
                    self._cancelled_at_close.append(order)
            if minute_mode:
                del self.open_orders[asset]

    def _end(self, order: Order, dt: pd.Timestamp, warn: bool) -> None:
        order.cancelled = True
        order.dt = dt
        if warn:
            log.warning(
                "an order for %d shares of %s was cancelled at the day's end, %d filled",
                order.amount,
                order.asset.symbol,
                order.filled,
            )

    def cancel_orders_for(self, asset: Asset, dt: pd.Timestamp) -> None:
        """Cancel every open order of an asset."""
        for order in list(self.open_orders.get(asset, ())):
            self.cancel(order.id, dt)

    def _mark_changed(self, order: Order) -> None:
        self.changed.pop(order.id, None)
        self.changed[order.id] = order
