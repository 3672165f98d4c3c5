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


# One slippage and one commission model each, so that every model has its turn.
MODELS = {
    "basis-points": (
        ("FixedBasisPointsSlippage", {"basis_points": 7.0, "volume_limit": 0.05}),
        ("PerShare", {"cost": 0.01, "min_trade_cost": 2.0}),
    ),
    "volume-share": (
        ("VolumeShareSlippage", {"volume_limit": 0.03, "price_impact": 0.5}),
        ("PerTrade", {"cost": 3.5}),
    ),
    "fixed": (("FixedSlippage", {"spread": 0.07}), ("PerDollar", {"cost": 0.002})),
    "none": (("NoSlippage", {}), ("NoCommission", {})),
}
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
    Case("mixed-daily", "mixed", "daily", "2024-03-04", "2024-06-28", {"every": 1}),
    Case("mixed-minute", "mixed", "minute", "2024-11-26", "2024-12-03", {"every": 9}),
    *(
        Case(
            f"models-{name}",
            "churn",
            "daily_gaps",
            "2024-03-28",
            "2024-05-31",
            {"slippage": slippage, "commission": commission},
        )
        for name, (slippage, commission) in MODELS.items()
    ),
    Case("models-minute", "day_orders", "minute_gaps", "2024-11-26", "2024-12-03"),
)
