"""The plain engine: terms in order, windows day by day, as Zipline computes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import UsageError
from holdfast.pipeline.computable import ComputableTerm, Rows, Values
from holdfast.pipeline.data.dataset import PRICE_FIELDS, BoundColumn
from holdfast.pipeline.generic import Downsampled
from holdfast.pipeline.graph import first_rows, in_order
from holdfast.pipeline.market import Events, Market
from holdfast.pipeline.term import AssetExists, Term
from holdfast.pipeline.windowed import CustomTerm, Rolled


class Engine(Protocol):
    """Whoever computes terms."""

    market: Market

    def compute(self, terms: Sequence[Term], first: int, stop: int) -> list[Values]:
        """Return the values of terms for sessions ``first:stop``."""
        ...

    def chunk_stop(self, row: int, length: int) -> int:
        """Return where a chunk should end that starts at `row`."""
        ...


class PlainEngine:
    """Computes a chunk of sessions anew at each call.

    Parameters
    ----------
    market
        What terms are computed from.
    """

    def __init__(self, market: Market) -> None:
        self.market = market

    def chunk_stop(self, row: int, length: int) -> int:
        """Return where a chunk of `length` sessions ends."""
        return row + length

    def compute(self, terms: Sequence[Term], first: int, stop: int) -> list[Values]:
        """Return the values of terms for sessions ``first:stop``.

        Parameters
        ----------
        terms
            Terms of two dimensions.
        first, stop
            Rows of the bundle's sessions.

        Returns
        -------
        list of (stop - first, n_assets)

        Raises
        ------
        HistoryWindowStartsBeforeData
            When a window reaches before the bundle's first bar.
        """
        order = in_order(terms)
        starts = first_rows(order, terms, self.market, first)
        computed: dict[Term, tuple[int, Values]] = {}
        kept = set(terms)
        last_use = {each: term for term in order for each in term.needs}

        def rows_of(term: Term, begin: int, end: int) -> Values:
            start, values = computed[term]
            return values[begin - start : end - start]

        for term in order:
            values = evaluate(term, starts[term], stop, self.market, rows_of)
            computed[term] = starts[term], values
            for each in term.needs:
                if last_use[each] is term and each not in kept:
                    computed.pop(each, None)
        return [rows_of(term, first, stop) for term in terms]


def evaluate(term: Term, first: int, stop: int, market: Market, rows_of: Any) -> Values:
    """Return a term's values, day by day where it has a window.

    Parameters
    ----------
    term
        What to compute.
    first, stop
        For which sessions.
    market
        Prices and assets.
    rows_of
        Called with an input and the sessions needed of it, returns its values.
    """
    if isinstance(term, AssetExists):
        return market.exists(first, stop)
    if isinstance(term, BoundColumn):
        return np.ascontiguousarray(market.raw(field_of(term), first, stop).T)
    if isinstance(term, Downsampled):
        return _downsample(term, first, stop, market, rows_of)
    assert isinstance(term, ComputableTerm)
    mask = rows_of(term.mask, first, stop)
    rows = Rows(first, stop, market.labels, market.sids)
    if isinstance(term, CustomTerm) or term.windowed:
        begin = first - term.extra_input_rows
        inputs = [rows_of(each, begin, stop) for each in term.inputs]
        windows = [
            windows_of(each, values, begin, term.window_length, market)
            for each, values in zip(term.inputs, inputs, strict=True)
        ]
        return run_daily(term, windows, mask, rows)
    arrays = [rows_of(each, first, stop) for each in term.inputs]
    with np.errstate(all="ignore"):
        return term.compute_rows(arrays, mask, rows)


def field_of(column: BoundColumn) -> str:
    """Return which field of the bars a column is.

    Raises
    ------
    UsageError
        When the bundle does not have it.
    """
    field = PRICE_FIELDS.get(column)
    if field is None:
        raise UsageError(
            f"no data for the column {column}; a bundle has EquityPricing's "
            f"{', '.join(sorted(PRICE_FIELDS.values()))}"
        )
    return field


def _downsample(term: Downsampled, first: int, stop: int, market: Market, rows_of: Any) -> Values:
    sampled = term.sample_rows(market.labels, first, stop)
    begin = int(sampled[0])
    values: Values = rows_of(term.inputs[0], begin, stop)
    return values[sampled - begin]


def windows_of(
    term: Term, values: Values, first: int, length: int, market: Market
) -> Iterator[Values]:
    """Return the window of every session; a column's is adjusted as seen from it.

    Parameters
    ----------
    values : (n_sessions, n_assets)
        The input, from session `first` on.
    """
    if isinstance(term, BoundColumn) and len(market.events.sessions):
        return _adjusted_windows(values, first, length, market.events, field_of(term))
    return _plain_windows(values, length)


def _plain_windows(values: Values, length: int) -> Iterator[Values]:
    for start in range(len(values) - length + 1):
        yield values[start : start + length]


def _adjusted_windows(
    raw: Values, first: int, length: int, events: Events, field: str
) -> Iterator[Values]:
    """Move a window over bars, which are multiplied whenever it reaches a split or dividend."""
    stop = first + len(raw)
    events = events.chosen((events.sessions >= first) & (events.sessions < stop))
    order = np.argsort(events.sessions, kind="stable")
    due = zip(
        events.sessions[order].tolist(),
        events.assets[order].tolist(),
        events.by(field)[order].tolist(),
        strict=True,
    )
    session, asset, factor = next(due, (stop, 0, 1.0))
    values, factors = raw.copy(), np.ones(raw.shape)
    for start in range(len(raw) - length + 1):
        while session <= first + start + length - 1:
            earlier = slice(start, session - first + 1)
            factors[earlier, asset] *= factor
            values[earlier, asset] = raw[earlier, asset] * factors[earlier, asset]
            session, asset, factor = next(due, (stop, 0, 1.0))
        yield values[start : start + length]


def run_daily(
    term: ComputableTerm, windows: Iterable[Iterator[Values]], mask: NDArray[np.bool_], rows: Rows
) -> Values:
    """Return a term's values, computed from the windows of one session after the other."""
    days: Iterator[tuple[Values, ...]] = zip(*windows, strict=True)
    with np.errstate(all="ignore"):
        if isinstance(term, Rolled) and not term.rolls:
            return _run_custom(term, days, mask, rows)
        if hasattr(term, "roll"):
            return _roll_daily(term, days, mask)
        assert isinstance(term, CustomTerm)
        return _run_custom(term, days, mask, rows)


def _roll_daily(term: Any, days: Iterator[tuple[Values, ...]], mask: NDArray[np.bool_]) -> Values:
    out: Any = empty_output(term, mask.shape if term.ndim == 2 else (len(mask), 1))
    for day, inputs in enumerate(days):
        rolled = term.roll(*inputs)
        if isinstance(rolled, dict):
            for name, values in rolled.items():
                out[name][day] = values[0]
        else:
            out[day] = rolled[0]
    return masked(term, out, mask)


def empty_output(term: Any, shape: tuple[int, ...]) -> Any:
    """Return an array to be filled with a term's values."""
    return term.allocate(shape) if hasattr(term, "allocate") else np.empty(shape, term.dtype)


def masked(term: Any, out: Any, mask: NDArray[np.bool_]) -> Values:
    """Return the values, missing where the mask is False."""
    if out.shape != mask.shape:
        return np.asarray(out)
    for name in out.dtype.names or ():
        out[name][~mask] = term.missing_value
    if not out.dtype.names:
        out[~mask] = term.missing_value
    return np.asarray(out)


def _run_custom(
    term: CustomTerm, days: Iterator[tuple[Values, ...]], mask: NDArray[np.bool_], rows: Rows
) -> Values:
    import pandas as pd

    out = term.allocate(rows.shape if term.ndim == 2 else (len(rows), 1))
    sids = pd.Index(rows.sids)
    for day, inputs in enumerate(days):
        known = mask[day]
        row = out[day] if term.ndim == 1 else out[day][known]
        windows = [
            each.copy() if each.shape[1] == 1 else each.compress(known, axis=1) for each in inputs
        ]
        _call(term, rows.labels[rows.first + day], sids[known], row, windows)
        if term.ndim == 1:
            out[day] = row
        else:
            out[day][known] = row
    return np.asarray(out)


def _call(term: CustomTerm, today: Any, sids: Any, out: Any, windows: list[Values]) -> None:
    shapes = ", ".join(str(window.shape) for window in windows)
    try:
        term.compute(today, sids, out, *windows, **term.params)
    except ValueError as error:
        if "broadcast" not in str(error) and "shape" not in str(error):
            raise
        raise UsageError(
            f"{term} on {today.date()}: {error} (compute must fill out, of shape {out.shape}; its "
            f"windows are {shapes})"
        ) from error
