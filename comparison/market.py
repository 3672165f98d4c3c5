"""The bars of one scenario as plain arrays: every engine's environment reads the same ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

#: The windows of a sweep's backtests, fast and slow, and the trades and final equity of each.
Pairs = list[tuple[int, int]]
Each = list[tuple[int, float]]

CAPITAL = 1e6
SHARES = 100
FIELDS = ["open", "high", "low", "close", "volume"]
WINDOWS = {"daily": (50, 200), "hourly": (1200,), "minute": (20,), "pipelines": ()}


@dataclass(frozen=True)
class Market:
    """The bars of a scenario, and the dates its backtest runs over.

    Parameters
    ----------
    folder
        Where it is stored, with Holdfast's bundle beside it.
    name
        The scenario's, whose rule the engines trade.
    windows
        How many bars the rule looks at; a sweep replaces them.
    first
        Row of the first bar that the strategy decides on; those before it fill its windows.
    moments
        One timestamp per row, UTC; midnight of the session when daily.
    fields
        Open to volume, each with a row per moment and a column per symbol.
    """

    folder: Path
    name: str
    windows: tuple[int, ...]
    frequency: str
    start: str
    end: str
    symbols: list[str]
    first: int
    moments: Any
    fields: dict[str, Any]

    @property
    def warmed_up(self) -> int:
        """Row of the first bar that a window of the strategy needs."""
        return self.first + 1 - max(self.windows)

    def frame(self, column: int, since: int = 0) -> Any:
        """Return one symbol's bars from row `since` as a pandas frame."""
        import pandas as pd

        columns = {name: values[since:, column] for name, values in self.fields.items()}
        return pd.DataFrame(columns, index=pd.DatetimeIndex(self.moments[since:], name="dt"))


def write_market(folder: Path, scenario: Any, bars: Any) -> None:
    """Store Holdfast's bars of a scenario, a long table in which every symbol has every bar."""
    start, end = scenario.dates["full"]
    symbols = sorted(bars["symbol"].unique())
    moments = bars["dt"].to_numpy()[: len(bars) // len(symbols)].astype("datetime64[ns]")
    facts = {
        "name": scenario.name,
        "frequency": scenario.frequency,
        "start": start,
        "end": end,
        "symbols": symbols,
        "first": int(np.searchsorted(moments, np.datetime64(start, "ns"))),
    }
    columns = {name: bars[name].to_numpy().reshape(len(symbols), -1).T for name in FIELDS}
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "bars.npz", moments=moments.astype("int64"), **columns)
    (folder / "market.json").write_text(json.dumps(facts))


def read_market(folder: Path) -> Market:
    """Return what ``write_market`` stored."""
    facts = json.loads((folder / "market.json").read_text())
    with np.load(folder / "bars.npz") as stored:
        moments = stored["moments"].astype("datetime64[ns]")
        fields = {name: stored[name] for name in FIELDS}
    windows = WINDOWS[facts["name"]]
    return Market(folder=folder, windows=windows, moments=moments, fields=fields, **facts)
