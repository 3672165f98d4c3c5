"""Writes a bundle: checked, versioned, and published completely or not at all.

A bundle is a folder::

    CURRENT                     the version that readers open
    <version>/manifest.json     calendar, sessions, schema, version, SHA-256 of each file
    <version>/bars-1d.parquet   long format: sid, dt, open, high, low, close, volume
    <version>/bars-1m.parquet   only when ingested with frequency="minute"
    <version>/assets.sqlite     assets, splits, dividends
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.ingest.adjustment_checks import AdjustmentRows, validate_adjustments
from holdfast.data.ingest.align import Grid, StoredTable, align_to_calendar
from holdfast.data.ingest.arrange import arrange_bars
from holdfast.data.ingest.batches import BarBatches, FrameBatches
from holdfast.data.ingest.calendars import Frequency, build_sessions
from holdfast.data.ingest.faults import Faults
from holdfast.data.ingest.publish import publish, staging
from holdfast.data.ingest.spool import Spool
from holdfast.data.ingest.workspace import Progress, open_workspace
from holdfast.data.integrity import MANIFEST, SCHEMA, digest_of, seal
from holdfast.data.sessions import Sessions
from holdfast.errors import BadBars, UsageError

_ROW_GROUP = 1 << 20  # as pyarrow writes a whole table

AssetRow = tuple[int, str, str, str, str, str, str]

_SQL = """
CREATE TABLE assets (sid INTEGER PRIMARY KEY, symbol TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    exchange TEXT NOT NULL, start_date TEXT NOT NULL, end_date TEXT NOT NULL,
    auto_close_date TEXT NOT NULL);
CREATE TABLE splits (sid INTEGER NOT NULL, session INTEGER NOT NULL, ratio REAL NOT NULL);
CREATE TABLE dividends (sid INTEGER NOT NULL, ex_session INTEGER NOT NULL,
    pay_session INTEGER NOT NULL, cash REAL NOT NULL, price_ratio REAL NOT NULL);
"""


def write_bundle(
    path: str | os.PathLike[str],
    bars: pd.DataFrame | BarBatches,
    frequency: Frequency = "daily",
    calendar: str = "XNYS",
    adjustments: pd.DataFrame | None = None,
    progress: Progress = lambda text: None,
) -> str:
    """Write a new version of the bundle at `path` and make it the current one.

    Parameters
    ----------
    path
        The bundle's folder; it is made when it does not exist.
    bars
        Columns symbol, dt, open, high, low, close, volume: prices in currency per share,
        volume in shares. Daily bars carry the date of their session, minute bars the UTC end
        of their minute. They may be in any order. Or what ``open_bars`` returns, which is never
        held in memory as a whole.
    frequency
        ``daily`` or ``minute``; from minute bars, daily bars are aggregated too.
    calendar
        A calendar of exchange_calendars.
    adjustments
        Columns symbol, kind (``split`` or ``dividend``), date (the first session that trades
        at the new price), value (a split's ratio: 0.5 for 2-for-1; a dividend's cash per
        share) and, for dividends, pay_date (`date` when missing).

    Returns
    -------
    str
        The version, a SHA-256 over calendar, assets, bars and adjustments: the same input
        gives the same version.

    Raises
    ------
    BadBars
        When anything is wrong with the input. An older version stays current then.
    BundleError
        When `path` exists and is not a bundle.
    """
    if frequency not in ("daily", "minute"):
        raise UsageError(f"frequency is {frequency!r}; choose 'daily' or 'minute'")
    batches = FrameBatches(bars) if isinstance(bars, pd.DataFrame) else bars
    if not len(batches):
        raise BadBars("the table has no bars: at least one row is needed")
    with open_workspace(Path(path), Faults(batches.origin), progress) as workspace:
        arranged = arrange_bars(batches, workspace)
        first, last = (pd.Timestamp(time) for time in arranged.span)
        sessions = build_sessions(calendar, first, last, frequency)
        tables = align_to_calendar(arranged, Grid.of(sessions, frequency), workspace)
        progress(f"writing {len(batches):,} bars")
        symbols, daily = arranged.symbols, tables["1d"]
        assets = _make_asset_rows(symbols, daily, sessions)
        payouts = validate_adjustments(adjustments, symbols, daily, sessions)
        manifest = _make_manifest(frequency, sessions, tables, assets, payouts)
        with staging(Path(path)) as folder:
            for name, table in tables.items():
                _write_parquet(folder / f"bars-{name}.parquet", table.spool, sessions, name)
            _write_sqlite(folder / "assets.sqlite", assets, payouts)
            files = {child.name: digest_of(child) for child in sorted(folder.iterdir())}
            (folder / MANIFEST).write_bytes(seal(manifest | {"files": files}))
            publish(Path(path), folder, manifest["version"])
    return str(manifest["version"])


def _make_asset_rows(symbols: list[str], daily: StoredTable, sessions: Sessions) -> list[AssetRow]:
    rows: list[AssetRow] = []
    for sid, symbol in enumerate(symbols):
        first, last = (sessions.labels[row].item() for row in daily.find_span(sid))
        dates = (str(first), str(last), str(last + timedelta(days=1)))
        rows.append((sid, symbol, symbol, sessions.calendar, *dates))
    return rows


def _make_manifest(
    frequency: Frequency,
    sessions: Sessions,
    tables: dict[str, StoredTable],
    assets: list[AssetRow],
    payouts: AdjustmentRows,
) -> dict[str, Any]:
    content = {
        "schema": SCHEMA,
        "frequency": frequency,
        "sessions": sessions.to_json(),
        "assets": [row[1] for row in assets],
        "content": {name: _digest(table.spool) for name, table in sorted(tables.items())},
        "adjustments": [payouts.splits, payouts.dividends],
    }
    version = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"version": version, **content}


def _digest(table: Spool) -> str:
    digest = hashlib.sha256()
    for name in ("sid", "row", *STORED_FIELDS):
        for chunk in table.read_chunks(name):
            digest.update(chunk.data)
    return digest.hexdigest()


def _write_parquet(path: Path, table: Spool, sessions: Sessions, name: str) -> None:
    if name == "1d":
        grid = sessions.labels.astype("datetime64[us]")
    else:
        grid = (sessions.minutes * 60_000_000).astype("datetime64[us]")
    kinds = {"sid": pa.int32(), "dt": pa.timestamp("us", tz="UTC")}
    schema = pa.schema({**kinds, **dict.fromkeys(STORED_FIELDS, pa.float64())})
    # Prices repeat little, so dictionaries would only slow the reader down.
    options = {"compression": "lz4", "use_dictionary": ["sid"], "write_page_checksum": True}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for first in range(0, table.length, _ROW_GROUP):
            rows = first, min(first + _ROW_GROUP, table.length)
            moments = pa.array(grid[table.read("row", *rows)], schema.field("dt").type)
            values = [pa.array(table.read(field, *rows)) for field in STORED_FIELDS]
            columns = [pa.array(table.read("sid", *rows)), moments, *values]
            writer.write_table(pa.table(columns, schema=schema), _ROW_GROUP)


def _write_sqlite(path: Path, assets: list[AssetRow], payouts: AdjustmentRows) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SQL)
        connection.executemany("INSERT INTO assets VALUES (?, ?, ?, ?, ?, ?, ?)", assets)
        connection.executemany("INSERT INTO splits VALUES (?, ?, ?)", payouts.splits)
        connection.executemany("INSERT INTO dividends VALUES (?, ?, ?, ?, ?)", payouts.dividends)
