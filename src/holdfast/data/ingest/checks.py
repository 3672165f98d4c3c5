"""Checks a batch of bars: columns of a frame become numbers, or an error names the wrong row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.dates import TWO_WAYS
from holdfast.data.ingest.faults import wrong_rows
from holdfast.errors import BadBars

PRICES = STORED_FIELDS[:4]
COLUMNS = ("symbol", "dt", *STORED_FIELDS)

# The ranks of the checks, each with one more for each field where it is made of each.
_SYMBOL, _TWO_WAYS, _DATE, _NUMBER, _TIME, _LIMIT, _HIGH = 0, 1, 2, 10, 20, 30, 40
TWICE, OFF_CALENDAR = 50, 60


@dataclass(frozen=True, slots=True)
class Batch:
    """Bars that passed, in the order in which they came.

    Parameters
    ----------
    symbols
        Which there are, in order of appearance.
    codes : (n,) int64
        The symbol of each bar, as a position in `symbols`.
    times : (n,) int64
        Nanoseconds since 1970 UTC.
    values : dict of (n,) float64
        By field.
    """

    symbols: list[str]
    codes: NDArray[np.int64]
    times: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]


def check_batch(bars: pd.DataFrame) -> Batch:
    """Return bars as numbers.

    Parameters
    ----------
    bars
        With `COLUMNS`, and rows numbered from 0.

    Raises
    ------
    WrongRows
        When any row is wrong.
    BadBars
        When times are written in several ways.
    """
    codes, symbols = _find_symbols(bars)
    bars = bars.assign(dt=parse_times(bars))
    numbers = {name: _parse_numbers(bars, name) for name in STORED_FIELDS}
    missing = bars["dt"].isna().to_numpy()
    if missing.any():
        raise wrong_rows(bars, missing, _TIME, "dt", "is missing")
    _check_values(bars, numbers)
    times = bars["dt"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    return Batch(symbols, codes, times, numbers)


def _find_symbols(bars: pd.DataFrame) -> tuple[NDArray[np.int64], list[str]]:
    column = bars["symbol"]
    missing = column.isna().to_numpy()
    if missing.any():
        raise wrong_rows(bars, missing, _SYMBOL, "symbol", "is missing")
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, used = pd.factorize(column.cat.codes.to_numpy())
        return codes, column.cat.categories[used].astype(str).tolist()
    codes, symbols = pd.factorize(column.astype(str))
    return codes, symbols.tolist()


def parse_times(bars: pd.DataFrame) -> pd.Series:
    """Return the times without a time zone, in UTC.

    Raises
    ------
    WrongRows
        When one is not a date, or may be two.
    BadBars
        When they are written in several ways.
    """
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
            raise wrong_rows(bars, two_ways, _TWO_WAYS, "dt", why)
    try:
        times = _parse(column)
    except (ValueError, TypeError, OverflowError):
        times = _parse(column, errors="coerce")
        wrong = (times.isna() & column.notna()).to_numpy()
        if not wrong.any():
            raise BadBars("the times are of several kinds: write each like 2024-01-31") from None
        why = f"is {column[int(wrong.argmax())]!r}, which is not a date (write 2024-01-31)"
        raise wrong_rows(bars, wrong, _DATE, "dt", why) from None
    naive: pd.Series = times.dt.tz_localize(None)
    return naive.astype("datetime64[ns]")


def _parse(column: pd.Series, **options: Any) -> pd.Series:
    with warnings.catch_warnings():
        # pandas warns where it cannot guess the format; what it cannot read is an error here.
        warnings.simplefilter("ignore", UserWarning)
        times: pd.Series = pd.to_datetime(column, utc=True, **options)
    return times


def _parse_numbers(bars: pd.DataFrame, name: str) -> NDArray[np.float64]:
    column = bars[name]
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = (numbers.isna() & column.notna()).to_numpy()
    if wrong.any():
        why = f"is {column[int(wrong.argmax())]!r}, not a number"
        raise wrong_rows(bars, wrong, _NUMBER + STORED_FIELDS.index(name), name, why)
    return np.asarray(numbers, dtype=np.float64)


def _check_values(bars: pd.DataFrame, numbers: dict[str, NDArray[np.float64]]) -> None:
    for rank, (name, values) in enumerate(numbers.items(), start=_LIMIT):
        least = 0.0 if name == "volume" else np.nextafter(0.0, 1.0)
        wrong = ~(np.isfinite(values) & (values >= least))
        if wrong.any():
            limit = "a finite number >= 0" if name == "volume" else "a finite number > 0"
            why = (
                f"is {values[wrong.argmax()]}, but must be {limit} "
                f"(leave the row out when the asset did not trade)"
            )
            raise wrong_rows(bars, wrong, rank, name, why)
    high, low = numbers["high"], numbers["low"]
    wrong = high < low
    if wrong.any():
        row = int(wrong.argmax())
        raise wrong_rows(bars, wrong, _HIGH, "high", f"{high[row]} is below low {low[row]}")
