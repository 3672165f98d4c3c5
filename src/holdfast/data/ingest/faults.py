"""What is wrong with bars that come in batches: one error tells the first row and how many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from holdfast.data.ingest.origin import Origin
from holdfast.errors import BadBars


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows that fail one check.

    Parameters
    ----------
    rank
        Of the check: the lowest is told, for what comes after may follow from it.
    row, symbol, moment
        Of the first such row.
    column
        What is wrong with it, under our name; None when it is not one column.
    why
        The rest of the sentence.
    count
        How many rows there are.
    """

    rank: int
    row: int
    symbol: str
    moment: Any
    column: str | None
    why: str
    count: int

    def merge(self, other: Fault) -> Fault:
        """Return both as one, when they are of one check, or else what is to be told."""
        if self.rank != other.rank:
            return min(self, other, key=lambda fault: fault.rank)
        first = min(self, other, key=lambda fault: fault.row)
        return replace(first, count=self.count + other.count)

    def describe(self, origin: Origin | None) -> str:
        """Return the error's text, in the words of the file the bars came from."""
        place = f"row {self.row}" if origin is None else origin.place(self.row)
        name = self.column
        if name is not None and origin is not None:
            name = origin.name(name, self.row)
        more, are = self.count - 1, "row is" if self.count == 2 else "rows are"
        return (
            f"{place}, {self.symbol} on {self.moment}: {name + ' ' if name else ''}{self.why}"
            f"{f' ({more:,} more {are} like it)' if more else ''}"
        )


class WrongRows(Exception):
    """A batch has a fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Faults:
    """The fault to tell, of all batches."""

    def __init__(self, origin: Origin | None) -> None:
        self._origin, self._found = origin, None  # type: Origin | None, Fault | None

    def add(self, fault: Fault, first_row: int = 0) -> None:
        """Take a fault of a batch that begins at `first_row`."""
        fault = replace(fault, row=fault.row + first_row)
        self._found = fault if self._found is None else self._found.merge(fault)

    def raise_found(self) -> None:
        """Raise what was found.

        Raises
        ------
        BadBars
            Naming the first wrong row with its symbol, time and value, and how many there are.
        """
        if self._found is not None:
            raise BadBars(self._found.describe(self._origin))


def wrong_rows(
    bars: pd.DataFrame, wrong: np.ndarray, rank: int, column: str | None, why: str
) -> WrongRows:
    """Return the error for rows of a batch.

    Parameters
    ----------
    bars
        With ``symbol`` and ``dt``, and rows numbered from 0.
    wrong : (n_bars,) bool
    rank, column, why
        As of `Fault`.
    """
    at, count = int(wrong.argmax()), int(wrong.sum())
    symbol, moment = str(bars["symbol"].iloc[at]), bars["dt"].iloc[at]
    return WrongRows(Fault(rank, at, symbol, moment, column, why, count))
