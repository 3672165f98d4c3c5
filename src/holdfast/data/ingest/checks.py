"""Bars at the door: a DataFrame becomes clean, sorted arrays, or an error that names the row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE, Sessions
from holdfast.errors import BadBars

PRICES = STORED_FIELDS[:4]
COLUMNS = ("symbol", "dt", *STORED_FIELDS)


@dataclass(frozen=True, slots=True)
class LongTable:
    """Bars of one frequency in long format, sorted by asset and time.

    Parameters
    ----------
    sids : (n,) int32
        Which asset each bar belongs to.
    rows : (n,) int64
        Which session (daily) or minute (minute) of the calendar each bar is.
    values : dict of (n,) float64
        One column per field.
    """

    sids: NDArray[np.int32]
    rows: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]


def validate_bars(bars: pd.DataFrame) -> pd.DataFrame:
    """Return `bars` with the columns Holdfast needs, by symbol and time.

    Raises
    ------
    BadBars
        At the first wrong row, with its symbol, time and value.
    """
    missing = [name for name in COLUMNS if name not in bars.columns]
    if missing:
        raise BadBars(
            f"the bars lack the column {', '.join(missing)}; they have "
            f"{', '.join(map(str, bars.columns))} (needed: {', '.join(COLUMNS)})"
        )
    if bars.empty:
        raise BadBars("the table has no bars: at least one row is needed")
    bars = bars.loc[:, list(COLUMNS)].reset_index(drop=True)
    bars["symbol"] = bars["symbol"].astype(str)
    bars["dt"] = _times(bars["dt"])
    for name in STORED_FIELDS:
        bars[name] = _numbers(bars, name)
    _check_values(bars)
    _check_order(bars)
    return bars.sort_values(["symbol", "dt"], kind="stable", ignore_index=True)


def _times(column: pd.Series) -> pd.Series:
    try:
        return pd.to_datetime(column, utc=True).dt.tz_localize(None).astype("datetime64[ns]")
    except (ValueError, TypeError, OverflowError) as error:
        raise BadBars(f"the column dt has a value that is not a date: {error}") from None


def _numbers(bars: pd.DataFrame, name: str) -> pd.Series:
    numbers = pd.to_numeric(bars[name], errors="coerce").astype("float64")
    spoilt = numbers.isna() & bars[name].notna()
    if spoilt.any():
        row = int(spoilt.to_numpy().argmax())
        raise _bad_row(bars, row, f"{name} is {bars[name][row]!r}, not a number")
    return numbers


def _check_values(bars: pd.DataFrame) -> None:
    if bars["dt"].isna().any():
        raise _bad_row(bars, int(bars["dt"].isna().to_numpy().argmax()), "dt is missing")
    for name in STORED_FIELDS:
        values = bars[name].to_numpy()
        least = 0.0 if name == "volume" else np.nextafter(0.0, 1.0)
        wrong = ~(np.isfinite(values) & (values >= least))
        if wrong.any():
            row = int(wrong.argmax())
            limit = "a finite number >= 0" if name == "volume" else "a finite number > 0"
            raise _bad_row(
                bars,
                row,
                f"{name} is {values[row]}, but must be {limit} "
                f"(leave the row out when the asset did not trade)",
            )
    low_above_high = (bars["high"] < bars["low"]).to_numpy()
    if low_above_high.any():
        row = int(low_above_high.argmax())
        raise _bad_row(bars, row, f"high {bars['high'][row]} is below low {bars['low'][row]}")


def _check_order(bars: pd.DataFrame) -> None:
    twice = bars.duplicated(["symbol", "dt"]).to_numpy()
    if twice.any():
        raise _bad_row(bars, int(twice.argmax()), "a second bar for the same time (drop one)")
    step = bars.groupby("symbol", sort=False)["dt"].diff()
    backwards = (step < pd.Timedelta(0)).to_numpy()
    if backwards.any():
        raise _bad_row(
            bars,
            int(backwards.argmax()),
            "it comes after a later bar of the same symbol (sort the bars by symbol and dt)",
        )


def _bad_row(bars: pd.DataFrame, row: int, why: str) -> BadBars:
    return BadBars(f"row {row}, {bars['symbol'][row]} on {bars['dt'][row]}: {why}")


def align_to_calendar(bars: pd.DataFrame, sessions: Sessions, frequency: str) -> LongTable:
    """Place checked bars on the grid of a calendar.

    Parameters
    ----------
    bars
        What `validate_bars` returned.
    sessions
        The sessions from the first to the last bar.
    frequency
        ``daily`` or ``minute``.

    Raises
    ------
    BadBars
        When a bar falls on a day or minute that the calendar lacks.
    """
    moments = bars["dt"].to_numpy()
    if frequency == "daily":
        grid = sessions.labels.astype("datetime64[ns]")
    else:
        grid = (sessions.minutes * NANOSECONDS_PER_MINUTE).astype("datetime64[ns]")
    rows = np.minimum(np.searchsorted(grid, moments), len(grid) - 1)
    outside = grid[rows] != moments
    if outside.any():
        row = int(outside.argmax())
        raise _bad_row(bars, row, _describe_mismatch(moments[row], sessions, frequency))
    symbols = bars["symbol"].to_numpy()
    sids = np.unique(symbols, return_inverse=True)[1].astype(np.int32)
    values = {name: bars[name].to_numpy(dtype=np.float64) for name in STORED_FIELDS}
    return LongTable(sids, rows.astype(np.int64), values)


def _describe_mismatch(moment: np.datetime64, sessions: Sessions, frequency: str) -> str:
    date = moment.astype("datetime64[D]")
    row = sessions.find_row(date)
    if row is None:
        return (
            f"the calendar {sessions.calendar} has no session on {date} "
            f"(drop the row, or name the calendar the asset trades on)"
        )
    if frequency == "daily":
        return "a daily bar carries a date, not a time of day (use frequency='minute'?)"
    first, last = sessions.opens[row] + 1, sessions.closes[row]
    hours = " to ".join(str(np.datetime64(int(minute), "m")) for minute in (first, last))
    return (
        f"it is not a minute of {sessions.calendar}, whose minutes that day are {hours} UTC "
        f"(minutes are labelled by their end, in UTC)"
    )


def aggregate_daily(table: LongTable, sessions: Sessions) -> LongTable:
    """Return one bar per asset and session, aggregated from minute bars."""
    days = sessions.session_of_minute[table.rows]
    new_day = np.flatnonzero(np.diff(days, prepend=-1) | np.diff(table.sids, prepend=-1))
    ends = np.append(new_day[1:], len(days)) - 1
    columns = table.values
    values = {
        "open": columns["open"][new_day],
        "high": np.maximum.reduceat(columns["high"], new_day),
        "low": np.minimum.reduceat(columns["low"], new_day),
        "close": columns["close"][ends],
        "volume": np.add.reduceat(columns["volume"], new_day),
    }
    return LongTable(table.sids[new_day], days[new_day], values)
