"""Whether a sweep's objective can exist, which is asked before its first backtest."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.nearest import ask_nearest

COLUMNS = frozenset((
    "algo_volatility", "algorithm_period_return", "alpha", "benchmark_period_return",
    "benchmark_volatility", "beta", "capital_used", "ending_cash", "ending_exposure",
    "ending_value", "excess_return", "gross_leverage", "long_exposure", "long_value",
    "longs_count", "max_drawdown", "max_leverage", "net_leverage", "pnl", "portfolio_value",
    "returns", "sharpe", "short_exposure", "short_value", "shorts_count", "sortino",
    "starting_cash", "starting_exposure", "starting_value", "trading_days", "transactions",
    "treasury_period_return",
))  # fmt: skip
"""The figures of a backtest; whether all of them are there is the tests' business."""


def check_objective(name: str, strategy: Path) -> None:
    """Refuse an objective that is neither a figure nor named in the strategy's own files.

    Parameters
    ----------
    name
        The objective.
    strategy
        The file, which has been loaded: what it imported from its own folder is searched, too.

    Raises
    ------
    UsageError
        When nothing could ever give it a value.
    """
    if name in COLUMNS or any(_mentions(path, name) for path in _own_files(strategy)):
        return
    from holdfast.sweep.job import FIGURES

    close = f"{ask_nearest(name, COLUMNS)} ".lstrip()
    raise UsageError(
        f"--objective is {name!r}, which is not a figure of a backtest, and {strategy} does not "
        f"record it; {close}choose from {', '.join(FIGURES)}, or record() it"
    )


def _own_files(strategy: Path) -> set[Path]:
    folder = strategy.resolve().parent
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    own = {Path(one) for one in loaded if one and Path(one).is_relative_to(folder)}
    return {strategy} | {path for path in own if "site-packages" not in path.parts}


def _mentions(path: Path, name: str) -> bool:
    if path.suffix != ".py":
        return False
    return re.search(rf"\b{re.escape(name)}\b", path.read_text("utf-8", "replace")) is not None
