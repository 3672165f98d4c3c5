"""Reads bars from CSV or Parquet files, or from a csvdir folder, as one DataFrame or in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.ingest.batches import BarBatches, FrameBatches, ParquetBatches, ParquetFile
from holdfast.data.ingest.calendars import Frequency
from holdfast.data.ingest.checks import COLUMNS
from holdfast.data.ingest.origin import Origin
from holdfast.errors import BadBars

_CSV = (".csv", ".csv.gz")
_PARQUET = (".parquet", ".pq")
_ADJUSTED = {"split": 1.0, "dividend": 0.0}  # and the value that means there is none
_TIMES = ("dt", "date", "datetime", "timestamp", "time", "day")


@dataclass(frozen=True, slots=True)
class Source:
    """Bars and adjustments as they were read.

    Parameters
    ----------
    bars
        Columns symbol, dt, open, high, low, close, volume.
    adjustments
        The table that ``write_bundle`` takes; None when the files have none.
    """

    bars: pd.DataFrame
    adjustments: pd.DataFrame | None


def read_bars(path: Path, frequency: Frequency, date_format: str | None = None) -> Source:
    """Read bars from a file or a folder.

    Parameters
    ----------
    path
        A CSV or Parquet file with a ``symbol`` (or ``ticker``) column; or a folder of files,
        one per symbol and named after it (``AAPL.csv``); or such folders named ``daily`` and
        ``minute`` (Zipline's csvdir layout). Its columns become adjustments as in Zipline:
        ``dividend`` is cash per share, 0 for none; ``split`` is new shares per old share, 2 for
        2-for-1 and 1 for none, so earlier prices are multiplied by 1 / split.
    frequency
        ``daily`` or ``minute``: which csvdir folder to read.
    date_format
        How times are written, such as ``%d/%m/%Y``; None takes ISO dates.

    Raises
    ------
    BadBars
        When nothing there can be read as bars.
    """
    files = _find_files(path, frequency)
    frames = [_read_file(file) for file in files]
    if date_format is not None:
        frames = [frame.assign(dt=parse_column(frame, "dt", date_format)) for frame in frames]
    bars = pd.concat([frame.loc[:, list(COLUMNS)] for frame in frames], ignore_index=True)
    stops = np.cumsum([len(frame) for frame in frames]).tolist()
    Origin(tuple(files), tuple(stops), tuple(f.attrs["own"] for f in frames)).attach(bars)
    return Source(bars, _merge(map(_extract_adjustments, frames)))


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """Bars that are read as they are written, and adjustments.

    Parameters
    ----------
    bars
        What ``write_bundle`` takes.
    adjustments
        As of `Source`.
    """

    bars: BarBatches
    adjustments: pd.DataFrame | None


def open_bars(path: Path, frequency: Frequency, date_format: str | None = None) -> OpenedSource:
    """Open bars to be read in batches, where the files allow it; the rest is read at once.

    Parquet files do when their times are not texts and their prices are numbers.

    Parameters
    ----------
    path, frequency, date_format
        As for `read_bars`.

    Raises
    ------
    BadBars
        When nothing there can be read as bars.
    """
    files = _find_files(path, frequency)
    if date_format is None and all(_get_kind(file) == "parquet" for file in files):
        opened = [_open_parquet(file) for file in files]
        streamed = tuple(file for file in opened if file is not None)
        if len(streamed) == len(files):
            return OpenedSource(ParquetBatches(streamed), _merge(_read_adjustments(streamed)))
    source = read_bars(path, frequency, date_format)
    return OpenedSource(FrameBatches(source.bars), source.adjustments)


def _find_files(path: Path, frequency: Frequency) -> list[Path]:
    if not path.exists():
        raise BadBars(f"there is nothing at {path} (name a file or a folder of bars)")
    folder = path / frequency if (path / frequency).is_dir() else path
    files = [folder] if folder.is_file() else sorted(filter(_get_kind, folder.iterdir()))
    if not files:
        raise BadBars(f"no CSV or Parquet file in {folder} (expected files such as AAPL.csv)")
    return files


def _open_parquet(path: Path) -> ParquetFile | None:
    """Return a file that can be read in batches; None when its types do not allow it."""
    try:
        with pq.ParquetFile(path) as file:
            schema, n_rows = file.schema_arrow, file.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        raise BadBars(f"{path} cannot be read as parquet: {error}") from None
    own = _name_columns(path, schema.names)
    columns = {**own, "dt": own[_find_time(path, own)]}
    _check_complete(path, {**columns, "symbol": ""}, own)
    if "symbol" not in own and "ticker" in own:
        columns["symbol"] = own["ticker"]
    types = {name: schema.field(column).type for name, column in columns.items()}
    numbers = all(_is_number(types[name]) for name in STORED_FIELDS)
    if not numbers or not _is_text(types.get("symbol")) or not pa.types.is_temporal(types["dt"]):
        return None
    return ParquetFile(path, columns, path.name.split(".")[0], n_rows)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_text(kind: pa.DataType | None) -> bool:
    if kind is not None and pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(kind is None or pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _read_adjustments(files: Iterable[ParquetFile]) -> Iterator[pd.DataFrame | None]:
    for file in files:
        names = tuple(name for name in _ADJUSTED if name in file.columns)
        if names:
            yield from map(_extract_adjustments, file.read(("symbol", "dt", *names)))


def _merge(tables: Iterable[pd.DataFrame | None]) -> pd.DataFrame | None:
    found = [table for table in tables if table is not None]
    return pd.concat(found, ignore_index=True) if found else None


def read_adjustments(path: Path, date_format: str | None = None) -> pd.DataFrame:
    """Read a CSV or Parquet file of splits and dividends, as ``write_bundle`` takes them.

    Raises
    ------
    BadBars
        When the file cannot be read, or dates are not written as `date_format` says.
    """
    table = read_table(path)
    for name in {"date", "pay_date"} & set(table.columns) if date_format is not None else ():
        table[name] = parse_column(table, name, date_format or "")
    return table


def parse_column(table: pd.DataFrame, name: str, date_format: str) -> pd.Series:
    """Return a column of dates that are written in a certain way.

    Raises
    ------
    BadBars
        When one is written otherwise.
    """
    try:
        return pd.to_datetime(table[name], format=date_format)
    except ValueError as error:
        what = " ".join(str(error).split())
        raise BadBars(f"the column {name} is not written as {date_format}: {what}") from None


def _get_kind(path: Path) -> str | None:
    for kind, endings in (("csv", _CSV), ("parquet", _PARQUET)):
        if path.name.lower().endswith(endings):
            return kind
    return None


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV or Parquet file, column names in lower case.

    Raises
    ------
    BadBars
        When the file is missing, truncated or of another kind.
    """
    try:
        table = pd.read_parquet(path) if _get_kind(path) == "parquet" else pd.read_csv(path)
    except (OSError, ValueError, EOFError, pa.ArrowException) as error:
        raise BadBars(f"{path} cannot be read as {_get_kind(path) or 'csv'}: {error}") from None
    own = _name_columns(path, [str(name) for name in table.columns])
    _check_separator(path, list(own.values()))
    table.columns = pd.Index(own)
    table.attrs["own"] = own
    return table


def _name_columns(path: Path, names: list[str]) -> dict[str, str]:
    """Return the file's own name of each column, by its name in lower case."""
    own = {name.strip().lower(): name for name in names}
    if len(own) < len(names):
        raise BadBars(f"{path} has two columns of one name: {', '.join(names)}")
    return own


def _find_time(path: Path, own: Mapping[str, str]) -> str:
    """Return the name, in lower case, of the column that holds the time."""
    found = [name for name in _TIMES if name in own]
    if not found:
        raise BadBars(
            f"{path} has no column for the time (one of {', '.join(_TIMES)}); "
            f"it has {', '.join(own.values())}"
        )
    return found[0]


def _check_complete(path: Path, names: Iterable[str], own: Mapping[str, str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadBars(
            f"{path} lacks the column {', '.join(missing)}; it has {', '.join(own.values())}"
        )


def _check_separator(path: Path, header: list[str]) -> None:
    if len(header) == 1:
        found = [sign for sign in (";", "\t", "|") if sign in header[0]]
        if found:
            raise BadBars(f"{path} looks separated by {found[0]!r}: write it with commas")


def _read_file(path: Path) -> pd.DataFrame:
    table = read_table(path)
    own = table.attrs["own"]
    time = _find_time(path, own)
    table = table.rename(columns={time: "dt"})
    if "symbol" not in table.columns:
        named = table["ticker"] if "ticker" in table.columns else path.name.split(".")[0]
        table = table.assign(symbol=named)
    _check_complete(path, table.columns, own)
    table.attrs["own"] = {**own, "dt": own[time]}
    return table


def _extract_adjustments(table: pd.DataFrame) -> pd.DataFrame | None:
    parts = []
    for kind, nothing in _ADJUSTED.items():
        if kind in table.columns:
            rows = table[table[kind].notna() & (table[kind] != nothing)]
            part = pd.DataFrame({"symbol": rows["symbol"], "date": rows["dt"]})
            values = rows[kind] if kind == "dividend" else _price_ratios(rows)
            parts.append(part.assign(kind=kind, value=values))
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else None


def _price_ratios(rows: pd.DataFrame) -> pd.Series:
    """Return what each split multiplies earlier prices by, of new shares per old share."""
    shares = pd.to_numeric(rows["split"], errors="coerce")
    wrong = ~(np.isfinite(shares) & (shares > 0))
    if wrong.any():
        row = rows[wrong].iloc[0]
        raise BadBars(
            f"split of {row['symbol']} on {row['dt']} is {row['split']!r}; it must be a finite "
            f"number > 0: new shares per old share (2 for 2-for-1, 1 for none)"
        )
    return 1 / shares
