"""``zipline.finance.order`` as strategies import it."""

from __future__ import annotations

from holdfast.finance.orders import Order, OrderStatus

__all__ = ["ORDER_STATUS", "Order"]

ORDER_STATUS = OrderStatus
