"""The verb that states a strategy's holdings for all bars at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.run_setup import in_initialize
from holdfast.simulation import Placer
from holdfast.target_placers import SharesPlacer, WorthPlacer
from holdfast.target_table import read_targets
from holdfast.target_times import BarTimes

TargetKind = Literal["shares", "value", "percent"]
KINDS: tuple[TargetKind, ...] = ("shares", "value", "percent")


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
    placer: Placer = SharesPlacer(simulation, table, times.first)
    if kind != "shares":
        placer = WorthPlacer(simulation, table, times.first, percent=kind == "percent")
    simulation.placers.append(placer)
