"""Adjusted columns laid end to end, so that every window of them is a plain slice.

Between two splits or dividends of an asset all sessions see its earlier bars alike. So its column
is cut at these sessions, and each segment holds the bars of its own sessions and of the window
before them, adjusted as its sessions see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.pipeline.market import Events

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Segments:
    """Where the segments of some assets lie within their columns.

    Parameters
    ----------
    starts : (n_segments,) int64
        Place of each segment's first bar among the assets' columns, laid end to end.
    lengths : (n_segments,) int64
        How many bars each has.
    length
        Of the windows.
    n_assets
        How many assets there are.
    events
        The splits and dividends of these assets.
    first_bars, seen_from : (n_segments,) int64
        The row of each segment's first bar, and the first session that sees it so.
    owners : (n_segments,) int64
        Which asset each belongs to.
    """

    starts: Integers
    lengths: Integers
    length: int
    n_assets: int
    events: Events
    first_bars: Integers
    seen_from: Integers
    owners: Integers

    @classmethod
    def cut(cls, events: Events, n_assets: int, first: int, stop: int, length: int) -> Segments:
        """Cut the columns of some assets for windows that end in ``first:stop``.

        Parameters
        ----------
        events
            Of these assets, numbered from 0 on.
        """
        width = stop - first + length - 1
        inside = (events.sessions > first) & (events.sessions < stop)
        owners = np.concatenate([np.arange(n_assets), events.assets[inside]])
        begins = np.concatenate([np.full(n_assets, first), events.sessions[inside]])
        order = np.lexsort((begins, owners))
        owners, begins = owners[order], begins[order]
        ends = np.append(begins[1:], stop)
        ends[np.append(owners[1:] != owners[:-1], True)] = stop
        return cls(
            starts=owners * width + begins - first,
            lengths=ends - begins + length - 1,
            length=length,
            n_assets=n_assets,
            events=events,
            first_bars=begins - length + 1,
            seen_from=begins,
            owners=owners,
        )

    def lay_out(self, columns: NDArray[Any]) -> NDArray[Any]:
        """Return the bars of all segments, one after the other.

        Parameters
        ----------
        columns : (n_assets, n_bars)
            From the first bar of the first window on.
        """
        offsets = np.cumsum(self.lengths) - self.lengths
        places = np.repeat(self.starts - offsets, self.lengths)
        places += np.arange(len(places))
        return columns.ravel()[places]

    def multipliers(self, field: str) -> Floats:
        """Return by what the bars of all segments are multiplied, as their sessions see them."""
        events, factors = self.events, self.events.by(field)
        # Events in order of asset and session are in order of one number.
        span = int(max(events.sessions.max(initial=0), self.seen_from.max(initial=0))) + 1
        keys, base = events.assets * span + events.sessions, self.owners * span
        low = np.searchsorted(keys, base + np.maximum(self.first_bars, 0))
        high = np.searchsorted(keys, base + self.seen_from, side="right")
        counts = high - low
        # A piece is the bars up to an event, from the one before; after the last nothing changes.
        pieces = counts + 1
        offsets = np.cumsum(pieces) - pieces
        which = np.repeat(low, counts) + _within(counts)
        segment = np.repeat(np.arange(len(counts)), counts)
        product = factors[which].copy()
        for later in range(1, int(counts.max(initial=0))):
            more = which + later < high[segment]
            product[more] *= factors[which[more] + later]
        ends = events.sessions[which] - self.first_bars[segment] + 1
        values, stops = np.ones(pieces.sum()), np.repeat(self.lengths, pieces)
        at = np.repeat(offsets, counts) + _within(counts)
        values[at], stops[at] = product, ends
        begins = np.concatenate([[0], stops[:-1]])
        begins[offsets] = 0
        return np.repeat(values, stops - begins)

    def pick(self, rolled: NDArray[Any]) -> NDArray[Any]:
        """Return the windows' values by session and asset, shape (n_sessions, n_assets)."""
        sessions = self.lengths - self.length + 1
        offsets = np.cumsum(self.lengths) - self.lengths
        places = np.repeat(offsets, sessions) + _within(sessions)
        return rolled[places].reshape(self.n_assets, -1).T


def _within(counts: Integers) -> Integers:
    """Return 0, 1, ... for each count, one after the other."""
    starts = np.cumsum(counts) - counts
    numbers: Integers = np.arange(counts.sum()) - np.repeat(starts, counts)
    return numbers
