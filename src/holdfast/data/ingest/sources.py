"""Reads bars from CSV or Parquet files, or from a csvdir folder, as one DataFrame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from holdfast.data.ingest.calendars import Frequency
from holdfast.data.ingest.checks import COLUMNS
from holdfast.data.ingest.origin import Origin
from holdfast.errors import BadBars

_CSV = (".csv", ".csv.gz")
_PARQUET = (".parquet", ".pq")
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


def read_bars(path: Path, frequency: Frequency) -> Source:
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

    Raises
    ------
    BadBars
        When nothing there can be read as bars.
    """
    if not path.exists():
        raise BadBars(f"there is nothing at {path} (name a file or a folder of bars)")
    folder = path / frequency if (path / frequency).is_dir() else path
    files = [folder] if folder.is_file() else sorted(filter(_get_kind, folder.iterdir()))
    if not files:
        raise BadBars(f"no CSV or Parquet file in {folder} (expected files such as AAPL.csv)")
    frames = [_read_file(file) for file in files]
    bars = pd.concat([frame.loc[:, list(COLUMNS)] for frame in frames], ignore_index=True)
    stops = np.cumsum([len(frame) for frame in frames]).tolist()
    Origin(tuple(files), tuple(stops), tuple(f.attrs["own"] for f in frames)).attach(bars)
    found = [table for table in map(_extract_adjustments, frames) if table is not None]
    return Source(bars, pd.concat(found, ignore_index=True) if found else None)


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
    own = {str(name).strip().lower(): str(name) for name in table.columns}
    if len(own) < len(table.columns):
        raise BadBars(f"{path} has two columns of one name: {', '.join(map(str, table.columns))}")
    _check_separator(path, list(own.values()))
    table.columns = pd.Index(own)
    table.attrs["own"] = own
    return table


def _check_separator(path: Path, header: list[str]) -> None:
    if len(header) == 1:
        found = [sign for sign in (";", "\t", "|") if sign in header[0]]
        if found:
            raise BadBars(f"{path} looks separated by {found[0]!r}: write it with commas")


def _read_file(path: Path) -> pd.DataFrame:
    table = read_table(path)
    own = table.attrs["own"]
    times = [name for name in _TIMES if name in own]
    if not times:
        raise BadBars(
            f"{path} has no column for the time (one of {', '.join(_TIMES)}); "
            f"it has {', '.join(own.values())}"
        )
    table = table.rename(columns={times[0]: "dt"})
    if "symbol" not in table.columns:
        named = table["ticker"] if "ticker" in table.columns else path.name.split(".")[0]
        table = table.assign(symbol=named)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise BadBars(
            f"{path} lacks the column {', '.join(missing)}; it has {', '.join(own.values())}"
        )
    table.attrs["own"] = {**own, "dt": own[times[0]]}
    return table


def _extract_adjustments(table: pd.DataFrame) -> pd.DataFrame | None:
    parts = []
    for kind, nothing in (("split", 1.0), ("dividend", 0.0)):
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
