"""The figures of a run, as text; and its returns by month."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

_SESSIONS_A_YEAR = 252


def summarize(perf: pd.DataFrame) -> dict[str, str]:
    """Return the figures that sum a run up, by name, in the order shown."""
    last, returns = perf.iloc[-1], perf["returns"]
    fills = [done for day in perf["transactions"] for done in day]
    total = last["algorithm_period_return"]
    years = len(perf) / _SESSIONS_A_YEAR
    yearly = (1 + total) ** (1 / years) - 1 if total > -1 else float("nan")
    paid = {order["id"]: order["commission"] for day in perf["orders"] for order in day}
    months = by_month(perf)
    figures: dict[str, Any] = {
        "portfolio value": f"{last['portfolio_value']:,.2f}",
        "return": _percent(total),
        "return a year": _percent(yearly),
        "benchmark's return": _percent(last["benchmark_period_return"]),
        "alpha, a year": _percent(last["alpha"]),
        "beta": _number(last["beta"]),
        "volatility a year": _percent(last["algo_volatility"]),
        "Sharpe ratio": _number(last["sharpe"]),
        "Sortino ratio": _number(last["sortino"]),
        "deepest drawdown": _percent(last["max_drawdown"]),
        "highest leverage": _number(last["max_leverage"]),
        "best session": _percent(returns.max()),
        "worst session": _percent(returns.min()),
        "months that gained": f"{int((months > 0).sum())} of {len(months)}",
        "transactions": f"{len(fills):,}",
        "commission paid": f"{sum(paid.values()):,.2f}",
        "sessions": f"{len(perf):,}",
    }
    return figures


def by_month(perf: pd.DataFrame) -> pd.Series:
    """Return the return of each month, indexed by (year, month)."""
    days = pd.DatetimeIndex(perf.index)
    keys = [days.year, days.month]
    return (1 + perf["returns"]).groupby(keys).prod() - 1


def drawdown(perf: pd.DataFrame) -> pd.Series:
    """Return how far below its highest value so far the portfolio is, as a part of it."""
    value = perf["algorithm_period_return"] + 1
    return value / value.cummax().clip(lower=1.0) - 1


def find_warnings(perf: pd.DataFrame) -> list[str]:
    """Return what a reader must know before the figures."""
    found = []
    if (perf["portfolio_value"] <= 0).any():
        day = perf[perf["portfolio_value"] <= 0].index[0].date()
        found.append(f"The portfolio was worth nothing or less on {day}: figures after it mislead.")
    if (leverage := perf["max_leverage"].iloc[-1]) > 4:
        found.append(f"Leverage reached {leverage:,.1f}: more than a broker lends.")
    return found


def _percent(value: float) -> str:
    return "not defined" if value is None or math.isnan(value) else f"{value:+,.2%}"


def _number(value: float) -> str:
    return "not defined" if value is None or math.isnan(value) else f"{value:,.2f}"
