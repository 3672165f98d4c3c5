"""An opened bundle: one immutable version of assets, adjustments and bars."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from holdfast.assets import AssetFinder, Finder
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import STORED_FIELDS, LongBars
from holdfast.data.integrity import read_manifest, read_verified
from holdfast.data.sessions import Sessions
from holdfast.errors import BundleError, UsageError

CURRENT = "CURRENT"
_POINTER = re.compile(rb"[0-9a-f]{64}\n?")
_LONGEST_POINTER = 80


def read_current_version(path: str | os.PathLike[str]) -> str:
    """Return the version that is current at `path`: one small read.

    Raises
    ------
    BundleError
        When there is no bundle.
    """
    try:
        # The pool asks before every backtest: no Path, no file object.
        descriptor = os.open(os.path.join(path, CURRENT), os.O_RDONLY)  # noqa: PTH118
        try:
            content = os.read(descriptor, _LONGEST_POINTER)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(
            f"no bundle at {os.fspath(path)} "
            f"(make one: holdfast ingest BARS --bundle {os.fspath(path)})"
        ) from None
    except OSError as error:
        raise BundleError(f"the bundle at {os.fspath(path)} cannot be read: {error}") from None
    return parse_version(content, path)


def parse_version(content: bytes, path: str | os.PathLike[str]) -> str:
    """Return the version that a bundle's pointer names.

    Raises
    ------
    BundleError
        When it names none; `path` is that of the bundle.
    """
    if _POINTER.fullmatch(content) is None:
        raise BundleError(
            f"{os.fspath(path)} is not a bundle, or it is damaged: its {CURRENT} holds "
            f"{content[:20]!r}, not a version (ingest the bars again, or name another folder)"
        )
    return content[:64].decode()


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
    version
        Which version to open; None for the current one.

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
        When there is no bundle at `path`, it is damaged, or of another schema: the manifest and
        the assets are compared with their SHA-256, and the bars when they are read.
    """

    def __init__(self, path: str | os.PathLike[str], version: str | None = None) -> None:
        self.path = Path(path)
        self.version = version or read_current_version(path)
        self.folder = get_version_folder(path, self.version)
        if not self.folder.is_dir():
            raise BundleError(
                f"the bundle {os.fspath(path)} no longer holds version {self.version[:12]} "
                f"(start again on the current version, or ingest the bars again)"
            )
        self._manifest = read_manifest(self.folder, self.version)
        assets = read_verified(self.folder, "assets.sqlite", self._manifest)
        self.frequency: str = self._manifest["frequency"]
        self.sessions = Sessions.from_json(self._manifest["sessions"])
        self._connection = _database(assets)
        self.assets: Finder = AssetFinder(self._connection)
        self.adjustments = Adjustments(self._connection)

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
            When the file is not what was written.
        """
        if frequency == "1m" and self.frequency != "minute":
            raise self.no_minutes(self.path)
        table = _columns(read_verified(self.folder, f"bars-{frequency}.parquet", self._manifest))
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


def _database(content: bytes) -> sqlite3.Connection:
    """Return the assets as they were verified: in memory, where threads may share them."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.deserialize(content)
    return connection


def _columns(content: bytes) -> dict[str, pa.Array]:
    import pyarrow.parquet as pq  # it brings file systems and TLS; a mapped bundle needs none

    names = ["sid", "dt", *STORED_FIELDS]
    file = pq.ParquetFile(pa.BufferReader(content))
    # One after the other: the chunks of all columns and their copies would take twice the room.
    return {
        name: file.read(columns=[name], use_threads=False).column(0).combine_chunks()
        for name in names
    }
