"""``context.portfolio`` and ``context.account``: the ledger as a strategy sees it.

Values are computed when they are read.
"""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from holdfast.finance.ledger import Ledger, Positions


class Parameters(Protocol):
    """How the run was started, as far as the portfolio tells it."""

    @property
    def start_session(self) -> pd.Timestamp:
        """The date of the run's first session."""
        ...


class Portfolio:
    """What the strategy owns, in currency."""

    def __init__(self, ledger: Ledger, parameters: Parameters) -> None:
        self._ledger, self._parameters = ledger, parameters

    @property
    def start_date(self) -> pd.Timestamp:
        """The date of the run's first session."""
        return self._parameters.start_session

    @property
    def current_portfolio_weights(self) -> pd.Series:
        """Each position's part of the portfolio's value, by asset; shorts count below zero."""
        worth = {
            asset: held.amount * held.last_sale_price for asset, held in self.positions.items()
        }
        return pd.Series(worth, dtype="float64") / self.portfolio_value

    @property
    def positions(self) -> Positions:
        """Positions by asset; an asset that is not held reads as an empty position."""
        return self._ledger.positions

    @property
    def cash(self) -> float:
        """Cash balance; negative when borrowed."""
        return self._ledger.cash.amount

    @property
    def starting_cash(self) -> float:
        """Cash at the start of the run."""
        return self._ledger.starting_cash

    @property
    def positions_value(self) -> float:
        """Value of all positions; shorts are negative."""
        return self._ledger.exposure().net

    @property
    def positions_exposure(self) -> float:
        """The same as `positions_value`: equities have no leverage of their own."""
        return self._ledger.exposure().net

    @property
    def portfolio_value(self) -> float:
        """Cash plus positions."""
        return self._ledger.portfolio_value

    @property
    def pnl(self) -> float:
        """Gain since the start."""
        return self.portfolio_value - self.starting_cash

    @property
    def returns(self) -> float:
        """Gain since the start, as a fraction of the starting cash."""
        return self.pnl / self.starting_cash

    @property
    def cash_flow(self) -> float:
        """Change of cash since the start."""
        return self.cash - self.starting_cash

    @property
    def capital_used(self) -> float:
        """Zipline's older name for `cash_flow`."""
        return self.cash_flow


class Account:
    """The account figures that follow from the portfolio; no broker sets a limit."""

    accrued_interest = 0.0
    initial_margin_requirement = 0.0
    maintenance_margin_requirement = 0.0
    buying_power = float("inf")
    day_trades_remaining = float("inf")
    regt_margin = float("inf")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def settled_cash(self) -> float:
        """Cash balance."""
        return self._ledger.cash.amount

    available_funds = settled_cash
    excess_liquidity = settled_cash
    regt_equity = settled_cash

    @property
    def equity_with_loan(self) -> float:
        """Cash plus positions."""
        return self._ledger.portfolio_value

    net_liquidation = equity_with_loan

    @property
    def total_positions_value(self) -> float:
        """Value of all positions; shorts are negative."""
        return self._ledger.exposure().net

    total_positions_exposure = total_positions_value

    @property
    def leverage(self) -> float:
        """Gross exposure over portfolio value."""
        return _divide(self._ledger.exposure().gross, self._ledger.portfolio_value)

    gross_leverage = leverage

    @property
    def net_leverage(self) -> float:
        """Net exposure over portfolio value."""
        return _divide(self._ledger.exposure().net, self._ledger.portfolio_value)

    @property
    def cushion(self) -> float:
        """Cash over portfolio value; NaN when the value is 0."""
        value = self._ledger.portfolio_value
        return self._ledger.cash.amount / value if value else float("nan")


def _divide(exposure: float, value: float) -> float:
    return exposure / value if value else float("inf")
