"""Target tables: a frame or an array becomes the cells that hold a target, bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset, Finder
from holdfast.errors import UsageError
from holdfast.target_times import BarTimes

SKIPPED, REPEATED, CHANGED = range(3)

Integers = NDArray[np.int64]
Cells = tuple[Integers, Sequence[object], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class TargetTable:
    """The targets of a run, without cells that are NaN and rows that repeat the one before.

    Parameters
    ----------
    assets
        One for each column.
    states : (n_bars,) bytes
        Of each bar: SKIPPED when it has no target, REPEATED when its row is that of the last bar
        that has one, CHANGED otherwise.
    starts : (n_bars + 1,) int64
        Where each bar's cells begin; only CHANGED bars have some.
    columns : (n_cells,) int32
    values : (n_cells,) float64
    """

    assets: tuple[Asset, ...]
    states: bytes
    starts: Integers
    columns: NDArray[np.int32]
    values: NDArray[np.float64]

    def find_next(self, bar: int, repeated: bool) -> int | None:
        """Return the next bar, from `bar` on, whose row differs from the row before it.

        Parameters
        ----------
        bar
            Of the run, by number.
        repeated
            Whether a bar whose row is the same counts, too.
        """
        changed = self.states.find(CHANGED, bar)
        same = self.states.find(REPEATED, bar) if repeated and changed != bar else -1
        return min((found for found in (changed, same) if found >= 0), default=None)

    def read_bar(self, bar: int) -> list[tuple[Asset, float]]:
        """Return the assets and targets of a CHANGED bar of the run, in order of the columns."""
        cells = slice(self.starts[bar], self.starts[bar + 1])
        columns, values = self.columns[cells].tolist(), self.values[cells].tolist()
        return list(zip(map(self.assets.__getitem__, columns), values, strict=True))


def read_targets(
    targets: Any, assets: Sequence[object] | None, finder: Finder, times: BarTimes
) -> TargetTable:
    """Return the table of what a user gave, checked as a whole.

    Parameters
    ----------
    targets
        A pandas DataFrame, what has ``to_pandas()``, or what NumPy makes an array of.
    assets
        Symbols or assets: the columns of an array.
    finder
        Of the bundle.
    times
        Of the run's bars.

    Raises
    ------
    UsageError
        When the shape, a time or a value is wrong.
    NotInBundle
        When the bundle does not hold a symbol.
    """
    if hasattr(targets, "to_pandas"):
        targets, assets = _index_by_time(targets.to_pandas(), assets)
    if isinstance(targets, pd.DataFrame):
        bars, names, values = _read_frame(targets, assets, times)
    else:
        columns = finder.retrieve_all() if assets is None else assets
        bars, names, values = _read_array(targets, columns, times)
    _check_finite(values, names, bars, times)
    order = np.argsort(bars, kind="stable")
    return _make_table(_find_assets(names, finder), bars[order], values[order], len(times))


def _index_by_time(
    frame: Any, assets: Sequence[object] | None
) -> tuple[Any, Sequence[object] | None]:
    """Make the column of times the index, which a frame of another library lacks.

    Without such a column it is an array whose columns have names.
    """
    if not isinstance(frame, pd.DataFrame) or isinstance(frame.index, pd.DatetimeIndex):
        return frame, assets
    columns = frame.columns
    found = [name for name in columns if pd.api.types.is_datetime64_any_dtype(frame[name])]
    found += [name for name in columns if pd.api.types.infer_dtype(frame[name]) == "date"]
    if len(found) > 1:
        raise UsageError(
            f"targets have {len(found)} columns of times ({', '.join(map(str, found))}); "
            f"one at most may say which bar each row belongs to"
        )
    if found:
        return frame.set_index(found[0]), assets
    return frame.to_numpy(), list(frame.columns) if assets is None else assets


def _read_frame(frame: pd.DataFrame, assets: Sequence[object] | None, times: BarTimes) -> Cells:
    if assets is not None:
        raise UsageError(
            "assets= names the columns of an array; a frame has its own (leave it out)"
        )
    try:
        values = frame.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    except (TypeError, ValueError) as error:
        raise UsageError(f"targets must be numbers, or NaN for no order: {error}") from None
    bars, kept = times.find(frame.index)
    return bars, list(frame.columns), values[kept]


def _read_array(given: Any, assets: Sequence[object], times: BarTimes) -> Cells:
    if isinstance(assets, str | Asset):
        raise UsageError(f"assets is {assets!r}; it must be a list of symbols or assets")
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"targets must be a frame, or an array of numbers: {error}") from None
    wanted = (len(times), len(assets))
    if values.shape != wanted:
        raise UsageError(
            f"targets have the shape {values.shape}; it must be {wanted}: a row for each bar from "
            f"{times.describe(0)} to {times.describe(-1)}, a column for each asset "
            f"(assets= names them; a frame with times may hold some of the bars)"
        )
    return np.arange(len(times)), list(assets), values


def _check_finite(
    values: NDArray[np.float64], names: Sequence[object], bars: Integers, times: BarTimes
) -> None:
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        row, column = infinite[0].tolist()
        raise UsageError(
            f"the target of {_format_name(names[column])} at {times.describe(int(bars[row]))} is "
            f"{values[row, column]}; it must be finite, or NaN for no order "
            f"({len(infinite)} cells are infinite)"
        )


def _find_assets(names: Sequence[object], finder: Finder) -> tuple[Asset, ...]:
    found: dict[Asset, object] = {}
    for name in names:
        asset = _find_asset(name, finder)
        if asset in found:
            raise UsageError(
                f"two columns of targets are {asset.symbol} ({found[asset]!r} and {name!r}); "
                f"an asset has one"
            )
        found[asset] = name
    return tuple(found)


def _find_asset(name: object, finder: Finder) -> Asset:
    if isinstance(name, Asset):
        return finder.lookup_symbol(name.symbol)
    if not isinstance(name, str):
        raise UsageError(f"a column of targets is {name!r}; it must be a symbol or an asset")
    return finder.lookup_symbol(name)


def _format_name(name: object) -> str:
    return name.symbol if isinstance(name, Asset) else str(name)


def _make_table(
    assets: tuple[Asset, ...], bars: Integers, values: NDArray[np.float64], n_bars: int
) -> TargetTable:
    """Return the table of rows that are in order of their bars."""
    given = ~np.isnan(values)
    some = given.any(axis=1)
    bars, values, given = bars[some], values[some], given[some]
    repeats = _repeats(values)
    states = np.full(n_bars, SKIPPED, dtype=np.uint8)
    states[bars] = np.where(repeats, REPEATED, CHANGED)
    given[repeats] = False
    rows, columns = np.nonzero(given)
    starts = np.zeros(n_bars + 1, dtype=np.int64)
    starts[bars + 1] = given.sum(axis=1)
    cells = (columns.astype(np.int32), values[rows, columns])
    return TargetTable(assets, states.tobytes(), np.cumsum(starts), *cells)


def _repeats(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows equal the row before, NaN included, shape (n_rows,)."""
    repeats = np.zeros(len(values), dtype=bool)
    now, before = values[1:], values[:-1]
    repeats[1:] = ((now == before) | (np.isnan(now) & np.isnan(before))).all(axis=1)
    return repeats
