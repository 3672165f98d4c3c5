"""Which terms a pipeline needs, in which order, and how far back."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from holdfast.errors import HistoryWindowStartsBeforeData
from holdfast.pipeline.generic import Downsampled
from holdfast.pipeline.market import Market
from holdfast.pipeline.term import Term


def in_order(terms: Iterable[Term]) -> list[Term]:
    """Return all terms that some are computed from, and these, each after what it needs."""
    order: dict[Term, None] = {}
    waiting = [(term, False) for term in reversed(list(terms))]
    while waiting:
        term, needed = waiting.pop()
        if term in order:
            continue
        if needed:
            order[term] = None
        else:
            waiting.append((term, True))
            waiting.extend((each, False) for each in reversed(term.needs))
    return list(order)


def first_rows(
    order: list[Term], wanted: Iterable[Term], market: Market, row: int
) -> dict[Term, int]:
    """Return from which session on each term must be computed.

    Parameters
    ----------
    order
        All terms, each after what it needs.
    wanted
        The terms whose values from `row` on are asked for.
    market
        For its sessions.
    row
        The first session asked for.

    Raises
    ------
    HistoryWindowStartsBeforeData
        When a window reaches before the bundle's first bar.
    """
    rows = dict.fromkeys(wanted, row)
    for term in reversed(order):
        first = rows[term]
        if isinstance(term, Downsampled):
            sampled = int(term.sample_rows(market.labels, first, first + 1)[0])
            first = rows[term.inputs[0]] = min(sampled, rows.get(term.inputs[0], first))
            back = first
        else:
            back = first - term.extra_input_rows
        if back < 1:
            raise _too_long(term, back, row, market)
        for each in term.inputs:
            rows[each] = min(back, rows.get(each, back))
        if term.mask is not None:
            rows[term.mask] = min(first, rows.get(term.mask, first))
    return rows


def _too_long(term: Term, back: int, row: int, market: Market) -> HistoryWindowStartsBeforeData:
    earliest = row + 1 - back
    session = market.labels[row]
    way_out = "ingest earlier bars"
    if not isinstance(term, Downsampled) and earliest < len(market.labels):
        way_out = f"start on {_day(market.labels[earliest])} or later, or {way_out}"
    what = f"a window of {term.window_length} sessions" if term.windowed else "data"
    return HistoryWindowStartsBeforeData(
        f"{term} needs {what} for {_day(session)} that starts {1 - back} sessions before the "
        f"bundle, which holds {market.span} ({way_out})"
    )


def _day(session: pd.Timestamp) -> str:
    return str(session.date())
