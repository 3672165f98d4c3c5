"""A built-in term's whole columns at once, in groups of assets that fit the processor's cache."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from holdfast.layers.pipelines.segments import Segments
from holdfast.pipeline.computable import Values
from holdfast.pipeline.data.dataset import BoundColumn
from holdfast.pipeline.engine import empty_output, field_of, masked
from holdfast.pipeline.market import Events, Market
from holdfast.pipeline.term import Term

_GROUP = 1 << 17  # values of one input that are rolled together


def roll_columns(
    term: Any, columns: list[Values], mask: NDArray[np.bool_], first: int, market: Market
) -> Values:
    """Return a term's values for some sessions.

    Parameters
    ----------
    term
        With a method ``roll``.
    columns : list of (n_assets or 1, n_bars)
        Its inputs as they traded, from the first bar of the first window on.
    mask : (n_sessions, n_assets) bool
    first
        The first session.

    Returns
    -------
    (n_sessions, n_assets or 1)
    """
    n_sessions, n_assets = mask.shape if term.ndim == 2 else (len(mask), 1)
    out = empty_output(term, (n_sessions, n_assets))
    length, stop = term.window_length, first + n_sessions
    events = market.events
    adjusts = any(isinstance(each, BoundColumn) for each in term.inputs)
    inside = adjusts & (events.sessions > first - length) & (events.sessions < stop)
    events = events.chosen(inside)
    changed = np.zeros(n_assets, dtype=bool)
    changed[events.assets] = True
    for assets in _groups(np.flatnonzero(~changed), n_sessions + length - 1):
        series = [_rows_of(each, assets).ravel() for each in columns]
        _write(out, assets, term.roll(*series), _Plain(n_sessions, length, len(assets)))
    per_asset = n_sessions + length * (2 + len(events.sessions) // max(1, int(changed.sum())))
    for assets in _groups(np.flatnonzero(changed), per_asset):
        own = (events.assets >= assets[0]) & (events.assets <= assets[-1])
        segments = Segments.cut(
            _renumbered(events.chosen(own), assets), len(assets), first, stop, length
        )
        factors = {
            field: segments.multipliers(field)
            for field in {_moved_by(each) for each in term.inputs} - {""}
        }
        series = []
        for each, column in zip(term.inputs, columns, strict=True):
            values = segments.lay_out(_rows_of(column, assets))
            moved_by = _moved_by(each)
            series.append(values * factors[moved_by] if moved_by else values)
        _write(out, assets, term.roll(*series), segments)
    return masked(term, out, mask)


def _groups(assets: NDArray[np.int64], width: int) -> list[NDArray[np.int64]]:
    size = max(1, _GROUP // width)
    return [assets[start : start + size] for start in range(0, len(assets), size)]


def _renumbered(events: Events, assets: NDArray[np.int64]) -> Events:
    numbers = np.searchsorted(assets, events.assets)
    return Events(numbers, events.sessions, events.prices, events.volumes)


def _moved_by(term: Term) -> str:
    """Return which field's factors adjust a term: all prices share theirs."""
    if not isinstance(term, BoundColumn):
        return ""
    return "volume" if field_of(term) == "volume" else "close"


def _rows_of(column: Values, assets: NDArray[np.int64]) -> Values:
    """Return the rows of some assets; a single row is the same for all."""
    if len(column) == 1:
        return np.broadcast_to(column, (len(assets), column.shape[1]))
    return column[_place(assets)]


def _place(assets: NDArray[np.int64]) -> Any:
    """Return an index of some assets, a slice where they lie side by side."""
    first, last = int(assets[0]), int(assets[-1])
    return slice(first, last + 1) if len(assets) == last - first + 1 else assets


class _Plain:
    """Picks the windows of columns that lie end to end without a change."""

    def __init__(self, n_sessions: int, length: int, n_assets: int) -> None:
        self._shape = (n_assets, n_sessions)
        self._width = n_sessions + length - 1

    def pick(self, rolled: NDArray[Any]) -> NDArray[Any]:
        """Return the windows' values by session and asset."""
        (step,) = rolled.strides
        return as_strided(rolled, self._shape, (self._width * step, step), writeable=False).T


def _write(out: Any, assets: NDArray[np.int64], rolled: Any, places: Any) -> None:
    if isinstance(rolled, dict):
        for name, values in rolled.items():
            out[name][:, _place(assets)] = places.pick(values)
    else:
        out[:, _place(assets)] = places.pick(rolled)
