"""Which strategy runs on which market: one golden file each."""

from __future__ import annotations

import importlib
import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golden import strategies
from golden.shipped import shipped_examples

HERE = Path(__file__).parent
FUNCTIONS = ("initialize", "handle_data", "before_trading_start", "analyze")


@dataclass(frozen=True)
class Case:
    """One run.

    Parameters
    ----------
    strategy
        A name in ``golden.strategies``, or a file in ``golden/examples``.
    market
        A name in ``golden.markets``.
    start, end
        First and last date.
    options
        What the strategy is made with.
    brief
        Whether only fills and the value of the portfolio are kept, for a long run.
    """

    name: str
    strategy: str
    market: str
    start: str
    end: str
    options: dict[str, Any] = field(default_factory=dict)
    capital: float = 1_000_000.0
    brief: bool = False

    @property
    def frequency(self) -> str:
        return self.market.partition("_")[0]

    @property
    def path(self) -> Path:
        return HERE / "answers" / f"{self.name}.json"


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
# Orders by date and UTC hour: symbol, shares, and limit and stop as parts of the price.
DAILY_PLAN = {
    "2024-04-03 20": [
        ("A000", 301, None, None),
        ("A001", 1000, None, None),
        ("A002", -101, None, None),
        ("A003", 500, None, None),
        ("A004", 77, None, None),
        ("A005", 333, None, None),
    ],
    "2024-04-05 20": [
        ("A000", 5000, None, None),
        ("A000", 75, 0.8, None),
        ("A000", -60, None, 0.75),
    ],
    "2024-04-08 20": [
        ("A001", 7000, None, None),
        ("A001", 2, 0.5, None),
        ("A001", 400, 0.9, 1.3),
        ("A002", -9000, None, None),
    ],
    "2024-04-16 20": [("A005", -100, None, None)],
    "2024-04-17 20": [("A003", -900, None, None)],
    "2024-04-24 20": [("A001", -3000, None, None), ("A002", 1, None, None)],
    "2024-05-13 20": [("A004", -600, None, None)],
}
DAILY_LOOK = [f"2024-{day} 20" for day in ("04-05", "04-08", "04-09", "04-10", "04-11", "05-10")]
MINUTE_PLAN = {
    "2024-11-25 15": [("A000", 301, None, None), ("A001", 2, None, None)],
    "2024-11-25 18": [("A002", 250, None, None), ("A000", 120, 0.7, None)],
    "2024-11-26 20": [("A001", 200, None, 1.4), ("A002", -400, None, None)],
    "2024-12-02 16": [("A000", -1000, None, None)],
}
MINUTE_LOOK = [f"2024-{hour}" for hour in ("11-25 20", "11-26 14", "11-27 14", "11-29 14")]
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
    Case("models-own", "own_models", "daily_gaps", "2024-03-28", "2024-05-15"),
    Case("models-minute", "day_orders", "minute_gaps", "2024-11-26", "2024-12-03"),
    Case(
        "payouts-daily",
        "payouts",
        "daily_payouts",
        "2024-04-02",
        "2024-05-24",
        {"plan": DAILY_PLAN, "look": DAILY_LOOK, "frequencies": ["1d"]},
    ),
    Case(
        "payouts-minute",
        "payouts",
        "minute_payouts",
        "2024-11-25",
        "2024-12-03",
        {"plan": MINUTE_PLAN, "look": MINUTE_LOOK, "frequencies": ["1d", "1m"]},
    ),
    Case("gaps-daily", "gaps", "daily_gaps", "2024-03-20", "2024-05-24", {"every": 1}),
    Case("gaps-minute", "gaps", "minute_gaps", "2024-11-26", "2024-12-04", {"every": 45}),
    Case(
        "seen-daily",
        "look_around",
        "daily_gaps",
        "2024-03-25",
        "2024-05-13",
        {"bars": [4, 5, 11, 12, 20, 21, 29, 30, 31, 33], "frequencies": ["1d"]},
    ),
    Case(
        "seen-minute",
        "look_around",
        "minute_gaps",
        "2024-11-26",
        "2024-12-03",
        {
            "bars": [0, 1, 780, 811, 861, 862, 863, 864, 989, 990, 1174, 1200, 1380],
            "frequencies": ["1m", "1d"],
        },
    ),
)

EXAMPLES = (
    Case("example-buy-and-hold", "buy_and_hold.py", "daily", "2024-01-06", "2024-03-31"),
    Case("example-averages", "dual_moving_average.py", "daily", "2024-02-20", "2024-06-28"),
    Case("example-momentum", "momentum_on_schedule.py", "daily", "2024-04-01", "2024-07-31"),
    Case("example-minute", "mean_reversion_by_minute.py", "minute", "2024-11-20", "2024-12-04"),
    Case("example-rsi", "rsi_pipeline.py", "daily", "2024-02-20", "2024-06-28"),
    Case("example-rsi-gaps", "rsi_pipeline.py", "daily_gaps", "2024-04-15", "2024-05-30"),
    Case("example-ranked", "ranked_pipeline.py", "daily_payouts", "2024-03-01", "2024-05-30"),
    Case("example-ranked-gaps", "ranked_pipeline.py", "daily_gaps", "2024-03-20", "2024-05-30"),
)

#: Zipline's own examples, which are not kept here: by the name of their file.
SHIPPED = tuple(
    Case(f"shipped-{name}", f"shipped/{name}.py", "daily_stocks", start, end, brief=True)
    for name, start, end in (
        ("buy_and_hold", "2014-03-03", "2014-06-30"),
        ("buyapple", "2014-03-03", "2014-06-30"),
        ("dual_ema_talib", "2014-06-02", "2014-12-31"),
        ("dual_moving_average", "2014-03-03", "2017-11-30"),
        ("momentum_pipeline", "2014-03-03", "2014-08-29"),
        ("olmar", "2014-03-03", "2014-08-29"),
    )
)
ALL = (*CASES, *EXAMPLES, *SHIPPED)


def functions_of(case: Case, engine: str, notes: list[Any]) -> dict[str, Any]:
    """Return what the engine named, ``zipline`` or ``holdfast``, runs for a case.

    An example's text is taken as it is, except for the engine's name in its imports; one that
    Zipline ships is taken from there, as it is.
    """
    if case.strategy.startswith("shipped/"):
        defined = runpy.run_path(str(shipped_examples() / Path(case.strategy).name))
        return {name: defined[name] for name in FUNCTIONS[:3] if name in defined}
    if case.strategy.endswith(".py"):
        text = (HERE / "examples" / case.strategy).read_text()
        defined = {}
        exec(compile(text.replace("zipline", engine), case.strategy, "exec"), defined)
        return {name: defined[name] for name in FUNCTIONS if name in defined}
    api = importlib.import_module(f"{engine}.api")
    functions: dict[str, Any] = getattr(strategies, case.strategy)(api, notes, **case.options)
    return functions
