"""Layer: pipelines are computed as whole columns, and kept for later runs on the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.layers.lru import LRU
from holdfast.layers.pipelines.rolls import roll_columns
from holdfast.pipeline.computable import Values
from holdfast.pipeline.data.dataset import BoundColumn
from holdfast.pipeline.engine import evaluate, field_of
from holdfast.pipeline.generic import Downsampled
from holdfast.pipeline.graph import first_rows, in_order
from holdfast.pipeline.market import Market
from holdfast.pipeline.term import Term

TILE = 16  # sessions that are kept together; those that are missing are computed at once
_CHUNK = 1 << 19  # values of a term that are computed at once, about
_FEWEST, _MOST = 256, 1024  # sessions that are computed at once

#: Version of the bundle, term, first session.
Key = tuple[str, Term, int]


class CachedColumns:
    """Computes terms in tiles of sessions; those without a user's code are kept between runs.

    Parameters
    ----------
    market
        What terms are computed from.
    cache
        Where tiles are kept between runs.
    """

    def __init__(self, market: Market, cache: LRU[Any, NDArray[Any]]) -> None:
        self.market, self._cache = market, cache
        self._tiles: dict[tuple[Term, int], Values] = {}
        self._starts: dict[Term, int] = {}
        self._others: dict[Term, tuple[int, Values]] = {}
        self._bars: dict[str, tuple[int, int, Values]] = {}
        self._earliest: dict[Term, int] = {}
        sessions = _CHUNK // max(1, len(market.sids))
        self._chunk = max(_FEWEST, min(_MOST, sessions)) // TILE * TILE

    def chunk_stop(self, row: int, length: int) -> int:
        """Return where a chunk ends that starts at `row`, whatever length was asked for."""
        return row // TILE * TILE + self._chunk

    def compute(self, terms: Sequence[Term], first: int, stop: int) -> list[Values]:
        """Return the values of terms for sessions ``first:stop``, of shape (n_sessions, n_assets).

        Raises
        ------
        HistoryWindowStartsBeforeData
            When a window reaches before the bundle's first bar.
        """
        stop = min(stop, len(self.market.labels))
        self._starts = first_rows(in_order(terms), terms, self.market, first)
        try:
            for term in in_order(terms):
                if not term.pure:
                    begin = self._starts[term]
                    self._others[term] = begin, self._evaluate(term, begin, stop)
            return [self._rows(term, first, stop) for term in terms]
        finally:
            self._tiles.clear()
            self._others.clear()
            self._bars.clear()

    def _rows(self, term: Term, first: int, stop: int) -> Values:
        if not term.pure:
            begin, values = self._others[term]
            return values[first - begin : stop - begin]
        starts = range(first // TILE * TILE, stop, TILE)
        missing = [start for start in starts if self._find(term, start) is None]
        for begin, end in _runs(missing):
            self._compute_tiles(term, begin, end)
        parts = [self._tiles[term, start] for start in starts]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        begin = max(starts[0], self._earliest_row(term))
        return whole[first - begin : stop - begin]

    def _find(self, term: Term, start: int) -> Values | None:
        """Return a tile from this chunk's own or from the cache; None when it must be computed."""
        tile = self._tiles.get((term, start))
        if tile is None:
            tile = self._cache.get((self.market.version, term, start))
            if tile is not None:
                self._tiles[term, start] = tile
        return tile

    def _compute_tiles(self, term: Term, start: int, stop: int) -> None:
        """Compute the tiles from one session to another at once, and cache each."""
        begin = max(start, self._earliest_row(term))
        values = self._evaluate(term, begin, min(stop, len(self.market.labels)))
        for each in range(start, stop, TILE):
            tile = values[max(each - begin, 0) : each + TILE - begin].copy()
            tile.flags.writeable = False
            self._tiles[term, each] = tile
            self._cache.put((self.market.version, term, each), tile)

    def _earliest_row(self, term: Term) -> int:
        """Return the first session for which the bundle has all that a term needs."""
        row = self._earliest.get(term)
        if row is None:
            before = max((self._earliest_row(each) for each in term.needs), default=1)
            row = before + term.extra_input_rows
            if isinstance(term, Downsampled):
                every = term.sample_rows(self.market.labels, 0, len(self.market.labels))
                row = int(np.argmax(every >= before))
            self._earliest[term] = row
        return row

    def _evaluate(self, term: Term, first: int, stop: int) -> Values:
        if not (term.windowed and hasattr(term, "roll") and getattr(term, "rolls", True)):
            return evaluate(term, first, stop, self.market, self._rows)
        begin = first - term.extra_input_rows
        columns = [self._column(each, begin, stop) for each in term.inputs]
        mask = self._rows(term.mask, first, stop)
        with np.errstate(all="ignore"):
            return roll_columns(term, columns, mask, first, self.market)

    def _column(self, term: Term, first: int, stop: int) -> Values:
        """Return a term's values by asset; a column's as they traded."""
        if isinstance(term, BoundColumn):
            return self._raw(field_of(term), first, stop)
        return self._rows(term, first, stop).T

    def _raw(self, field: str, first: int, stop: int) -> Values:
        begin, end, values = self._bars.get(field, (first, first, np.empty((0, 0))))
        if first < begin or stop > end:
            begin, end = min(first, begin), max(stop, end)
            values = self.market.raw(field, begin, end)
            self._bars[field] = begin, end, values
        return values[:, first - begin : stop - begin]


def _runs(starts: list[int]) -> list[tuple[int, int]]:
    """Return from where to where tiles lie side by side."""
    runs: list[tuple[int, int]] = []
    for start in starts:
        if runs and runs[-1][1] == start:
            runs[-1] = runs[-1][0], start + TILE
        else:
            runs.append((start, start + TILE))
    return runs
