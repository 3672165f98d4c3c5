"""The verb that states a strategy's holdings for all bars at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from holdfast.assets import Asset
from holdfast.context import Context
from holdfast.data.bar_data import BarData
from holdfast.errors import UsageError
from holdfast.finance.ledger import Holding, Ledger
from holdfast.ordering import order_target_percent, order_target_value, place_order
from holdfast.run_setup import in_initialize
from holdfast.simulation import Simulation
from holdfast.target_table import CHANGED, REPEATED, SKIPPED, TargetTable, read_targets
from holdfast.target_times import BarTimes

TargetKind = Literal["shares", "value", "percent"]
KINDS: tuple[TargetKind, ...] = ("shares", "value", "percent")

_NO_SHARE = 0.999  # less than this is not a whole share, however it is rounded


def order_targets(
    targets: Any, kind: TargetKind = "shares", assets: Sequence[Asset | str] | None = None
) -> None:
    """State the holdings of every bar at once, in initialize.

    At each bar, before ``handle_data``, the orders are placed that ``order_target``,
    ``order_target_value`` or ``order_target_percent`` would place for each asset in order of the
    columns: the fills, costs and perf frame are those of a ``handle_data`` that calls them. An
    order fills on the next bars, so a row may use the prices of its own bar. Called again, it adds
    a table, whose orders come after those of the tables before.

    Parameters
    ----------
    targets
        A DataFrame whose columns are symbols or assets, with a row for any of the run's bars: its
        index holds the dates of sessions in daily mode (or their closes, with a time zone), and
        the ends of minutes in minute mode; rows before and after the run are left out. Or a frame
        with ``to_pandas()``, such as Polars', with a column of times, or a row for each bar. Or an
        array of shape (n_bars, n_assets). NaN means no order; so does a bar without a row.
    kind
        ``shares``, ``value`` in currency, or ``percent`` as a fraction: 0.5 is half of the
        portfolio.
    assets
        The columns of an array; by default all of the bundle.

    Raises
    ------
    UsageError
        When the shape is wrong, a time is not that of a bar of the run, or a value is infinite.
    SymbolNotFound
        When the bundle holds no such symbol.

    See Also
    --------
    holdfast.ordering.order_target

    Examples
    --------
    >>> order_targets(closes.rolling(50).mean().lt(closes) * 100)  # doctest: +SKIP
    """
    simulation = in_initialize("order_targets")
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; choose 'shares', 'value' or 'percent'")
    times = BarTimes.of_run(simulation.parameters)
    table = read_targets(targets, assets, simulation.finder, times)
    placer = TargetPlacer(simulation, table, times.first, kind)
    simulation.placers.append(placer.place_shares if kind == "shares" else placer.place_worth)


@dataclass(slots=True)
class TargetPlacer:
    """Places the orders of a table, bar by bar.

    Parameters
    ----------
    simulation
        The run.
    table
        The targets.
    first
        Row of the run's first bar.
    kind
        What a target counts.
    """

    simulation: Simulation
    table: TargetTable
    first: int
    kind: TargetKind
    _cells: list[tuple[Asset, float]] = field(init=False, default_factory=list)
    _states: bytes = field(init=False)
    _ledger: Ledger = field(init=False)
    _settled: tuple[Holding, ...] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._states, self._ledger = self.table.states, self.simulation.ledger

    def place_shares(self, context: Context, data: BarData) -> None:
        """Order the differences of the current bar's shares to what is held."""
        bar = data.row - self.first
        state = self._states[bar]
        # The same tuple until a position changes: what was held then is still held now.
        if state == SKIPPED or (state == REPEATED and self._ledger.holdings() is self._settled):
            return
        if state == CHANGED:
            self._cells = self.table.read_bar(bar)
        simulation, ledger = self.simulation, self._ledger
        limited, settled = bool(simulation.trading_controls), True
        positions = ledger.positions
        for asset, target in self._cells:
            held = positions.get(asset)
            difference = target if held is None else target - held.amount
            if difference or limited:  # a trading control counts an order for no shares, too
                settled = False
                place_order(simulation, asset, difference)
        self._settled = ledger.holdings() if settled else None

    def place_worth(self, context: Context, data: BarData) -> None:
        """Order the differences of the current bar's values to what is held."""
        simulation, bar = self.simulation, data.row - self.first
        state = self._states[bar]
        if state == SKIPPED:
            return
        if state == CHANGED:
            self._cells = self.table.read_bar(bar)
        ledger, price_of = self._ledger, simulation.portal.price
        positions, limited = ledger.positions, bool(simulation.trading_controls)
        # No order fills while orders are placed: the portfolio's value is one for all of them.
        unit = ledger.portfolio_value if self.kind == "percent" else 1.0
        for asset, target in self._cells:
            price = price_of(asset, data.row, data.session)
            if price != price:  # NaN: the asset is not alive, or did not trade yet
                self._place_without_price(asset, target)
                continue
            shares, held = unit * target / price, positions.get(asset)
            difference = shares if held is None else shares - held.amount
            if limited or not -_NO_SHARE < difference < _NO_SHARE:
                place_order(simulation, asset, difference)

    def _place_without_price(self, asset: Asset, target: float) -> None:
        """Leave it to the verb to raise or to warn."""
        verb = order_target_percent if self.kind == "percent" else order_target_value
        verb(asset, target)
