"""A perf frame, which Holdfast shapes as Zipline does, read for the comparison."""

from __future__ import annotations

from typing import Any

from comparison.books import make_books
from comparison.market import Market


def answers(perf: Any) -> tuple[int, float]:
    """Return the number of trades and the last value of the portfolio."""
    return sum(map(len, perf["transactions"])), perf["portfolio_value"].iloc[-1]


def books(perf: Any, market: Market) -> dict[str, Any]:
    """Return each fill and each session's value."""
    fills = (
        (one["dt"], one["sid"].symbol, one["amount"], one["price"])
        for done in perf["transactions"]
        for one in done
    )
    return make_books(market, fills, perf["portfolio_value"])
