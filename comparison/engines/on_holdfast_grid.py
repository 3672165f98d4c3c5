"""Holdfast's grid search, on windows as arrays or with their means looked up."""

from __future__ import annotations

import importlib

from comparison.market import CAPITAL, Each, Market, Pairs
from holdfast.sweep.grids import grid


def sweep(market: Market, variant: str, pairs: Pairs, processes: int) -> Each:
    """Sweep the grid that `pairs` are the product of, from the bundle on disk."""
    fasts, slows = (list(dict.fromkeys(windows)) for windows in zip(*pairs, strict=True))
    table = grid(
        importlib.import_module(f"comparison.strategies.sweep_{variant}").strategy,
        {"fast": fasts, "slow": slows},
        bundle=market.folder / "bundle",
        start=market.start,
        end=market.end,
        workers=processes,
        errors="raise",
        capital_base=CAPITAL,
    )
    return list(zip(table["transactions"], table["portfolio_value"], strict=True))
