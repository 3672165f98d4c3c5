"""Bars batch by batch: slices of a frame, or of Parquet files that are never read as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.data.ingest.checks import COLUMNS, parse_times
from holdfast.data.ingest.origin import Origin
from holdfast.data.ingest.spool import CHUNK
from holdfast.errors import BadBars

_READ_AHEAD = 1 << 20  # bytes of each column; without it a whole row group is held


class BarBatches(Protocol):
    """The interface of bars from outside.

    Attributes
    ----------
    origin : Origin or None
        The files they come from.
    """

    origin: Origin | None

    def __len__(self) -> int:
        """Return how many bars there are."""
        ...

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield frames with `COLUMNS`, whose rows are numbered from 0."""
        ...


class FrameBatches:
    """The bars of a frame.

    Parameters
    ----------
    bars
        With `COLUMNS`, and perhaps others.

    Raises
    ------
    BadBars
        When a column is missing, or all rows.
    """

    def __init__(self, bars: pd.DataFrame) -> None:
        missing = [name for name in COLUMNS if name not in bars.columns]
        if missing:
            raise BadBars(
                f"the bars lack the column {', '.join(missing)}; they have "
                f"{', '.join(map(str, bars.columns))} (needed: {', '.join(COLUMNS)})"
            )
        self.origin = Origin.find(bars)
        self._bars = bars

    def __len__(self) -> int:
        return len(self._bars)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        bars = self._bars.loc[:, list(COLUMNS)].reset_index(drop=True)
        if not pd.api.types.is_datetime64_any_dtype(bars["dt"]):
            # Of texts the first tells how all are written.
            bars["dt"] = parse_times(bars)
        for first in range(0, len(bars), CHUNK):
            yield bars.iloc[first : first + CHUNK].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file whose columns have types that can be read batch by batch.

    Parameters
    ----------
    path
    columns
        The file's own name of each column; a file of one asset may lack the symbol.
    symbol
        Of every bar, when the file has no column for it.
    n_rows
    """

    path: Path
    columns: Mapping[str, str]
    symbol: str
    n_rows: int

    def read(self, names: tuple[str, ...]) -> Iterator[pd.DataFrame]:
        """Yield frames with these columns.

        Raises
        ------
        BadBars
            When the file is damaged.
        """
        own = [self.columns[name] for name in names if name in self.columns]
        texts = [self.columns[name] for name in ("symbol",) if name in self.columns]
        try:
            with pq.ParquetFile(
                self.path, read_dictionary=texts, buffer_size=_READ_AHEAD, pre_buffer=False
            ) as file:
                for batch in file.iter_batches(CHUNK, columns=own, use_threads=False):
                    yield self._make_frame(batch, names)
        except (OSError, pa.ArrowException) as error:
            raise BadBars(f"{self.path} cannot be read as parquet: {error}") from None

    def _make_frame(self, batch: pa.RecordBatch, names: tuple[str, ...]) -> pd.DataFrame:
        columns: dict[str, Any] = {
            name: self.symbol
            if name not in self.columns
            else batch.column(self.columns[name]).to_pandas()
            for name in names
        }
        return pd.DataFrame(columns, index=pd.RangeIndex(batch.num_rows))


class ParquetBatches:
    """The bars of Parquet files, one after the other.

    Parameters
    ----------
    files
        At least one.
    """

    def __init__(self, files: tuple[ParquetFile, ...]) -> None:
        self.files = files
        stops, total = [], 0
        for file in files:
            total += file.n_rows
            stops.append(total)
        self._n_rows = total
        names = tuple(file.columns for file in files)
        self.origin: Origin | None = Origin(tuple(f.path for f in files), tuple(stops), names)

    def __len__(self) -> int:
        return self._n_rows

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for file in self.files:
            yield from file.read(COLUMNS)
