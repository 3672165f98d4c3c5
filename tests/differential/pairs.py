"""Which strategy meets which market, and how a pair is run by either engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from differential.strategy import random_strategy
from golden.answers import answers_of

SPANS = {"daily": ("2024-06-03", "2024-12-27"), "minute": ("2024-11-26", "2024-12-03")}
STRATEGIES = 6  # of each market


@dataclass(frozen=True)
class Pair:
    """A market and a strategy by their seeds."""

    frequency: str
    market: int
    strategy: int

    @property
    def bundle(self) -> str:
        return f"{self.frequency}_{self.market:04d}"

    @property
    def name(self) -> str:
        return f"{self.bundle}-{self.strategy:04d}"


def pairs_of(count: int, seed: int) -> list[Pair]:
    """Return so many pairs, three of four daily; another `seed` gives others."""
    found = []
    for number in range(count):
        market = seed * 1000 + number // STRATEGIES
        frequency = "minute" if market % 4 == 3 else "daily"
        found.append(Pair(frequency, market, seed * 100_000 + number))
    return found


def run_pair(pair: Pair, api: Any, run_algorithm: Any, bundle: Any, stamp: Any) -> dict[str, Any]:
    """Return all answers of an engine; an error that ends the run is one of them."""
    notes: list[Any] = []
    daily = pair.frequency == "daily"
    start, end = SPANS[pair.frequency]
    try:
        perf = run_algorithm(
            start=stamp(start),
            end=stamp(end),
            capital_base=250_000.0,
            data_frequency=pair.frequency,
            bundle=bundle,
            benchmark_returns=_given(start) if pair.strategy % 3 == 0 else None,
            **random_strategy(api, pair.strategy, daily, notes),
        )
    except (TypeError, NameError, KeyError):
        raise
    except Exception as error:
        return {"notes": notes, "ended": True, "why": f"{type(error).__name__}: {error}"}
    return {**answers_of(perf, notes), "ended": False, "why": ""}


def _given(start: str) -> pd.Series:
    """Return a benchmark by date, with days missing."""
    days = pd.bdate_range(start, periods=60)[::2]
    return pd.Series(np.sin(np.arange(len(days))) / 100, days)
