"""Sums up a run of a target table in one pass over arrays, where every order fills at once.

An order fills wholly on the next bar when the asset trades there and no limit of volume cuts it:
the holdings are then the table's, a bar later. The money goes through the ledger's own cash,
fill by fill, so that the figures are those of the event loop to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.data.bars import Floats
from holdfast.finance.cancel_policy import NeverCancel
from holdfast.finance.cash import DecimalCash
from holdfast.finance.commission import NoCommission, PerDollar, PerShare, PerTrade
from holdfast.finance.figures import Money, compute_figures
from holdfast.finance.metrics import sum_up
from holdfast.finance.orders import Order, Transaction
from holdfast.finance.slippage import (
    FixedBasisPointsSlippage,
    FixedSlippage,
    NoSlippage,
    SlippageModel,
)
from holdfast.simulation import Simulation
from holdfast.sweep.prices import Prices
from holdfast.target_placers import SharesPlacer
from holdfast.target_table import TargetTable

_SLIPPAGE = (NoSlippage, FixedSlippage, FixedBasisPointsSlippage)
_COMMISSION = (NoCommission, PerShare, PerTrade, PerDollar)
_MOST_CENTS = 2.0**53  # beyond, doubles are not exact
_MOST_SHARES = 10**11  # as of the blotter

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fills:
    """Orders that fill wholly, in the order in which they do.

    Parameters
    ----------
    bars : (n,) int64
        Of the run, by number, at which each fills.
    columns : (n,) int64
        The asset of each, as a column of the table.
    amounts : (n,) float64
        Whole shares, negative when sold.
    prices : (n,) float64
        Slippage included.
    """

    bars: Integers
    columns: Integers
    amounts: Floats
    prices: Floats


def sum_up_at_once(simulation: Simulation, prices: Prices) -> dict[str, Any] | None:
    """Return the summary of a run that has been initialized, without running it.

    Parameters
    ----------
    simulation
        Whose ``initialize`` has run, and nothing else.
    prices
        Of the run.

    Returns
    -------
    dict or None
        None when anything of it needs the event loop.
    """
    if not _has_one_table_and_nothing_else(simulation):
        return None
    (placer,) = simulation.placers
    assert isinstance(placer, SharesPlacer)
    columns = prices.find_whole(placer.table.assets)
    if columns is None or _is_adjusted(simulation):
        return None
    fills = _find_fills(placer.table, prices, columns, simulation.blotter.slippage)
    if fills is None:
        return None
    return _sum_up(simulation, prices, columns, fills)


def _has_one_table_and_nothing_else(simulation: Simulation) -> bool:
    blotter, strategy = simulation.blotter, simulation.strategy
    called = strategy.handle_data, strategy.before_trading_start, simulation.pipelines
    limits = simulation.schedule.due, simulation.trading_controls, simulation.account_controls
    return (
        len(simulation.placers) == 1
        and type(simulation.placers[0]) is SharesPlacer
        and called == (None, None, None)
        and not any(limits)
        and type(blotter.slippage) in _SLIPPAGE
        and type(blotter.commission) in _COMMISSION
        and type(blotter.cancel_policy) is NeverCancel
        and not simulation.portal.minute_mode
    )


def _is_adjusted(simulation: Simulation) -> bool:
    """Whether a split or dividend falls into the run."""
    parameters = simulation.parameters
    adjusted = simulation.portal.adjustments.sessions
    return any(parameters.first <= session <= parameters.last for session in adjusted)


def _find_fills(
    table: TargetTable, prices: Prices, columns: Integers, slippage: SlippageModel
) -> Fills | None:
    """Return the fills of a table; None when a target or a bar needs more than arithmetic."""
    if not _are_whole(table.values):
        return None
    bars = np.repeat(np.arange(len(table.states)), np.diff(table.starts))
    order = np.lexsort((bars, table.columns))
    by_asset, targets = table.columns[order], table.values[order]
    before = np.concatenate([[0.0], targets[:-1]])
    before[np.flatnonzero(np.diff(by_asset, prepend=-1))] = 0.0  # an asset's first
    amounts = targets - before
    placed = np.flatnonzero((amounts != 0) & (bars[order] + 1 < len(table.states)))
    turns = placed[np.argsort(order[placed])]  # by bar, and in each by column
    at, own = bars[order][turns] + 1, by_asset[turns].astype(np.int64)
    rows, wanted = at + prices.first, amounts[turns]
    closes, volumes = prices.arrays["close"], prices.arrays["volume"]
    volume = volumes[rows, columns[own]]
    if (volume == 0).any():
        return None
    filled = _compute_prices(slippage, closes[rows, columns[own]], volume, wanted)
    return None if filled is None else Fills(at, own, wanted, filled)


def _are_whole(values: Floats) -> bool:
    return bool(((values == np.rint(values)) & (np.abs(values) < _MOST_SHARES / 2)).all())


def _compute_prices(
    slippage: SlippageModel, closes: Floats, volumes: Floats, amounts: Floats
) -> Floats | None:
    """Return what each fill costs per share; None when the bar's volume limits one."""
    direction = np.where(amounts > 0, 1.0, -1.0)
    match slippage:
        case NoSlippage():
            return closes
        case FixedSlippage():
            return np.asarray(closes + slippage.spread / 2.0 * direction)
        case FixedBasisPointsSlippage():
            if (np.abs(amounts) > np.trunc(slippage.volume_limit * volumes)).any():
                return None
            return np.asarray(closes + closes * (slippage.basis_points / 10000.0 * direction))
    return None


def _sum_up(
    simulation: Simulation, prices: Prices, columns: Integers, fills: Fills
) -> dict[str, Any]:
    parameters = simulation.parameters
    n_sessions = parameters.last + 1 - parameters.first
    cash = _pay(simulation, fills, n_sessions)
    traded, moved = np.zeros((n_sessions, len(columns))), (fills.bars, fills.columns)
    traded[moved] = fills.amounts  # one fill for a bar and an asset
    amounts = np.cumsum(traded, axis=0)
    held = _order_of_arrival(amounts)
    amounts = np.ascontiguousarray(amounts[:, held])
    run = slice(prices.first, prices.first + n_sessions)
    closes = np.where(amounts != 0, prices.arrays["close"][run][:, columns[held]], 0.0)
    money = Money(cash, np.zeros(n_sessions), amounts, closes)
    figures = compute_figures(money, simulation.ledger.starting_cash, simulation.metrics.benchmark)
    days = parameters.table.labels[parameters.first : parameters.last + 1]
    return sum_up(figures, simulation.recorded, len(fills.bars), days)


def _order_of_arrival(amounts: Floats) -> Integers:
    """Return the columns that are ever held, in the order in which the event loop meets them."""
    ever = amounts != 0
    first = ever.argmax(axis=0)
    found = np.flatnonzero(ever.any(axis=0))
    return found[np.argsort(first[found], kind="stable")]


def _pay(simulation: Simulation, fills: Fills, n_sessions: int) -> Floats:
    """Return the balance at each session's end: of a bar all fills are paid, then the broker."""
    in_cents = _pay_in_cents(simulation, fills, n_sessions)
    if in_cents is not None:
        return in_cents
    cash, balances = simulation.ledger.cash, np.empty(n_sessions)
    starts = np.searchsorted(fills.bars, np.arange(n_sessions + 1)).tolist()
    amounts, paid = fills.amounts.astype(np.int64).tolist(), fills.prices.tolist()
    costs = _compute_costs(simulation, amounts, paid)
    since = 0
    for bar in np.unique(fills.bars).tolist():
        balances[since:bar], since = cash.amount, bar
        turns = range(starts[bar], starts[bar + 1])
        for turn in turns:
            cash.buy(amounts[turn], paid[turn])
        for turn in turns:
            if costs[turn] > 0:
                cash.receive(-costs[turn])
    balances[since:] = cash.amount
    return balances


def _pay_in_cents(simulation: Simulation, fills: Fills, n_sessions: int) -> Floats | None:
    """Return the same in integers, where all is in whole cents and free; None elsewhere."""
    capital = simulation.ledger.starting_cash
    prices = np.append(fills.prices, capital)
    cents = np.rint(prices * 100)
    exact = cents / 100 == prices  # then the price prints as this many cents
    free = isinstance(simulation.blotter.commission, NoCommission)
    decimal = isinstance(simulation.ledger.cash, DecimalCash)
    if not (free and decimal and exact.all() and (cents < _MOST_CENTS).all()):
        return None
    moved = fills.amounts * cents[:-1]
    if np.abs(moved).sum() + cents[-1] >= _MOST_CENTS:
        return None
    spent = np.bincount(fills.bars, weights=moved, minlength=n_sessions)
    return np.asarray((cents[-1] - np.cumsum(spent)) / 100)


def _compute_costs(simulation: Simulation, amounts: list[int], paid: list[float]) -> list[float]:
    """Return the broker's charge for each fill, by the model itself."""
    commission = simulation.blotter.commission
    if isinstance(commission, NoCommission):
        return [0.0] * len(amounts)
    start = simulation.parameters.start_session
    (asset,) = simulation.finder.retrieve_all()[:1]  # no model of ours looks at it
    costs = []
    for amount, price in zip(amounts, paid, strict=True):
        order = Order("", asset, amount, start, start)
        costs.append(commission.calculate(order, Transaction(asset, amount, start, price, "")))
    return costs
