"""Files become one DataFrame of bars: a csvdir folder, CSV or Parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from holdfast.data.ingest.calendars import Frequency
from holdfast.data.ingest.checks import COLUMNS
from holdfast.errors import BadBars

_CSV = (".csv", ".csv.gz")
_PARQUET = (".parquet", ".pq")
_TIMES = ("dt", "date", "datetime", "timestamp", "time", "day")


@dataclass(frozen=True, slots=True)
class Source:
    """What was read.

    Parameters
    ----------
    bars
        Columns symbol, dt, open, high, low, close, volume.
    adjustments
        The table that ``write_bundle`` takes; None when the files told of none.
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
        ``minute`` (Zipline's csvdir layout). A csvdir's columns ``dividend`` (cash per share) and
        ``split`` (ratio, 1 for none) become adjustments.
    frequency
        ``daily`` or ``minute``: which csvdir folder to read.

    Raises
    ------
    BadBars
        When nothing there can be read as bars.
    """
    if not path.exists():
        raise BadBars(f"there is nothing at {path}")
    folder = path / frequency if (path / frequency).is_dir() else path
    files = [folder] if folder.is_file() else sorted(filter(_kind, folder.iterdir()))
    if not files:
        raise BadBars(f"no CSV or Parquet file in {folder} (expected files such as AAPL.csv)")
    frames = [_read(file) for file in files]
    bars = pd.concat([frame.loc[:, list(COLUMNS)] for frame in frames], ignore_index=True)
    found = [table for table in map(_adjustments, frames) if table is not None]
    return Source(bars, pd.concat(found, ignore_index=True) if found else None)


def _kind(path: Path) -> str | None:
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
        table = pd.read_parquet(path) if _kind(path) == "parquet" else pd.read_csv(path)
    except (OSError, ValueError, EOFError, pa.ArrowException) as error:
        raise BadBars(f"{path} cannot be read as {_kind(path) or 'csv'}: {error}") from None
    return table.rename(columns=lambda name: str(name).strip().lower())


def _read(path: Path) -> pd.DataFrame:
    table = read_table(path)
    times = [name for name in _TIMES if name in table.columns]
    if not times:
        raise BadBars(f"{path} has no column for the time (one of {', '.join(_TIMES)})")
    table = table.rename(columns={times[0]: "dt"})
    if "symbol" not in table.columns:
        named = table["ticker"] if "ticker" in table.columns else path.name.split(".")[0]
        table = table.assign(symbol=named)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise BadBars(
            f"{path} lacks the column {', '.join(missing)}; it has {', '.join(table.columns)}"
        )
    return table


def _adjustments(table: pd.DataFrame) -> pd.DataFrame | None:
    parts = []
    for kind, nothing in (("split", 1.0), ("dividend", 0.0)):
        if kind in table.columns:
            rows = table[table[kind].notna() & (table[kind] != nothing)]
            part = pd.DataFrame({"symbol": rows["symbol"], "date": rows["dt"]})
            parts.append(part.assign(kind=kind, value=rows[kind]))
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else None
