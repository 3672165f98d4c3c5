"""An opened bundle: one immutable version of assets, adjustments and bars."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from holdfast.assets import AssetFinder, Finder
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import STORED_FIELDS, LongBars
from holdfast.data.sessions import Sessions
from holdfast.errors import BundleError, UsageError

CURRENT = "CURRENT"
SCHEMA = 1


def read_current_version(path: str | os.PathLike[str]) -> str:
    """Return the version that is current at `path`: one small read.

    Raises
    ------
    BundleError
        When there is no bundle.
    """
    try:
        # The pool calls this before every backtest, so it avoids Path and a text decoder.
        with open(os.path.join(path, CURRENT), "rb", buffering=0) as file:  # noqa: PTH123, PTH118
            return file.read().decode().strip()
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(
            f"no bundle at {os.fspath(path)} "
            f"(make one: holdfast ingest BARS --bundle {os.fspath(path)})"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"the bundle at {os.fspath(path)} cannot be read: {error}") from None


def get_version_folder(path: str | os.PathLike[str], version: str) -> Path:
    """Return the folder that holds one version of the bundle at `path`."""
    return Path(path) / version[:16]


class OpenedBundle(Protocol):
    """The interface of an opened bundle: what a backtest reads."""

    version: str
    sessions: Sessions
    adjustments: Adjustments

    @property
    def assets(self) -> Finder:
        """Looks up assets."""
        ...

    def bars(self, frequency: str) -> LongBars:
        """Return the stored bars of one frequency, ``1d`` or ``1m``."""
        ...


class Bundle:
    """One version of a bundle, with its SQLite connection open.

    Parameters
    ----------
    path
        The folder that ``write_bundle`` made.

    Attributes
    ----------
    version : str
        SHA-256 of the content.
    frequency : str
        ``daily`` or ``minute``: the finest bars it holds.
    sessions : Sessions
        All sessions from the first to the last bar.
    assets : AssetFinder
    adjustments : Adjustments

    Raises
    ------
    BundleError
        When there is no bundle at `path`, it is damaged, or of another schema.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.version = read_current_version(path)
        self.folder = get_version_folder(path, self.version)
        manifest = _read_manifest(self.folder)
        self.frequency: str = manifest["frequency"]
        self.sessions = Sessions.from_json(manifest["sessions"])
        self._connection = _connect(self.folder / "assets.sqlite")
        self.assets: Finder = AssetFinder(self._connection)
        try:
            self.adjustments = Adjustments(self._connection)
        except sqlite3.Error as error:
            self.close()
            raise _damaged(self.folder / "assets.sqlite", error) from None

    def bars(self, frequency: str) -> LongBars:
        """Read the stored bars of one frequency.

        Parameters
        ----------
        frequency
            ``1d`` or ``1m``.

        Raises
        ------
        UsageError
            When the bundle holds no minute bars.
        BundleError
            When the file is damaged.
        """
        if frequency == "1m" and self.frequency != "minute":
            raise self.no_minutes(self.path)
        table = _read_parquet(self.folder / f"bars-{frequency}.parquet")
        if frequency == "1d":
            grid = self.sessions.labels.astype("datetime64[us]")
        else:
            grid = (self.sessions.minutes * 60_000_000).astype("datetime64[us]")
        rows = np.searchsorted(grid, table["dt"].to_numpy())
        columns = {name: table[name].to_numpy() for name in STORED_FIELDS}
        return LongBars(table["sid"].to_numpy(), rows.astype(np.int64), columns)

    @staticmethod
    def no_minutes(path: Path) -> UsageError:
        """Return the error for minute bars that a bundle lacks."""
        return UsageError(
            f"the bundle {path} holds daily bars only "
            f"(run with data_frequency='daily', or ingest minute bars)"
        )

    def close(self) -> None:
        """Close the SQLite connection; bars that were read stay valid."""
        self._connection.close()

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Bundle({os.fspath(self.path)!r}, {self.sessions.span}, {self.version[:12]})"


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from None
    if manifest.get("schema") != SCHEMA:
        raise BundleError(
            f"{folder.parent} has bundle schema {manifest.get('schema')}, this version of "
            f"Holdfast reads schema {SCHEMA} (ingest the bars again)"
        )
    return manifest


def _connect(path: Path) -> sqlite3.Connection:
    try:
        # The file never changes, so SQLite needs no locks and threads may share the connection.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise _damaged(path, error) from None


def _read_parquet(path: Path) -> dict[str, pa.Array]:
    names = ["sid", "dt", *STORED_FIELDS]
    try:
        table = pq.read_table(path, columns=names, use_threads=False)
        return {name: table[name].combine_chunks() for name in names}
    except (OSError, KeyError, pa.ArrowException) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> BundleError:
    return BundleError(f"{path} is damaged or missing: {error} (ingest the bars again)")
