"""Commission models: what the broker charges for a fill."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from holdfast.errors import NotSupported
from holdfast.finance.orders import Order, Transaction


class CommissionModel(ABC):
    """Base of the models; a model of your own overrides `calculate`."""

    @abstractmethod
    def calculate(self, order: Order, transaction: Transaction) -> float:
        """Return the commission for one fill, in currency.

        Parameters
        ----------
        order
            As it was before this fill: ``order.commission`` is what was paid so far.
        transaction
            The fill.
        """

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


EquityCommissionModel = CommissionModel  # Zipline's name for a base that takes no futures


class NoCommission(CommissionModel):
    """Free trading."""

    def calculate(self, order: Order, transaction: Transaction) -> float:
        """Return 0."""
        return 0.0


class PerShare(CommissionModel):
    """A cost per share with a minimum per order: the default, without a minimum.

    Parameters
    ----------
    cost
        Currency per share.
    min_trade_cost
        Currency per order; None for none.
    """

    def __init__(self, cost: float = 0.001, min_trade_cost: float | None = 0.0) -> None:
        self.cost_per_share = float(cost)
        self.min_trade_cost = min_trade_cost or 0.0

    def calculate(self, order: Order, transaction: Transaction) -> float:
        """Return the cost of the shares, topped up to the minimum once per order."""
        cost = abs(transaction.amount * self.cost_per_share)
        if order.commission == 0:
            return max(self.min_trade_cost, cost)
        total = abs(order.filled * self.cost_per_share) + cost
        return total - order.commission if total >= self.min_trade_cost else 0.0


class PerTrade(CommissionModel):
    """A fixed cost per order, charged at its first fill.

    Parameters
    ----------
    cost
        Currency per order.
    """

    def __init__(self, cost: float = 0.0) -> None:
        self.cost = float(cost)

    def calculate(self, order: Order, transaction: Transaction) -> float:
        """Return the cost at the first fill, nothing later."""
        return self.cost if order.commission == 0 else 0.0


class PerDollar(CommissionModel):
    """A fraction of the traded value.

    Parameters
    ----------
    cost
        Currency per unit of currency traded.
    """

    def __init__(self, cost: float = 0.0015) -> None:
        self.cost_per_dollar = float(cost)

    def calculate(self, order: Order, transaction: Transaction) -> float:
        """Return the fraction of the traded value."""
        return abs(transaction.amount) * transaction.price * self.cost_per_dollar


class FutureCommissionModel(CommissionModel):
    """Base of the models for futures, which no bundle holds: they are set, and never asked."""

    def calculate(self, order: Order, transaction: Transaction) -> float:
        """Raise: there is no future to pay for."""
        raise NotSupported(f"{self!r} is for futures, and a bundle holds equities only")


class PerContract(FutureCommissionModel):
    """Zipline's default for futures; ``set_commission(us_futures=...)`` takes it.

    Parameters
    ----------
    cost
        Currency per contract, or that for each root symbol.
    exchange_fee
        Currency per order, or that for each root symbol.
    min_trade_cost
        Currency per order at least.
    """

    def __init__(
        self,
        cost: float | Mapping[str, float],
        exchange_fee: float | Mapping[str, float],
        min_trade_cost: float | None = 0.0,
    ) -> None:
        self.cost = cost
        self.exchange_fee = exchange_fee
        self.min_trade_cost = min_trade_cost or 0.0
