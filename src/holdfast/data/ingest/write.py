"""Writes a bundle: checked, versioned, and published completely or not at all.

A bundle is a folder::

    CURRENT                     the version that readers open
    <version>/manifest.json     calendar, sessions, schema, SHA-256 version
    <version>/bars-1d.parquet   long format: sid, dt, open, high, low, close, volume
    <version>/bars-1m.parquet   only when ingested with frequency="minute"
    <version>/assets.sqlite     assets, splits, dividends
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.data.bars import STORED_FIELDS
from holdfast.data.bundle import CURRENT, SCHEMA, get_version_folder, read_current_version
from holdfast.data.ingest.adjustment_checks import AdjustmentRows, validate_adjustments
from holdfast.data.ingest.calendars import Frequency, build_sessions
from holdfast.data.ingest.checks import LongTable, aggregate_daily, align_to_calendar, validate_bars
from holdfast.data.sessions import Sessions
from holdfast.errors import BundleError, UsageError

AssetRow = tuple[int, str, str, str, str, str, str]

_STALE_SECONDS = 3600.0  # until then another ingest of the same bundle may be at work
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
    bars: pd.DataFrame,
    frequency: Frequency = "daily",
    calendar: str = "XNYS",
    adjustments: pd.DataFrame | None = None,
) -> str:
    """Write a new version of the bundle at `path` and make it the current one.

    Parameters
    ----------
    path
        The bundle's folder; it is made when it does not exist.
    bars
        Columns symbol, dt, open, high, low, close, volume: prices in currency per share,
        volume in shares. In each symbol dt ascends. Daily bars carry the date of their
        session, minute bars the UTC end of their minute.
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
    bars = validate_bars(bars)
    sessions = build_sessions(calendar, bars["dt"].min(), bars["dt"].max(), frequency)
    given = align_to_calendar(bars, sessions, frequency)
    tables = {"1d": given} if frequency == "daily" else {"1m": given}
    tables.setdefault("1d", aggregate_daily(given, sessions))
    symbols = bars["symbol"].unique().tolist()
    assets = _make_asset_rows(symbols, tables["1d"], sessions)
    payouts = validate_adjustments(adjustments, symbols, tables["1d"], sessions)
    manifest = _make_manifest(frequency, sessions, tables, assets, payouts)
    with _stage(Path(path)) as folder:
        for name, table in tables.items():
            _write_parquet(folder / f"bars-{name}.parquet", table, sessions, name)
        _write_sqlite(folder / "assets.sqlite", assets, payouts)
        (folder / "manifest.json").write_text(json.dumps(manifest) + "\n")
        _publish(Path(path), folder, manifest["version"])
    return str(manifest["version"])


def _make_asset_rows(symbols: list[str], daily: LongTable, sessions: Sessions) -> list[AssetRow]:
    rows: list[AssetRow] = []
    for sid, symbol in enumerate(symbols):
        mine = daily.rows[daily.sids == sid]
        first, last = (sessions.labels[row].item() for row in (mine[0], mine[-1]))
        dates = (str(first), str(last), str(last + timedelta(days=1)))
        rows.append((sid, symbol, symbol, sessions.calendar, *dates))
    return rows


def _make_manifest(
    frequency: Frequency,
    sessions: Sessions,
    tables: dict[str, LongTable],
    assets: list[AssetRow],
    payouts: AdjustmentRows,
) -> dict[str, Any]:
    content = {
        "schema": SCHEMA,
        "frequency": frequency,
        "sessions": sessions.to_json(),
        "assets": [row[1] for row in assets],
        "content": {name: _digest(table) for name, table in sorted(tables.items())},
        "adjustments": [payouts.splits, payouts.dividends],
    }
    version = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"version": version, **content}


def _digest(table: LongTable) -> str:
    digest = hashlib.sha256()
    for column in (table.sids, table.rows, *(table.values[name] for name in STORED_FIELDS)):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _write_parquet(path: Path, table: LongTable, sessions: Sessions, name: str) -> None:
    if name == "1d":
        moments = sessions.labels[table.rows].astype("datetime64[us]")
    else:
        moments = (sessions.minutes[table.rows] * 60_000_000).astype("datetime64[us]")
    columns = {
        "sid": pa.array(table.sids),
        "dt": pa.array(moments, pa.timestamp("us", tz="UTC")),
        **{field: pa.array(table.values[field]) for field in STORED_FIELDS},
    }
    # Prices rarely repeat, so dictionaries would only slow the reader down.
    pq.write_table(pa.table(columns), path, compression="lz4", use_dictionary=["sid"])


def _write_sqlite(path: Path, assets: list[AssetRow], payouts: AdjustmentRows) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SQL)
        connection.executemany("INSERT INTO assets VALUES (?, ?, ?, ?, ?, ?, ?)", assets)
        connection.executemany("INSERT INTO splits VALUES (?, ?, ?)", payouts.splits)
        connection.executemany("INSERT INTO dividends VALUES (?, ?, ?, ?, ?)", payouts.dividends)


@contextlib.contextmanager
def _stage(path: Path) -> Iterator[Path]:
    """Yield a folder beside the versions; it is removed unless it was published."""
    if path.exists() and not (path.is_dir() and ((path / CURRENT).exists() or _is_fresh(path))):
        raise BundleError(f"{path} exists and is not a bundle: choose another folder")
    path.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=path))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_fresh(path: Path) -> bool:
    """Return whether `path` is empty but for what a killed ingest left there."""
    return all(child.name.startswith(".staging-") for child in path.iterdir())


def _publish(path: Path, staged: Path, version: str) -> None:
    """Move the staged version into place; readers see the old or the new one, never half."""
    previous = read_current_version(path) if (path / CURRENT).exists() else None
    target = get_version_folder(path, version)
    if not target.exists():
        staged.chmod(0o755)
        staged.rename(target)
    pointer = path / f".{CURRENT}-{os.getpid()}"
    pointer.write_text(version + "\n")
    pointer.replace(path / CURRENT)
    for child in path.iterdir():
        keep = {target, path / CURRENT} | (
            {get_version_folder(path, previous)} if previous else set()
        )
        if child.is_dir() and child not in keep and _get_age(child) > _STALE_SECONDS:
            shutil.rmtree(child, ignore_errors=True)


def _get_age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:  # another ingest has removed it
        return 0.0
