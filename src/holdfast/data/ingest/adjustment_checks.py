"""Validates splits and dividends: a table becomes rows for SQLite, or an error names the row."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from holdfast.data.dates import parse_date
from holdfast.data.ingest.align import StoredTable
from holdfast.data.ingest.splits import moves_against, split_text
from holdfast.data.sessions import Sessions
from holdfast.errors import BadBars

Record = Mapping[Hashable, Any]

_NEEDED = ("symbol", "kind", "date", "value")


@dataclass(frozen=True, slots=True)
class AdjustmentRows:
    """Adjustments as SQLite stores them; sessions are rows of the bundle's sessions.

    Parameters
    ----------
    splits
        (sid, session, ratio): shares are divided, prices multiplied by the ratio.
    dividends
        (sid, ex_session, pay_session, cash per share, price ratio).
    """

    splits: tuple[tuple[int, int, float], ...] = ()
    dividends: tuple[tuple[int, int, int, float, float], ...] = ()


def validate_adjustments(
    table: pd.DataFrame | None, symbols: list[str], daily: StoredTable, sessions: Sessions
) -> AdjustmentRows:
    """Return the rows of `table` that take effect within `sessions`.

    Adjustments on or before the first session, or after the last, change nothing that the
    bundle holds and are left out.

    Raises
    ------
    BadBars
        At the first wrong row, with its symbol, date and value.
    """
    if table is None or table.empty:
        return AdjustmentRows()
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise BadBars(f"the adjustments lack the column {', '.join(missing)}")
    splits, dividends = [], []
    sids = {name: sid for sid, name in enumerate(symbols)}
    for record in table.to_dict("records"):
        kind, symbol, value = record["kind"], str(record["symbol"]), _parse_value(record)
        if symbol not in sids:
            raise _bad(record, "the bars have no such symbol (drop the row, or add its bars)")
        sid, session = sids[symbol], _find_session(record, "date", sessions)
        if not 0 < session < len(sessions):
            continue
        if kind == "split":
            _check_move(record, value, _closes_around(daily, sid, session))
            splits.append((sid, session, value))
        elif kind == "dividend":
            pay = max(session, _find_session(record, "pay_date", sessions))
            ratio = _compute_price_ratio(record, value, _closes_around(daily, sid, session)[0])
            dividends.append((sid, session, pay, value, ratio))
        else:
            raise _bad(record, f"kind is {kind!r}; it must be 'split' or 'dividend'")
    return AdjustmentRows(tuple(sorted(splits)), tuple(sorted(dividends)))


def _parse_value(record: Record) -> float:
    try:
        value = float(record["value"])
    except (TypeError, ValueError):
        value = float("nan")
    if not (np.isfinite(value) and value > 0):
        raise _bad(record, f"value is {record['value']!r}; it must be a finite number > 0")
    return value


def _find_session(record: Record, column: str, sessions: Sessions) -> int:
    """Return the row of the first session on or after the date in `column`."""
    given = record.get(column)
    if column == "pay_date" and (given is None or pd.isna(given)):
        given = record["date"]
    try:
        moment = parse_date(given)
    except ValueError:
        raise _bad(record, f"{column} is {given!r}, which is not a date") from None
    return int(np.searchsorted(sessions.labels, moment)) if moment >= sessions.labels[0] else -1


def _closes_around(daily: StoredTable, sid: int, session: int) -> tuple[float, float]:
    """Return an asset's last close before a session, and its first from then on; NaN for none."""
    closes = daily.read_asset("close", sid)
    at = int(np.searchsorted(daily.read_asset("row", sid), session))
    before = float(closes[at - 1]) if at else float("nan")
    return before, float(closes[at]) if at < len(closes) else float("nan")


def _check_move(record: Record, ratio: float, closes: tuple[float, float]) -> None:
    """Refuse a split that the bars contradict: it was given upside down."""
    before, after = closes
    if moves_against(ratio, before, after):
        raise _bad(
            record,
            f"a {split_text(ratio)} split multiplies the price by {ratio:.6g}, but the close "
            f"goes from {before:g} to {after:g}: the value is upside down (a csvdir column "
            f"'split' holds new shares per old share, 2 for 2-for-1; the value of an adjustment "
            f"is the ratio of the price, 0.5; drop the row if there was no split)",
        )


def _compute_price_ratio(record: Record, cash: float, close: float) -> float:
    """Return what a dividend multiplies earlier prices by; 1 when there are none."""
    if np.isnan(close):
        return 1.0
    if cash >= close:
        raise _bad(record, f"the dividend is not below the close before it, {close}")
    return 1.0 - cash / close


def _bad(record: Record, why: str) -> BadBars:
    return BadBars(f"adjustment {record['kind']} of {record['symbol']} on {record['date']}: {why}")
