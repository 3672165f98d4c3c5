"""The books of a backtest: each fill, and what each session ended with, to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from comparison.market import Market

Fill = tuple[Any, str, float, float]


def make_books(market: Market, fills: Iterable[Fill], values: pd.Series) -> dict[str, Any]:
    """Return an engine's books in the form in which they are compared.

    Parameters
    ----------
    market
        What was traded.
    fills
        Moment, symbol, shares (negative when sold) and price of each.
    values
        The portfolio's, by moments of which the last of each session counts.
    """
    digits = 10 if market.frequency == "daily" else 16  # the date, or the minute
    listed = [
        [pd.Timestamp(when).isoformat()[:digits], symbol, int(shares), round(float(price), 2)]
        for when, symbol, shares, price in fills
    ]
    by_date = {moment.date().isoformat(): round(float(one), 2) for moment, one in values.items()}
    held = {date: value for date, value in by_date.items() if date >= market.start}
    return {"fills": sorted(listed), "values": held}


def find_difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Return the first fill or session that differs in two books, or nothing."""
    for mine, other in zip(ours["fills"], theirs["fills"], strict=False):
        if mine != other:
            return f"fill {format_fill(mine)} is {format_fill(other)} there"
    if len(ours["fills"]) != len(theirs["fills"]):
        return f"{len(ours['fills'])} fills are {len(theirs['fills'])} there"
    for date in sorted(ours["values"].keys() | theirs["values"].keys()):
        mine, other = ours["values"].get(date), theirs["values"].get(date)
        if mine != other:
            return f"the equity of {date}, {mine}, is {other} there"
    return ""


def format_fill(fill: list[Any]) -> str:
    when, symbol, shares, price = fill
    return f"{when} {symbol} {shares:+} at {price:.2f}"
