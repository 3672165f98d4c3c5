"""A long table on disk, column by column, in files without a name: no kill leaves them behind."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: How many rows are held in memory at once; a row has about fifty bytes.
CHUNK = 131_072


class Spool:
    """Rows on disk: appended, read by their numbers, or put anywhere.

    Parameters
    ----------
    folder
        On the disk that has room for them.
    types
        The type of each column.
    """

    def __init__(self, folder: Path, types: Mapping[str, Any]) -> None:
        self.types = {name: np.dtype(kind) for name, kind in types.items()}
        self.length = 0
        with ExitStack() as stack:
            self._files = {
                name: stack.enter_context(_open_nameless_file(folder)) for name in self.types
            }
            self._stack = stack.pop_all()

    def append(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Add rows at the end; every column has as many."""
        for name, file in self._files.items():
            values = np.ascontiguousarray(columns[name], dtype=self.types[name])
            file.seek(self.length * values.itemsize)
            _write(file, values)
        self.length += len(values)

    def read(self, name: str, first: int, stop: int) -> NDArray[Any]:
        """Return rows ``first:stop`` of a column, as a new array."""
        values = np.empty(stop - first, dtype=self.types[name])
        file, left = self._files[name], values.view(np.uint8).data
        file.seek(first * values.itemsize)
        while len(left):
            left = left[file.readinto(left) :]
        return values

    def read_chunks(self, name: str) -> Iterator[NDArray[Any]]:
        """Yield a column from its first row to its last."""
        for first in range(0, self.length, CHUNK):
            yield self.read(name, first, min(first + CHUNK, self.length))

    def allocate(self, length: int) -> None:
        """Make room for so many rows, to be put where they belong."""
        for name, file in self._files.items():
            _reserve(file, length * self.types[name].itemsize)
        self.length = length

    def put(self, name: str, places: NDArray[np.int64], values: NDArray[Any]) -> None:
        """Write values at places of a column that has room for them."""
        # Mapped for this call alone: pages that stay mapped count as memory of the process.
        size = self.length * self.types[name].itemsize
        with mmap.mmap(self._files[name].fileno(), size) as mapped:
            column = np.frombuffer(mapped, dtype=self.types[name])
            column[places] = values
            del column

    def close(self) -> None:
        """Give the room on disk back."""
        self._stack.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _open_nameless_file(folder: Path) -> FileIO:
    return tempfile.TemporaryFile(dir=folder, buffering=0)


def _write(file: FileIO, values: NDArray[Any]) -> None:
    left = values.view(np.uint8).data
    while len(left):
        left = left[file.write(left) :]


def _reserve(file: FileIO, size: int) -> None:
    """Take room on the disk: a full one is an error here, where a mapped page would be a crash."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    zeros = np.zeros(min(size, 1 << 20), dtype=np.uint8)
    for first in range(0, size, len(zeros)):
        _write(file, zeros[: size - first])
