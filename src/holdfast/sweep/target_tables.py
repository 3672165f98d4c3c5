"""A sweep's strategy that is a function from prices to a table of targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from holdfast.context import Context
from holdfast.errors import UsageError
from holdfast.layers.lru import LRU
from holdfast.run import choose_layers, open_simulation
from holdfast.settings import Settings
from holdfast.simulation import Simulation, Strategy, get_running
from holdfast.sweep.one_pass import sum_up_at_once
from holdfast.sweep.prices import Prices
from holdfast.target_verbs import KINDS, TargetKind, order_targets

_PRICES: LRU[Any, Prices] = LRU(2)  # a worker has one sweep at a time


@dataclass(frozen=True, slots=True)
class TargetTables:
    """Called with a parameter set, it returns the two functions of a strategy.

    Parameters
    ----------
    targets
        ``targets(prices, **one_set)`` returns a table of what to hold.
    kind
        As of ``order_targets``.
    initialize
        Called first, with ``context``; None for nothing.
    version
        Of the bundle, by which a worker caches its prices; None caches none.
    """

    targets: Callable[..., Any]
    kind: TargetKind
    initialize: Callable[[Context], object] | None = None
    version: str | None = None

    def __call__(self, **params: Any) -> tuple[Callable[[Context], None], None]:
        """Return what is to be done at the start of a run, and nothing for its bars."""

        def set_up(context: Context) -> None:
            if self.initialize is not None:
                self.initialize(context)
            prices = self.find_prices(get_running("order_targets"))
            table = self.targets(prices, **params)
            order_targets(*_cut(table, prices, self.kind))

        return set_up, None

    def find_prices(self, simulation: Simulation) -> Prices:
        """Return the prices that the sets of a worker share."""
        parameters, assets = simulation.parameters, tuple(simulation.finder.retrieve_all())
        key = (self.version, parameters.first, parameters.last, parameters.data_frequency)
        prices = _PRICES.get(key) if self.version is not None else None
        if prices is None:
            prices = Prices(simulation.portal, assets, parameters)
            if self.version is not None:
                _PRICES.put(key, prices)
        return prices


def choose_strategy(
    strategy: Callable[..., Any] | None,
    targets: Callable[..., Any] | None,
    kind: TargetKind,
    initialize: Callable[[Context], object] | None,
) -> Callable[..., Any]:
    """Return the strategy of a sweep that was given one of the two.

    Raises
    ------
    UsageError
        When both or none was given, or what belongs to `targets` without it.
    """
    if targets is not None and strategy is None:
        if kind not in KINDS:
            raise UsageError(f"kind is {kind!r}; choose 'shares', 'value' or 'percent'")
        return TargetTables(targets, kind, initialize)
    if targets is not None or strategy is None:
        raise UsageError("give either a strategy, or targets=: a function that returns a table")
    if kind != "shares" or initialize is not None:
        raise UsageError("kind= and initialize= belong to targets=: a strategy has its own")
    return strategy


def _cut(table: Any, prices: Prices, kind: TargetKind) -> tuple[Any, TargetKind, Any]:
    """Return the arguments of ``order_targets``: rows before the run are left out."""
    if isinstance(table, pd.DataFrame) and table.index is prices.index:
        return table.to_numpy()[prices.first :], kind, list(table.columns)
    if isinstance(table, np.ndarray) and len(table) == len(prices.index):
        return table[prices.first :], kind, prices.symbols
    return table, kind, None


def summarize_run(strategy: Strategy, settings: Settings, tables: TargetTables) -> dict[str, Any]:
    """Run a backtest of a table and return its summary, at once where that is the same.

    Parameters
    ----------
    strategy
        What `tables` returned for a parameter set.
    settings
        Of the backtest.
    tables
        With the version of the bundle.
    """
    with open_simulation(strategy, settings) as simulation:
        if choose_layers(settings.layers).sparse_clock:
            with simulation.activate():
                if strategy.initialize is not None:
                    strategy.initialize(simulation.context)
            simulation.strategy = Strategy()  # it is initialized
            summary = sum_up_at_once(simulation, tables.find_prices(simulation))
            if summary is not None:
                return summary
        simulation.run()
    return simulation.metrics.summary()
