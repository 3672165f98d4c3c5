"""Where bars were read from, so that an error can name the file, its line and its own columns."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

_KEY = "holdfast_origin"


@dataclass(frozen=True, slots=True)
class Origin:
    """The files that a table's rows came from, one after the other.

    Parameters
    ----------
    files
        In order of their rows.
    stops
        One past the last row of each.
    names
        For each file, its own name of each column.
    """

    files: tuple[Path, ...]
    stops: tuple[int, ...]
    names: tuple[Mapping[str, str], ...]

    def attach(self, bars: pd.DataFrame) -> None:
        """Let a table know where it came from."""
        bars.attrs[_KEY] = self

    @staticmethod
    def find(bars: pd.DataFrame) -> Origin | None:
        """Return where a table came from; None when it is the user's own."""
        return bars.attrs.get(_KEY)

    def place(self, row: int) -> str:
        """Name the file and line of a row, or its number where the file has no lines."""
        number = int(np.searchsorted(self.stops, row, side="right"))
        within = row - (self.stops[number - 1] if number else 0)
        path = self.files[number]
        if path.name.lower().endswith((".csv", ".csv.gz")):
            return f"{path}, line {_find_line(path, within)}"
        return f"{path}, row {within}"

    def name(self, column: str, row: int) -> str:
        """Return the file's own name of a column."""
        number = int(np.searchsorted(self.stops, row, side="right"))
        return self.names[number].get(column, column)


def _find_line(path: Path, row: int) -> int:
    """Return the line of a CSV file that holds a row: blank lines hold none."""
    read = gzip.open if path.suffix == ".gz" else open
    with read(path, "rt", errors="replace") as file:
        left = row + 1  # the header is a line, too
        for number, line in enumerate(file, start=1):
            if line.strip():
                if not left:
                    return number
                left -= 1
    return row + 2
