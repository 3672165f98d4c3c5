"""Holdfast: the Zipline strategy as it is, on arrays, as a table, and with all layers off."""

from __future__ import annotations

import importlib
from typing import Any

from comparison.market import CAPITAL, Market
from comparison.perf import answers, books  # noqa: F401 - the runner asks an engine for both
from comparison.signals import positions
from holdfast import run_algorithm, run_targets
from holdfast.layers import Layers
from holdfast.run import open_bundle

LAYERS = {"plain": Layers.NONE}


def load(market: Market, variant: str) -> dict[str, Any]:
    """Open the bundle and read its bars; with the layers off nothing would remember them."""
    name = f"{market.name}_array" if variant == "array" else market.name
    strategy = importlib.import_module(f"benchmarks.strategies.{name}")
    layers = LAYERS.get(variant, Layers.ALL)
    bundle = market.folder / "bundle"
    if layers.connections:
        with open_bundle(bundle, layers) as opened:
            for frequency in {"1d", "1m" if market.frequency == "minute" else "1d"}:
                opened.bars(frequency)
    decisions = (
        {"market": market} if variant == "targets" else {"handle_data": strategy.handle_data}
    )
    return {
        "start": market.start,
        "end": market.end,
        "initialize": strategy.initialize,
        **decisions,
        "capital_base": CAPITAL,
        "bundle": bundle,
        "data_frequency": market.frequency,
        "layers": layers,
    }


def run(options: dict[str, Any]) -> Any:
    """Run the strategy's functions, or the same decisions as a table, which is computed here."""
    if "market" in options:
        return run_targets(positions(options.pop("market")), **options)
    return run_algorithm(**options)
