"""Which strategy runs on which market: one golden file each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Case:
    """One run.

    Parameters
    ----------
    strategy
        A name in ``golden.strategies``.
    market
        A name in ``golden.markets``.
    start, end
        First and last session.
    options
        What the strategy is made with.
    """

    name: str
    strategy: str
    market: str
    start: str
    end: str
    options: dict[str, Any] = field(default_factory=dict)
    capital: float = 1_000_000.0

    @property
    def frequency(self) -> str:
        return self.market.partition("_")[0]

    @property
    def path(self) -> Path:
        return ANSWERS / f"{self.name}.json"


COSTS = ("default", "volume_share", "zero")

CASES = (
    *(
        Case(f"daily-{costs}", "crossover", "daily", "2024-04-01", "2024-06-14", {"costs": costs})
        for costs in COSTS
    ),
    *(
        Case(f"hourly-{costs}", "momentum", "minute", "2024-11-25", "2024-12-02", {"costs": costs})
        for costs in COSTS
    ),
    *(
        Case(f"minute-{costs}", "z_score", "minute", "2024-11-27", "2024-12-02", {"costs": costs})
        for costs in COSTS
    ),
)
