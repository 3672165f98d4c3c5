"""Limits that a strategy sets for itself: on each order, or on the account at a session's end."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import Literal

import pandas as pd

from holdfast.assets import Asset
from holdfast.data.bar_data import BarData
from holdfast.errors import AccountControlViolation, BadLimit, TradingControlViolation
from holdfast.finance.asset_restrictions import Restrictions
from holdfast.finance.portfolio import Account, Portfolio

OnError = Literal["fail", "log"]

log = logging.getLogger("holdfast")


@dataclass(slots=True)
class TradingControl(ABC):
    """A limit that every order is held to, before it is placed.

    Parameters
    ----------
    on_error
        ``fail`` raises, ``log`` writes an error to the log and lets the order pass.
    """

    on_error: OnError = field(kw_only=True, default="fail")

    def __post_init__(self) -> None:
        if self.on_error not in ("fail", "log"):
            raise BadLimit(f"on_error is {self.on_error!r}; choose 'fail' or 'log'")

    @abstractmethod
    def validate(
        self, asset: Asset, amount: float, portfolio: Portfolio, dt: pd.Timestamp, data: BarData
    ) -> None:
        """Raise or log the violation when an order for `amount` shares is beyond the limit."""

    def handle_violation(self, asset: Asset, amount: float, dt: pd.Timestamp) -> None:
        """Raise, or write to the log, that an order is beyond the limit.

        Raises
        ------
        TradingControlViolation
            When `on_error` is ``fail``.
        """
        text = f"an order for {amount} shares of {asset.symbol} at {dt} is beyond {self._limit()}"
        if self.on_error == "fail":
            raise TradingControlViolation(text)
        log.error(text)

    def _limit(self) -> str:
        shown = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        shown.pop("on_error")
        limits = [f"{name}={_show(value)}" for name, value in shown.items() if value is not None]
        return f"{type(self).__name__}({', '.join(limits)})"


@dataclass(slots=True)
class MaxOrderCount(TradingControl):
    """At most so many orders a day."""

    max_count: int
    _placed: int = field(init=False, default=0)
    _date: object = field(init=False, default=None)

    def validate(
        self, asset: Asset, amount: float, portfolio: Portfolio, dt: pd.Timestamp, data: BarData
    ) -> None:
        """Count the orders of the day; an order for no shares counts."""
        if self._date != dt.date():
            self._date, self._placed = dt.date(), 0
        if self._placed >= self.max_count:
            self.handle_violation(asset, amount, dt)
        self._placed += 1


@dataclass(slots=True)
class RestrictedListOrder(TradingControl):
    """No orders for restricted assets."""

    restrictions: Restrictions

    def validate(
        self, asset: Asset, amount: float, portfolio: Portfolio, dt: pd.Timestamp, data: BarData
    ) -> None:
        """Ask whether the asset is restricted now."""
        if self.restrictions.is_restricted(asset, dt):
            self.handle_violation(asset, amount, dt)


@dataclass(slots=True)
class _Size(TradingControl):
    """A limit in shares, in currency, or both; of one asset, or of each."""

    asset: Asset | None = None
    max_shares: float | None = None
    max_notional: float | None = None

    def __post_init__(self) -> None:
        # A dataclass with slots is made anew, which super() without arguments does not find.
        TradingControl.__post_init__(self)
        if self.max_shares is None and self.max_notional is None:
            raise BadLimit(f"{type(self).__name__} needs max_shares=, max_notional= or both")
        for name in ("max_shares", "max_notional"):
            if (getattr(self, name) or 0) < 0:
                raise BadLimit(f"{name} is {getattr(self, name)}; it must not be negative")

    def _check(
        self, asset: Asset, amount: float, shares: float, dt: pd.Timestamp, data: BarData
    ) -> None:
        if self.max_shares is not None and abs(shares) > self.max_shares:
            self.handle_violation(asset, amount, dt)
        if self.max_notional is not None:
            value = shares * data.current(asset, "price")
            if abs(value) > self.max_notional:
                self.handle_violation(asset, amount, dt)


@dataclass(slots=True)
class MaxOrderSize(_Size):
    """No order beyond so many shares, or so much money."""

    def validate(
        self, asset: Asset, amount: float, portfolio: Portfolio, dt: pd.Timestamp, data: BarData
    ) -> None:
        """Look at the order's own size."""
        if self.asset is None or self.asset == asset:
            self._check(asset, amount, amount, dt, data)


@dataclass(slots=True)
class MaxPositionSize(_Size):
    """No order that would make a position beyond so many shares, or so much money."""

    def validate(
        self, asset: Asset, amount: float, portfolio: Portfolio, dt: pd.Timestamp, data: BarData
    ) -> None:
        """Look at the position as it would be; other open orders do not count."""
        if self.asset is None or self.asset == asset:
            self._check(asset, amount, portfolio.positions[asset].amount + amount, dt, data)


@dataclass(slots=True)
class LongOnly(TradingControl):
    """No order that would make a position short."""

    def validate(
        self, asset: Asset, amount: float, portfolio: Portfolio, dt: pd.Timestamp, data: BarData
    ) -> None:
        """Look at the position as it would be; other open orders do not count."""
        if portfolio.positions[asset].amount + amount < 0:
            self.handle_violation(asset, amount, dt)


class AccountControl(ABC):
    """A limit that the account is held to at each session's end."""

    @abstractmethod
    def validate(self, account: Account, dt: pd.Timestamp) -> None:
        """Raise AccountControlViolation when the account is beyond the limit."""


@dataclass(frozen=True, slots=True)
class MaxLeverage(AccountControl):
    """Gross exposure over portfolio value is at most so much."""

    max_leverage: float

    def __post_init__(self) -> None:
        if self.max_leverage is None or self.max_leverage < 0:
            raise BadLimit(f"max_leverage is {self.max_leverage}; it must be a number >= 0")

    def validate(self, account: Account, dt: pd.Timestamp) -> None:
        """Compare the leverage now."""
        if account.leverage > self.max_leverage:
            raise AccountControlViolation(
                f"leverage is {account.leverage:.4g} on {dt.date()}; "
                f"set_max_leverage() allows {self.max_leverage}"
            )


@dataclass(frozen=True, slots=True)
class MinLeverage(AccountControl):
    """Gross exposure over portfolio value is at least so much, from a deadline on."""

    min_leverage: float
    deadline: pd.Timestamp

    def __post_init__(self) -> None:
        if not self.min_leverage >= 0:
            raise BadLimit(f"min_leverage is {self.min_leverage}; it must be a number >= 0")

    def validate(self, account: Account, dt: pd.Timestamp) -> None:
        """Compare the leverage once the deadline is over."""
        if dt > self.deadline.tz_localize(dt.tzinfo) and account.leverage < self.min_leverage:
            raise AccountControlViolation(
                f"leverage is {account.leverage:.4g} on {dt.date()}; "
                f"set_min_leverage() asks for {self.min_leverage} from {self.deadline.date()} on"
            )


def _show(value: object) -> str:
    if isinstance(value, Restrictions):
        return type(value).__name__
    return value.symbol if isinstance(value, Asset) else repr(value)
