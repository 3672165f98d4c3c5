"""Holdfast's grid search, on windows as arrays, with their means looked up, or of tables."""

from __future__ import annotations

import importlib

from comparison.market import CAPITAL, Each, Market, Pairs
from holdfast.sweep.grids import grid


def sweep(market: Market, variant: str, pairs: Pairs, processes: int) -> Each:
    """Sweep the grid that `pairs` are the product of, from the bundle on disk."""
    fasts, slows = (list(dict.fromkeys(windows)) for windows in zip(*pairs, strict=True))
    module = importlib.import_module(f"comparison.strategies.sweep_{variant}")
    if variant == "tables":
        swept = {"targets": module.targets, "initialize": module.initialize}
    else:
        swept = {"strategy": module.strategy}
    table = grid(
        **swept,
        params={"fast": fasts, "slow": slows},
        bundle=market.folder / "bundle",
        start=market.start,
        end=market.end,
        workers=processes,
        errors="raise",
        capital_base=CAPITAL,
    )
    return list(zip(table["transactions"], table["portfolio_value"], strict=True))
