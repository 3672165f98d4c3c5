"""A run's outcome as plain lists and numbers, the same from Zipline and from Holdfast."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

# What is noted of every session; Zipline's columns, but for the lists and the recorded names.
COLUMNS = (
    "period_open",
    "period_close",
    "returns",
    "pnl",
    "capital_used",
    "starting_exposure",
    "ending_exposure",
    "starting_value",
    "ending_value",
    "starting_cash",
    "ending_cash",
    "portfolio_value",
    "longs_count",
    "shorts_count",
    "long_value",
    "short_value",
    "long_exposure",
    "short_exposure",
    "gross_leverage",
    "net_leverage",
    "algorithm_period_return",
    "benchmark_period_return",
    "algo_volatility",
    "benchmark_volatility",
    "alpha",
    "beta",
    "sharpe",
    "sortino",
    "max_drawdown",
    "max_leverage",
    "excess_return",
    "treasury_period_return",
    "trading_days",
    "period_label",
)
LISTS = ("orders", "transactions", "positions")
ORDER = (
    "created",
    "dt",
    "sid",
    "amount",
    "filled",
    "status",
    "limit",
    "stop",
    "limit_reached",
    "stop_reached",
    "commission",
    "reason",
)


def answers_of(perf: pd.DataFrame, notes: list[Any], brief: bool = False) -> dict[str, Any]:
    """Return what a golden file holds: everything in the perf frame, and the strategy's notes.

    In brief, only the fills and the portfolio's value of each month's last session.
    """
    recorded = sorted(set(perf.columns) - set(COLUMNS) - set(LISTS))
    if brief:
        value = perf["portfolio_value"]
        months = value.groupby([value.index.year, value.index.month]).last()
        return {"transactions": _transactions(perf), "portfolio_value": months.tolist()}
    last_positions = perf["positions"].iloc[-1]
    return {
        "sessions": [plain(moment) for moment in perf.index],
        "transactions": _transactions(perf),
        "orders": [
            [day, *(plain(order[name]) for name in ORDER)]
            for day, session in enumerate(perf["orders"])
            for order in session
        ],
        "positions": sorted(
            [plain(held[name]) for name in ("sid", "amount", "cost_basis", "last_sale_price")]
            for held in last_positions
        ),
        "perf": {name: [plain(value) for value in perf[name]] for name in COLUMNS},
        "recorded": {name: [plain(value) for value in perf[name]] for name in recorded},
        "notes": notes,
    }


def _transactions(perf: pd.DataFrame) -> list[list[Any]]:
    return [
        [day, *(plain(done[name]) for name in ("dt", "sid", "amount", "price"))]
        for day, session in enumerate(perf["transactions"])
        for done in session
    ]


def plain(value: Any) -> Any:
    """Return numbers, texts and lists for anything a run gives: NaN and NaT are None."""
    if isinstance(value, pd.Series):
        return {
            "name": plain(value.name),
            "index": _labels(value.index),
            "values": [plain(each) for each in value],
        }
    if isinstance(value, pd.DataFrame):
        return {
            "index": _labels(value.index),
            "names": list(value.index.names),
            "columns": _labels(value.columns),
            "values": [[plain(each) for each in row] for row in value.to_numpy().tolist()],
        }
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(plain(name)): plain(each) for name, each in value.items()}
    if hasattr(value, "symbol"):
        return value.symbol
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat().replace(":00+00:00", "Z").removesuffix("T00:00:00")
    if type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    number = float(value)
    if not math.isfinite(number):
        return None if math.isnan(number) else str(number)
    return int(number) if number.is_integer() else number


def _labels(index: pd.Index) -> list[Any]:
    return [plain(label) for label in index]
