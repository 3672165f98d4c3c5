"""Orders and the transactions that fill them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import pandas as pd

from holdfast.assets import Asset


class OrderStatus(IntEnum):
    """Zipline's numbers for the status of an order."""

    OPEN = 0
    FILLED = 1
    CANCELLED = 2
    REJECTED = 3
    HELD = 4


def stored(price: float) -> float:
    """Return a price as Zipline stores it: a whole number times 0.001, where it is one.

    Zipline's limits are whole numbers times 0.01 and meet the same closes as clean cents do; but
    one that a split has rounded to clean cents need not meet a stored close of the same cents.
    """
    thousandths = round(price * 1000) * 0.001
    return thousandths if abs(thousandths - price) < 1e-9 else price


@dataclass(slots=True)
class Order:
    """An order to trade; the blotter updates it.

    Parameters
    ----------
    id
        32 hexadecimal digits, counted up from the run's first order.
    asset
    amount
        Shares; negative to sell.
    dt, created
        When it last changed and when it was placed.
    stop, limit
        Prices in currency per share, None for none.
    filled
        Shares that were traded so far, with the sign of `amount`.
    commission
        Paid so far, in currency.
    was_split
        Whether a split has changed its shares and prices.
    """

    id: str
    asset: Asset
    amount: int
    dt: pd.Timestamp
    created: pd.Timestamp
    stop: float | None = None
    limit: float | None = None
    filled: int = 0
    commission: float = 0.0
    reason: str | None = None
    stop_reached: bool = False
    limit_reached: bool = False
    cancelled: bool = False
    was_split: bool = False

    @property
    def sid(self) -> Asset:
        """Zipline's older name for `asset`."""
        return self.asset

    @property
    def direction(self) -> float:
        """1.0 to buy, -1.0 to sell."""
        return 1.0 if self.amount > 0 else -1.0

    @property
    def open_amount(self) -> int:
        """Shares still to trade, with the sign of `amount`."""
        return self.amount - self.filled

    @property
    def status(self) -> OrderStatus:
        """Open, filled or cancelled."""
        if not self.open_amount:
            return OrderStatus.FILLED
        return OrderStatus.CANCELLED if self.cancelled else OrderStatus.OPEN

    @property
    def open(self) -> bool:
        """Whether the order may still fill."""
        return self.status is OrderStatus.OPEN

    @property
    def triggered(self) -> bool:
        """Whether its stop and limit, if any, were reached."""
        stop_ready = self.stop is None or self.stop_reached
        return stop_ready and (self.limit is None or self.limit_reached)

    def check_triggers(self, price: float, dt: pd.Timestamp) -> None:
        """Record whether `price` reaches the stop or the limit.

        A stop-limit order whose stop is reached becomes a limit order; its limit is checked
        at every bar until one reaches it.
        """
        if self.triggered:
            return
        if self.was_split:
            price = stored(price)
        before = (self.stop_reached, self.limit_reached)
        buys = self.amount > 0
        stopped = self.stop is not None and (price >= self.stop if buys else price <= self.stop)
        waits_for_stop = self.stop is not None and not stopped
        self.limit_reached = (
            self.limit is not None
            and not waits_for_stop
            and (price <= self.limit if buys else price >= self.limit)
        )
        if stopped and self.limit is not None:
            self.stop = None
        self.stop_reached = stopped and self.limit is None
        if (self.stop_reached, self.limit_reached) != before:
            self.dt = dt

    def handle_split(self, ratio: float) -> None:
        """Divide the shares and multiply the prices by the ratio of a split."""
        remaining = int(self.open_amount / ratio)
        self.filled = int(self.filled / ratio)
        self.amount = self.filled + remaining
        self.limit = self._split_price(self.limit, ratio)
        self.stop = self._split_price(self.stop, ratio)
        self.was_split = True

    def _split_price(self, price: float | None, ratio: float) -> float | None:
        if price is None:
            return None
        # Where the product is half a cent, the noise of Zipline's price decides.
        before = price if self.was_split else round(price * 100) * 0.01
        return round(before * ratio, 2)

    def to_dict(self) -> dict[str, Any]:
        """Return the order as Zipline shapes it in the perf frame."""
        return {
            "id": self.id,
            "dt": self.dt,
            "reason": self.reason,
            "created": self.created,
            "amount": self.amount,
            "filled": self.filled,
            "commission": self.commission,
            "stop": self.stop,
            "limit": self.limit,
            "stop_reached": self.stop_reached,
            "limit_reached": self.limit_reached,
            "sid": self.asset,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Transaction:
    """Shares that changed hands.

    Parameters
    ----------
    asset
    amount
        Shares; negative when sold.
    dt
        The bar's end, in UTC.
    price
        Currency per share, slippage included, commission not.
    order_id
        None for the closing of an asset that expired.
    """

    asset: Asset
    amount: int
    dt: pd.Timestamp
    price: float
    order_id: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the transaction as Zipline shapes it in the perf frame."""
        return {
            "amount": self.amount,
            "dt": self.dt,
            "price": self.price,
            "order_id": self.order_id,
            "sid": self.asset,
            "commission": None,
        }
