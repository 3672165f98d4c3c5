"""Brings bars from outside into the order of a bundle: by asset, and in each by time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.ingest.batches import BarBatches
from holdfast.data.ingest.checks import Batch, check_batch
from holdfast.data.ingest.faults import WrongRows
from holdfast.data.ingest.spool import CHUNK, Spool
from holdfast.data.ingest.workspace import Progress, Workspace

Integers = NDArray[np.int64]

_FIELDS = dict.fromkeys(STORED_FIELDS, np.float64)
_RAW = {"sid": np.int32, "time": np.int64, **_FIELDS}
_AT_ONCE = 4 * CHUNK  # rows that are put in their places: fewer passes over the pages of all


@dataclass(frozen=True, slots=True)
class Arranged:
    """Checked bars on disk, by asset; within an asset they may be in any order.

    Parameters
    ----------
    symbols
        Sorted: the position of each is its asset's number.
    starts : (n_assets + 1,) int64
        Where each asset's bars begin.
    spool
        Columns sid, time (nanoseconds since 1970 UTC) and the fields; with `row`, the row of the
        input, unless it is the row of the spool.
    span
        The first and the last time.
    """

    symbols: list[str]
    starts: Integers
    spool: Spool
    span: tuple[int, int]

    def read_groups(self) -> Iterator[tuple[int, int]]:
        """Yield ranges of rows that hold whole assets, and not many more than a chunk."""
        first = 0
        while first < self.spool.length:
            at = int(np.searchsorted(self.starts, first + CHUNK, side="right")) - 1
            stop = int(self.starts[at])
            if stop <= first:  # an asset that has more
                stop = int(self.starts[np.searchsorted(self.starts, first, side="right")])
            yield first, stop
            first = stop

    def number_rows(self, first: int, stop: int) -> Integers:
        """Return the rows of the input that rows of the spool came from."""
        if "row" in self.spool.types:
            return self.spool.read("row", first, stop)
        return np.arange(first, stop)


class _Collected:
    """What is known of the bars once all have been read."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}  # by order of appearance
        self.counts = np.zeros(0, dtype=np.int64)
        self.first, self.last = np.iinfo(np.int64).max, np.iinfo(np.int64).min
        self.grouped, self._latest = True, 0

    def add(self, batch: Batch) -> Integers:
        """Count a batch, and return the code of each of its bars."""
        found = [self.codes.setdefault(name, len(self.codes)) for name in batch.symbols]
        codes = np.array(found, dtype=np.int64)[batch.codes]
        counts = np.bincount(codes, minlength=len(self.codes))
        counts[: len(self.counts)] += self.counts
        self.counts = counts
        self.first = min(self.first, int(batch.times.min()))
        self.last = max(self.last, int(batch.times.max()))
        self.grouped &= bool((np.diff(codes, prepend=self._latest) >= 0).all())
        self._latest = int(codes[-1])
        return codes


def arrange_bars(bars: BarBatches, workspace: Workspace) -> Arranged:
    """Read and check all bars, and put them in order of their assets.

    Parameters
    ----------
    bars
        From outside, at least one.
    workspace
        With room for two copies of them.

    Raises
    ------
    BadBars
        When a row is wrong.
    """
    raw, known = workspace.open_spool(_RAW), _Collected()
    try:
        _read_all(bars, raw, known, workspace)
    except WrongRows as wrong:  # in a column that is read as a whole
        workspace.faults.add(wrong.fault)
    workspace.faults.raise_found()
    symbols = sorted(known.codes)
    order = np.array([known.codes[name] for name in symbols])
    starts = np.concatenate([[0], np.cumsum(known.counts[order])])
    span = known.first, known.last
    if known.grouped and symbols == list(known.codes):
        return Arranged(symbols, starts, raw, span)
    arranged = workspace.open_spool({**_RAW, "row": np.int64})
    _put_by_asset(raw, arranged, np.argsort(order), starts, workspace.progress)
    raw.close()
    return Arranged(symbols, starts, arranged, span)


def _read_all(bars: BarBatches, raw: Spool, known: _Collected, workspace: Workspace) -> None:
    first = 0
    for frame in bars:
        workspace.progress(f"reading and checking bar {first:,} of {len(bars):,}")
        try:
            batch = check_batch(frame)
        except WrongRows as wrong:
            workspace.faults.add(wrong.fault, first)
        else:
            codes = known.add(batch)
            raw.append({"sid": codes, "time": batch.times, **batch.values})
        first += len(frame)


def _put_by_asset(
    raw: Spool, arranged: Spool, sid_of: Integers, starts: Integers, progress: Progress
) -> None:
    """Copy bars to where their assets are, in order of the input."""
    arranged.allocate(raw.length)
    following = starts[:-1].copy()
    for first in range(0, raw.length, _AT_ONCE):
        progress(f"sorting bar {first:,} of {raw.length:,}")
        stop = min(first + _AT_ONCE, raw.length)
        sids = sid_of[raw.read("sid", first, stop)]
        places = _find_places(sids, following)
        arranged.put("sid", places, sids)
        arranged.put("row", places, np.arange(first, stop))
        for name in ("time", *STORED_FIELDS):
            arranged.put(name, places, raw.read(name, first, stop))


def _find_places(sids: Integers, following: Integers) -> Integers:
    """Return the place of each bar: behind those of its asset that came before it.

    Parameters
    ----------
    sids : (n,) int64
    following : (n_assets,) int64
        The next place of each asset, which is moved on.
    """
    order = np.argsort(sids, kind="stable")
    counts = np.bincount(sids, minlength=len(following))
    begins = np.cumsum(counts) - counts
    places = np.empty(len(sids), dtype=np.int64)
    sorted_sids = sids[order]
    places[order] = following[sorted_sids] + np.arange(len(sids)) - begins[sorted_sids]
    following += counts
    return places
