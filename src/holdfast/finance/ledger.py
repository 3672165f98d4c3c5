"""The ledger: positions, cash and their value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import trunc
from typing import NamedTuple

import pandas as pd

from holdfast.assets import Asset
from holdfast.finance.cash import Cash
from holdfast.finance.orders import Transaction

PriceLookup = Callable[[Asset], float]
Now = Callable[[], pd.Timestamp]
Moment = Callable[[], object]


def _never() -> pd.Timestamp:
    """Stand in for a clock where none is needed."""
    return pd.NaT  # type: ignore[return-value]


class Position:
    """Shares of one asset.

    Parameters
    ----------
    asset
    get_price
        Asks for an asset's last known price.
    now
        Asks for the time.

    Attributes
    ----------
    amount : int
        Shares held; negative when short.
    cost_basis : float
        Average price paid per share, commission included.
    """

    __slots__ = ("_now", "_price_of", "amount", "asset", "cost_basis")

    def __init__(self, asset: Asset, get_price: PriceLookup, now: Now = _never) -> None:
        self.asset = asset
        self.amount = 0
        self.cost_basis = 0.0
        self._price_of, self._now = get_price, now

    @property
    def sid(self) -> Asset:
        """Zipline's older name for `asset`."""
        return self.asset

    @property
    def last_sale_price(self) -> float:
        """The asset's last known price, in currency per share."""
        return self._price_of(self.asset)

    @property
    def last_sale_date(self) -> pd.Timestamp:
        """When `last_sale_price` was looked up: now, as positions are priced at every bar."""
        return self._now()

    def trade(self, amount: int, price: float) -> None:
        """Add shares bought or sold at a price."""
        total = self.amount + amount
        if total == 0:
            self.cost_basis = 0.0
        elif (self.amount >= 0) == (amount > 0):
            self.cost_basis = (self.cost_basis * self.amount + amount * price) / total
        elif abs(amount) > abs(self.amount):  # from long to short, or back
            self.cost_basis = price
        self.amount = total

    def charge(self, cost: float) -> None:
        """Add a commission to the cost of the shares held."""
        if self.amount:
            self.cost_basis += cost / self.amount

    def split(self, ratio: float) -> float:
        """Divide the shares by a ratio; return the cash paid for the fraction left over."""
        shares = self.amount / ratio
        self.amount = trunc(shares)
        self.cost_basis = round(self.cost_basis * ratio, 2)
        return round((shares - self.amount) * self.cost_basis, 2)

    def __repr__(self) -> str:
        return f"Position({self.asset}, amount={self.amount}, cost_basis={self.cost_basis})"


class Holding(NamedTuple):
    """A position as it was at a session's end."""

    asset: Asset
    amount: int
    cost_basis: float


class Positions(dict[Asset, Position]):
    """Positions by asset; an asset that is not held reads as an empty position."""

    def __init__(self, get_price: PriceLookup, now: Now = _never) -> None:
        super().__init__()
        self._price_of, self._now = get_price, now

    def __missing__(self, asset: Asset) -> Position:
        return Position(asset, self._price_of, self._now)


@dataclass(frozen=True, slots=True)
class Exposure:
    """The value of the positions, in currency; shorts are negative."""

    long_value: float
    short_value: float

    @property
    def net(self) -> float:
        """Longs less shorts."""
        return self.long_value + self.short_value

    @property
    def gross(self) -> float:
        """Longs plus shorts."""
        return self.long_value - self.short_value


@dataclass(slots=True)
class Ledger:
    """Positions and cash.

    Parameters
    ----------
    cash
        The balance to start with.
    get_price
        Asks for an asset's last known price.
    now
        Asks for the time.
    moment
        Asks which bar the prices are of: while the answer stays equal, so do the prices. By
        default it never does.

    Attributes
    ----------
    dividends : float
        Paid as the current session opened, in currency.
    """

    cash: Cash
    get_price: PriceLookup
    now: Now = _never
    moment: Moment = object
    positions: Positions = field(init=False)
    starting_cash: float = field(init=False)
    dividends: float = field(init=False, default=0.0)
    _unpaid: dict[int, list[float]] = field(init=False, default_factory=dict)
    _holdings: tuple[Holding, ...] | None = field(init=False, default=())
    _exposure: Exposure = field(init=False, default=Exposure(0.0, 0.0))
    _exposed_at: object = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.positions = Positions(self.get_price, self.now)
        self.starting_cash = self.cash.amount

    def apply(self, transaction: Transaction) -> None:
        """Book a fill."""
        asset, amount, price = transaction.asset, transaction.amount, transaction.price
        self.cash.buy(amount, price)
        position = self.positions[asset]
        position.trade(amount, price)
        self._store(position)

    def charge(self, asset: Asset, cost: float) -> None:
        """Book a commission."""
        self.cash.receive(-cost)
        self.positions[asset].charge(cost)
        self._holdings = None

    def apply_split(self, asset: Asset, ratio: float) -> None:
        """Divide a position by a split's ratio; the fraction of a share is paid in cash."""
        if asset in self.positions:
            position = self.positions[asset]
            self.cash.receive(position.split(ratio))
            self._store(position)

    def earn_dividend(self, asset: Asset, cash: float, pay_session: int) -> None:
        """Record a dividend that a position earned, in cash per share; a short position owes it."""
        if asset in self.positions:
            owed = self.positions[asset].amount * cash
            self._unpaid.setdefault(pay_session, []).append(owed)

    def pay_dividends(self, session: int) -> None:
        """Pay what was earned with `session` as its pay-date."""
        paid = self._unpaid.pop(session, ())
        for owed in paid:
            self.cash.receive(owed)
        self.dividends = sum(paid)

    def _store(self, position: Position) -> None:
        self._holdings = self._exposed_at = None
        if position.amount:
            self.positions[position.asset] = position
        else:
            self.positions.pop(position.asset, None)

    def holdings(self) -> tuple[Holding, ...]:
        """Return the positions as they are now: the same tuple until one changes."""
        if self._holdings is None:
            held = self.positions.values()
            self._holdings = tuple(Holding(p.asset, p.amount, p.cost_basis) for p in held)
        return self._holdings

    def exposure(self) -> Exposure:
        """Return the value of the positions at their last known prices."""
        # Every order for a percentage asks for it; within a bar it changes with fills alone.
        moment = self.moment()
        if moment != self._exposed_at:
            self._exposure, self._exposed_at = self._compute_exposure(), moment
        return self._exposure

    def _compute_exposure(self) -> Exposure:
        long_value = short_value = 0.0
        for held in self.positions.values():
            value = held.amount * held.last_sale_price
            if held.amount > 0:
                long_value += value
            else:
                short_value += value
        return Exposure(long_value, short_value)

    @property
    def portfolio_value(self) -> float:
        """Cash plus positions, in currency."""
        return self.cash.amount + self.exposure().net
