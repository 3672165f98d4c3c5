"""Execution styles: at which prices an order may fill."""

from __future__ import annotations

import math

from holdfast.errors import BadOrderParameters

_TICK = 0.01


class ExecutionStyle:
    """How an order is executed.

    Parameters
    ----------
    limit_price
        The worst price to accept, in currency per share; None for any.
    stop_price
        The price that activates the order; None for at once.

    Raises
    ------
    BadOrderParameters
        When a price is negative or not finite.
    """

    def __init__(
        self,
        limit_price: float | None = None,
        stop_price: float | None = None,
        exchange: str | None = None,
    ) -> None:
        self.limit_price = _check_price("limit", limit_price)
        self.stop_price = _check_price("stop", stop_price)
        self.exchange = exchange

    def get_limit_price(self, is_buy: bool) -> float | None:
        """Return the limit in whole cents: down for a buy, up for a sale."""
        return _to_cents(self.limit_price, down=is_buy)

    def get_stop_price(self, is_buy: bool) -> float | None:
        """Return the stop in whole cents: up for a buy, down for a sale."""
        return _to_cents(self.stop_price, down=not is_buy)


class MarketOrder(ExecutionStyle):
    """Fill at the next bar, at any price."""

    def __init__(self, exchange: str | None = None) -> None:
        super().__init__(exchange=exchange)


class LimitOrder(ExecutionStyle):
    """Fill at `limit_price` or better."""

    def __init__(self, limit_price: float, exchange: str | None = None) -> None:
        super().__init__(limit_price=limit_price, exchange=exchange)


class StopOrder(ExecutionStyle):
    """Become a market order once the price reaches `stop_price`."""

    def __init__(self, stop_price: float, exchange: str | None = None) -> None:
        super().__init__(stop_price=stop_price, exchange=exchange)


class StopLimitOrder(ExecutionStyle):
    """Become a limit order once the price reaches `stop_price`."""

    def __init__(self, limit_price: float, stop_price: float, exchange: str | None = None) -> None:
        super().__init__(limit_price, stop_price, exchange)


def _check_price(label: str, price: float | None) -> float | None:
    if price is None:
        return None
    if not isinstance(price, (int, float)) or not math.isfinite(price) or price < 0:
        raise BadOrderParameters(f"the {label} price is {price!r}; it must be a finite number >= 0")
    return float(price)


def _to_cents(price: float | None, *, down: bool) -> float | None:
    """Round to a cent in the customer's favour, unless the other cent is within 0.05 cents."""
    if price is None:
        return None
    lean = 0.45 * _TICK - 2.2e-15
    cents = (price - lean if down else price + lean) / _TICK
    # Halves away from zero, as exchanges do; Python's own round would go to even. The quotient
    # is the double that 251.89 reads as: a close at the limit meets it. (0.01 * 25189 is above.)
    return math.floor(cents + 0.5) / 100
