"""Targets as a table: what to hold at each bar, decided for all bars before the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.ordering import order_target, order_target_percent, order_target_value
from holdfast.run_setup import in_initialize
from holdfast.simulation import Simulation

TargetKind = Literal["shares", "value", "percent"]

_VERBS: dict[str, Callable[..., Any]] = {
    "shares": order_target,
    "value": order_target_value,
    "percent": order_target_percent,
}


def order_targets(
    targets: Any, kind: TargetKind = "shares", assets: Sequence[Asset | str] | None = None
) -> None:
    """Order towards a table of targets at every bar, in initialize.

    The orders are those of a ``handle_data`` that calls `order_target` (or `order_target_value`,
    `order_target_percent`) for each asset in order of the columns; so are fills and costs.

    Parameters
    ----------
    targets : (n_bars, n_assets) DataFrame or array
        What to hold, decided at each bar's close; NaN orders nothing. A pandas frame is read by
        its index: dates of sessions, or the minutes' ends in UTC; bars that it lacks order
        nothing. A Polars frame or an array has a row for each bar of the run.
    kind
        ``shares``; ``value`` in currency; or ``percent``, of the portfolio (0.5 is half of it).
    assets
        Of the columns; by default a frame's own names, or all of the bundle for an array.

    Raises
    ------
    UsageError
        When the kind is unknown, or the table's shape does not fit the run.
    SymbolNotFound
        When a column names no asset.
    """
    simulation = in_initialize("order_targets")
    if kind not in _VERBS:
        raise UsageError(f"order_targets() got kind {kind!r}; choose from {', '.join(_VERBS)}")
    if assets is None:
        assets = getattr(targets, "columns", None)
    found = _find_assets(simulation, assets)
    first, stop = _rows_of_run(simulation)
    table = _Targets(simulation, found, _read(targets, simulation, first, stop), kind, first)
    simulation.schedule.due.setdefault(first, []).append(table.begin)


class _Targets:
    """Places the orders of a table; visits only the bars at which one could differ from none."""

    def __init__(
        self,
        simulation: Simulation,
        assets: list[Asset],
        values: NDArray[np.float64],
        kind: str,
        first: int,
    ) -> None:
        if values.shape[1] != len(assets):
            raise UsageError(
                f"order_targets() got {values.shape[1]} columns for {len(assets)} assets"
            )
        self._simulation, self._assets, self._values = simulation, assets, values
        self._kind, self._verb, self._first = kind, _VERBS[kind], first
        self._sparse = False

    def begin(self, context: Any, data: Any) -> None:
        """At the run's first bar, when all is set up: choose the bars, and order."""
        due, rows = self._simulation.schedule.due, range(self._first, self._stop)
        # Whoever else may trade changes what is held, as prices change what a value is in shares.
        lone = len(due) == 1 and len(due[self._first]) == 1
        lone = lone and self._simulation.strategy.handle_data is None
        free = not self._simulation.trading_controls
        self._sparse = lone and free and self._kind == "shares"
        for row in self._find_changes() if self._sparse else rows[1:]:
            due.setdefault(row, []).append(self.place)
        self.place(context, data)

    def place(self, context: Any, data: Any) -> None:
        """Order towards the current bar's targets."""
        targets = self._values[data.row - self._first].tolist()
        for asset, target in zip(self._assets, targets, strict=True):
            if target == target:
                self._verb(asset, target)
        if self._sparse and self._simulation.blotter.open_orders and data.row + 1 < self._stop:
            self._simulation.schedule.due.setdefault(data.row + 1, [self.place])

    @property
    def _stop(self) -> int:
        return self._first + len(self._values)

    def _find_changes(self) -> list[int]:
        """Return the bars at which a target changes, or a split changed what is held."""
        before, after = self._values[:-1], self._values[1:]
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        changed = np.flatnonzero(~same.all(axis=1)) + 1 + self._first
        simulation = self._simulation
        parameters, portal = simulation.parameters, simulation.portal
        split = [
            _first_bar(simulation, session)
            for session in range(parameters.first + 1, parameters.last + 1)
            if portal.adjustments.splits_on(session)
        ]
        return sorted({*changed.tolist(), *split})


def _find_assets(simulation: Simulation, named: Any) -> list[Asset]:
    if named is None:
        return list(simulation.finder.retrieve_all())
    lookup = simulation.finder.lookup_symbol
    return [each if isinstance(each, Asset) else lookup(each) for each in named]


def _rows_of_run(simulation: Simulation) -> tuple[int, int]:
    last = simulation.parameters.last
    return _first_bar(simulation, simulation.parameters.first), _first_bar(simulation, last + 1)


def _first_bar(simulation: Simulation, session: int) -> int:
    portal = simulation.portal
    return int(portal.sessions.first_minutes[session]) if portal.minute_mode else session


def _read(targets: Any, simulation: Simulation, first: int, stop: int) -> NDArray[np.float64]:
    """Return a table's values with a row for each bar of the run."""
    if isinstance(targets, pd.DataFrame):
        targets = targets.reindex(_bar_labels(simulation, targets.index, first, stop))
    values = np.asarray(targets.to_numpy() if hasattr(targets, "to_numpy") else targets, float)
    if values.ndim != 2 or len(values) != stop - first:
        raise UsageError(
            f"order_targets() got a table of shape {values.shape}; the run has {stop - first} "
            f"bars (a pandas frame is read by its index instead)"
        )
    return values


def _bar_labels(simulation: Simulation, index: Any, first: int, stop: int) -> pd.DatetimeIndex:
    sessions = simulation.portal.sessions
    if not isinstance(index, pd.DatetimeIndex):
        raise UsageError(f"order_targets() needs a DatetimeIndex, not {type(index).__name__}")
    if not simulation.portal.minute_mode:
        labels = pd.DatetimeIndex(sessions.labels[first:stop].astype("datetime64[ns]"))
    else:
        labels = pd.DatetimeIndex((sessions.minutes[first:stop] * 60).astype("datetime64[s]"))
    return labels if index.tz is None else labels.tz_localize("UTC")
