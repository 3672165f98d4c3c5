"""Validates bars: a DataFrame becomes sorted arrays, or an error names the wrong row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.dates import TWO_WAYS
from holdfast.data.ingest.origin import bad_rows
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
    """Return `bars` with the columns that Holdfast needs, sorted by symbol and time.

    Raises
    ------
    BadBars
        Naming the first wrong row with its symbol, time and value, and how many there are.
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
    bars["dt"] = _parse_times(bars)
    for name in STORED_FIELDS:
        bars[name] = _parse_numbers(bars, name)
    _check_values(bars)
    if _is_sorted(bars):
        return bars
    _check_order(bars)
    bars["row"] = np.arange(len(bars))
    return bars.sort_values(["symbol", "dt"], kind="stable", ignore_index=True)


def _parse_times(bars: pd.DataFrame) -> pd.Series:
    column = bars["dt"]
    texts = (
        column[column.map(lambda value: isinstance(value, str))]
        if column.dtype == object
        else column
    )
    if pd.api.types.is_string_dtype(texts):
        # Minutes come once for each symbol: each way of writing one is looked at once.
        codes, ways = pd.factorize(texts)
        ambiguous = pd.Series(ways).str.match(TWO_WAYS).to_numpy(bool)
        found = pd.Series(np.append(ambiguous, False)[codes], texts.index)  # -1 is no text
        two_ways = found.reindex(column.index, fill_value=False).to_numpy(bool)
        if two_ways.any():
            value = column[int(two_ways.argmax())]
            why = f"is {value!r}: day or month first? (write 2024-01-31)"
            raise bad_rows(bars, two_ways, "dt", why)
    try:
        times = _parse(column)
    except (ValueError, TypeError, OverflowError):
        times = _parse(column, errors="coerce")
        wrong = (times.isna() & column.notna()).to_numpy()
        if not wrong.any():
            raise BadBars("the times are of several kinds: write each like 2024-01-31") from None
        why = f"is {column[int(wrong.argmax())]!r}, which is not a date (write 2024-01-31)"
        raise bad_rows(bars, wrong, "dt", why) from None
    naive: pd.Series = times.dt.tz_localize(None)
    return naive.astype("datetime64[ns]")


def _parse(column: pd.Series, **options: Any) -> pd.Series:
    with warnings.catch_warnings():
        # pandas warns where it cannot guess the format; what it cannot read is an error here.
        warnings.simplefilter("ignore", UserWarning)
        times: pd.Series = pd.to_datetime(column, utc=True, **options)
    return times


def _parse_numbers(bars: pd.DataFrame, name: str) -> pd.Series:
    numbers = pd.to_numeric(bars[name], errors="coerce").astype("float64")
    wrong = (numbers.isna() & bars[name].notna()).to_numpy()
    if wrong.any():
        value = bars[name][int(wrong.argmax())]
        raise bad_rows(bars, wrong, name, f"is {value!r}, not a number")
    return numbers


def _check_values(bars: pd.DataFrame) -> None:
    missing = bars["dt"].isna().to_numpy()
    if missing.any():
        raise bad_rows(bars, missing, "dt", "is missing")
    for name in STORED_FIELDS:
        values = bars[name].to_numpy()
        least = 0.0 if name == "volume" else np.nextafter(0.0, 1.0)
        wrong = ~(np.isfinite(values) & (values >= least))
        if wrong.any():
            limit = "a finite number >= 0" if name == "volume" else "a finite number > 0"
            raise bad_rows(
                bars,
                wrong,
                name,
                f"is {values[wrong.argmax()]}, but must be {limit} "
                f"(leave the row out when the asset did not trade)",
            )
    wrong = (bars["high"] < bars["low"]).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        why = f"{bars['high'][row]} is below low {bars['low'][row]}"
        raise bad_rows(bars, wrong, "high", why)


def _is_sorted(bars: pd.DataFrame) -> bool:
    """Return whether symbols ascend, and times in each: then no bar comes twice, either."""
    codes, symbols = pd.factorize(bars["symbol"])
    times, steps = bars["dt"].to_numpy(), np.diff(codes)
    if (steps < 0).any() or symbols.tolist() != sorted(symbols):
        return False
    return bool(((times[1:] > times[:-1]) | (steps > 0)).all())


def _check_order(bars: pd.DataFrame) -> None:
    twice = bars.duplicated(["symbol", "dt"]).to_numpy()
    if twice.any():
        raise bad_rows(bars, twice, None, "a second bar for the same time (drop one)")
    step = bars.groupby("symbol", sort=False)["dt"].diff()
    backwards = (step < pd.Timedelta(0)).to_numpy()
    if backwards.any():
        why = "it comes after a later bar of the same symbol (sort the bars by symbol and dt)"
        raise bad_rows(bars, backwards, None, why)


def align_to_calendar(bars: pd.DataFrame, sessions: Sessions, frequency: str) -> LongTable:
    """Return validated bars as rows on the grid of a calendar.

    Parameters
    ----------
    bars
        As `validate_bars` returns them.
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
        why = _describe_mismatch(moments[outside.argmax()], sessions, frequency)
        raise bad_rows(bars, outside, None, why)
    sids = pd.factorize(bars["symbol"])[0].astype(np.int32)  # sorted, as the bars are
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
