"""Cash balances: exact decimals, or floats."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Literal, Protocol

from holdfast.errors import UsageError

LedgerKind = Literal["decimal", "float"]

# A sum or product of doubles as they are printed needs fewer digits than this, so nothing is
# ever rounded. The precision costs nothing: an operation takes as long as its digits need.
_EXACT = Context(prec=2000)


class Cash(Protocol):
    """A balance in currency that may go below zero.

    Attributes
    ----------
    amount : float
        The balance, to the nearest double.
    """

    amount: float

    def receive(self, amount: float) -> None:
        """Add `amount`, which may be negative."""
        ...

    def buy(self, shares: int, price: float) -> None:
        """Pay for shares; negative shares are sold."""
        ...


class DecimalCash:
    """An exact balance: a price of 10.1 counts as the decimal number 10.1.

    Parameters
    ----------
    balance
        To start with.

    Attributes
    ----------
    balance : Decimal
        The exact balance.
    amount : float
        The same to the nearest double; computed when money moves, for it is read at every bar.
    """

    __slots__ = ("amount", "balance")

    def __init__(self, balance: float) -> None:
        self._set_balance(to_decimal(balance))

    def receive(self, amount: float) -> None:
        """Add `amount`, which may be negative."""
        self._set_balance(_EXACT.add(self.balance, to_decimal(amount)))

    def buy(self, shares: int, price: float) -> None:
        """Pay for shares; negative shares are sold."""
        self._set_balance(_EXACT.fma(-shares, to_decimal(price), self.balance))

    def _set_balance(self, balance: Decimal) -> None:
        self.balance = balance
        self.amount = float(balance)


class FloatCash:
    """A balance in double precision.

    Parameters
    ----------
    balance
        To start with.
    """

    __slots__ = ("amount",)

    def __init__(self, balance: float) -> None:
        self.amount = float(balance)

    def receive(self, amount: float) -> None:
        """Add `amount`, which may be negative."""
        self.amount += amount

    def buy(self, shares: int, price: float) -> None:
        """Pay for shares; negative shares are sold."""
        self.amount -= shares * price


def to_decimal(number: float) -> Decimal:
    """Return the decimal number that a float prints as."""
    return Decimal(repr(float(number)))


def make_cash(kind: LedgerKind, balance: float) -> Cash:
    """Return a balance of one kind.

    Raises
    ------
    UsageError
        When the kind is unknown.
    """
    if kind == "decimal":
        return DecimalCash(balance)
    if kind == "float":
        return FloatCash(balance)
    raise UsageError(f"ledger is {kind!r}; choose 'decimal' or 'float'")
