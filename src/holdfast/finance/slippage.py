"""Slippage models: how much of an order fills in a bar, and at what price."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from holdfast.errors import NotSupported, TransactionWithNoAmount, UsageError
from holdfast.finance.orders import Order, Transaction, stored

if TYPE_CHECKING:
    from holdfast.assets import Asset
    from holdfast.data.bar_data import BarData

Fill = tuple[float | None, float | None]


class LiquidityExceeded(Exception):
    """Raised by a model when the bar's volume is used up."""


class SlippageModel(ABC):
    """Base of the models; a model of your own overrides `process_order`.

    Attributes
    ----------
    volume_for_bar : int
        Shares of the asset that were filled so far in the current bar.
    """

    def __init__(self) -> None:
        self.volume_for_bar = 0

    @abstractmethod
    def process_order(self, data: BarData, order: Order) -> Fill:
        """Return (price, shares) for an order; (None, None) for no fill in this bar.

        Parameters
        ----------
        data
            The market in the bar that fills.
        order
            With open shares, its stop and limit reached.

        Raises
        ------
        LiquidityExceeded
            When no order of this asset can fill in this bar any more.
        """

    def simulate(
        self, data: BarData, asset: Asset, orders: Iterable[Order]
    ) -> Iterator[tuple[Order, Transaction]]:
        """Yield the fills of one asset's orders in the current bar, in order of placement.

        Nothing fills in a bar without volume or without a close.
        """
        self.volume_for_bar = 0
        price = data.current(asset, "close")
        if data.current(asset, "volume") == 0 or math.isnan(price):
            return
        dt = data.current_dt
        for order in orders:
            if order.open_amount == 0:
                continue
            order.check_triggers(price, dt)
            if not order.triggered:
                continue
            try:
                fill_price, shares = self.process_order(data, order)
            except LiquidityExceeded:
                return
            if fill_price is None:
                continue
            if shares is None or not abs(shares) >= 1:
                raise TransactionWithNoAmount(
                    f"{self!r} filled {shares} shares of {asset.symbol}: at least 1 makes a "
                    f"transaction (process_order returns None, None for no fill)"
                )
            transaction = Transaction(asset, int(shares), dt, float(fill_price), order.id)
            self.volume_for_bar += abs(transaction.amount)
            yield order, transaction

    def __repr__(self) -> str:
        return _describe(self, without="volume_for_bar")


EquitySlippageModel = SlippageModel  # Zipline's name for a base that takes no futures


class NoSlippage(SlippageModel):
    """Fill all of an order at the close."""

    def process_order(self, data: BarData, order: Order) -> Fill:
        """Fill all that is open at the close."""
        return data.current(order.asset, "close"), order.open_amount


class FixedSlippage(SlippageModel):
    """Fill all of an order at the close, half of a fixed spread away.

    Parameters
    ----------
    spread
        In currency per share.
    """

    def __init__(self, spread: float = 0.0) -> None:
        super().__init__()
        self.spread = spread

    def process_order(self, data: BarData, order: Order) -> Fill:
        """Fill all that is open at the close, plus or minus half the spread."""
        price = data.current(order.asset, "close") + self.spread / 2.0 * order.direction
        return price, order.open_amount


class FixedBasisPointsSlippage(SlippageModel):
    """Fill up to a share of the bar's volume, a fixed part of the price away: the default.

    Parameters
    ----------
    basis_points
        Hundredths of a percent of the price, >= 0.
    volume_limit
        Part of the bar's volume that may fill, > 0.
    """

    def __init__(self, basis_points: float = 5.0, volume_limit: float = 0.1) -> None:
        super().__init__()
        if basis_points < 0:
            raise UsageError(f"basis_points is {basis_points}; it must be >= 0")
        if volume_limit <= 0:
            raise UsageError(f"volume_limit is {volume_limit}; it must be > 0")
        self.basis_points = basis_points
        self.volume_limit = volume_limit

    def process_order(self, data: BarData, order: Order) -> Fill:
        """Fill what the volume limit leaves, `basis_points` away from the close."""
        most = int(self.volume_limit * data.current(order.asset, "volume"))
        shares = min(abs(order.open_amount), most - self.volume_for_bar)
        if shares <= 0:
            raise LiquidityExceeded
        price = data.current(order.asset, "close")
        shift = price * (self.basis_points / 10000.0 * order.direction)
        return price + shift, shares * order.direction


class VolumeShareSlippage(SlippageModel):
    """Fill up to a share of the bar's volume; the price moves with that share squared.

    Parameters
    ----------
    volume_limit
        Part of the bar's volume that may fill.
    price_impact
        The price moves by ``price_impact * share**2``, as a part of itself.
    """

    def __init__(self, volume_limit: float = 0.025, price_impact: float = 0.1) -> None:
        super().__init__()
        self.volume_limit = volume_limit
        self.price_impact = price_impact

    def process_order(self, data: BarData, order: Order) -> Fill:
        """Fill what the volume limit leaves, unless the impact breaks the order's limit."""
        volume = data.current(order.asset, "volume")
        left = self.volume_limit * volume - self.volume_for_bar
        if left < 1:
            raise LiquidityExceeded
        shares = int(min(left, abs(order.open_amount)))
        if shares < 1:
            return None, None
        share = min((self.volume_for_bar + shares) / volume, self.volume_limit)
        price = data.current(order.asset, "close")
        if order.was_split:
            price = stored(price)
        price += share**2 * math.copysign(self.price_impact, order.direction) * price
        if _is_worse_than_limit(price, order):
            return None, None
        return price, math.copysign(shares, order.direction)


class FutureSlippageModel(SlippageModel):
    """Base of the models for futures, which no bundle holds: they are set, and never asked."""

    def process_order(self, data: BarData, order: Order) -> Fill:
        """Raise: there is no future to fill."""
        raise NotSupported(f"{self!r} fills futures, and a bundle holds equities only")


class VolatilityVolumeShare(FutureSlippageModel):
    """Zipline's default for futures; ``set_slippage(us_futures=...)`` takes it.

    Parameters
    ----------
    volume_limit
        Part of the bar's volume that may fill.
    eta
        The price impact's factor, or one for each root symbol.
    """

    def __init__(self, volume_limit: float, eta: float | Mapping[str, float] = 0.049) -> None:
        super().__init__()
        self.volume_limit = volume_limit
        self.eta = eta


def _is_worse_than_limit(price: float, order: Order) -> bool:
    if order.limit is None:
        return False
    return price > order.limit if order.amount > 0 else price < order.limit


def _describe(model: object, without: str) -> str:
    settings = {k: v for k, v in vars(model).items() if k != without and not k.startswith("_")}
    text = ", ".join(f"{name}={value!r}" for name, value in settings.items())
    return f"{type(model).__name__}({text})"
