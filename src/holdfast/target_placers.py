"""Placers turn the rows of a target table into orders, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass, field

from holdfast.assets import Asset
from holdfast.context import Context
from holdfast.data.bar_data import BarData
from holdfast.finance.ledger import Holding
from holdfast.ordering import order_target_percent, order_target_value, place_order
from holdfast.simulation import Simulation
from holdfast.target_table import CHANGED, REPEATED, SKIPPED, TargetTable

_NO_SHARE = 0.999  # less than this is not a whole share, however it is rounded


@dataclass(slots=True)
class SharesPlacer:
    """Orders the differences of a table's shares to what is held.

    Parameters
    ----------
    simulation
        The run.
    table
        The targets.
    first
        Row of the run's first bar.
    """

    simulation: Simulation
    table: TargetTable
    first: int
    _cells: list[tuple[Asset, float]] = field(init=False, default_factory=list)
    _settled: tuple[Holding, ...] | None = field(init=False, default=None)

    def place(self, context: Context, data: BarData) -> None:
        """Place the orders of the current bar."""
        simulation, ledger = self.simulation, self.simulation.ledger
        bar = data.row - self.first
        state = self.table.states[bar]
        # The same tuple until a position changes: what was held then is still held now.
        if state == SKIPPED or (state == REPEATED and ledger.holdings() is self._settled):
            return
        if state == CHANGED:
            self._cells = self.table.read_bar(bar)
        limited, settled = bool(simulation.trading_controls), True
        positions = ledger.positions
        for asset, target in self._cells:
            held = positions.get(asset)
            difference = target if held is None else target - held.amount
            if difference or limited:  # a trading control counts an order for no shares, too
                settled = False
                place_order(simulation, asset, difference)
        self._settled = ledger.holdings() if settled else None

    def find_next(self, row: int) -> int | None:
        """Return the next row, from `row` on, with other shares than are held; None for none."""
        settled = self.simulation.ledger.holdings() is self._settled
        found = self.table.find_next(row - self.first, repeated=not settled)
        return None if found is None else found + self.first


@dataclass(slots=True)
class WorthPlacer:
    """Orders the differences of a table's values, or parts of the portfolio, to what is held.

    Parameters
    ----------
    simulation
        The run.
    table
        The targets.
    first
        Row of the run's first bar.
    percent
        Whether a target is a part of the portfolio; else it is a value in currency.
    """

    simulation: Simulation
    table: TargetTable
    first: int
    percent: bool
    _cells: list[tuple[Asset, float]] = field(init=False, default_factory=list)

    def place(self, context: Context, data: BarData) -> None:
        """Place the orders of the current bar."""
        simulation, bar = self.simulation, data.row - self.first
        state = self.table.states[bar]
        if state == SKIPPED:
            return
        if state == CHANGED:
            self._cells = self.table.read_bar(bar)
        ledger, price_of = simulation.ledger, simulation.portal.price
        positions, limited = ledger.positions, bool(simulation.trading_controls)
        # No order fills while orders are placed: the portfolio's value is one for all of them.
        unit = ledger.portfolio_value if self.percent else 1.0
        for asset, target in self._cells:
            price = price_of(asset, data.row, data.session)
            if price != price:  # NaN: the asset is not alive, or did not trade yet
                self._place_without_price(asset, target)
                continue
            shares, held = unit * target / price, positions.get(asset)
            difference = shares if held is None else shares - held.amount
            if limited or not -_NO_SHARE < difference < _NO_SHARE:
                place_order(simulation, asset, difference)

    def find_next(self, row: int) -> int | None:
        """Return the next row, from `row` on, with a target: prices change its shares."""
        found = self.table.find_next(row - self.first, repeated=True)
        return None if found is None else found + self.first

    def _place_without_price(self, asset: Asset, target: float) -> None:
        """Leave it to the verb to raise or to warn."""
        verb = order_target_percent if self.percent else order_target_value
        verb(asset, target)
