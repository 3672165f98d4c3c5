"""The settings of a backtest: all that its result depends on, besides the strategy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np
import pandas as pd

from holdfast.errors import UsageError, ZeroCapitalError
from holdfast.finance.cash import LedgerKind
from holdfast.layers import Layers

DateLike = str | np.datetime64 | pd.Timestamp
DataFrequency = Literal["daily", "minute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `run_algorithm` is given, besides the strategy; the same names mean the same.

    Raises
    ------
    UsageError
        When a value is out of its range.

    See Also
    --------
    holdfast.run.run_algorithm
    """

    start: DateLike
    end: DateLike
    bundle: str | os.PathLike[str]
    capital_base: float = 1e7
    data_frequency: DataFrequency = "daily"
    layers: Layers = Layers.ALL
    ledger: LedgerKind = "decimal"
    trading_calendar: Any = None
    benchmark_returns: pd.Series | None = None
    zipline_names: bool = True
    progress: bool = False
    bundle_version: str | None = None  # the current one

    def __post_init__(self) -> None:
        if self.data_frequency not in ("daily", "minute"):
            raise UsageError(
                f"data_frequency is {self.data_frequency!r}; choose 'daily' or 'minute'"
            )
        if not (isfinite(self.capital_base) and self.capital_base > 0):
            raise ZeroCapitalError(
                f"capital_base is {self.capital_base}; it must be a finite number > 0"
            )

    @property
    def minute_mode(self) -> bool:
        """Whether a bar is a minute; else it is a session."""
        return self.data_frequency == "minute"
