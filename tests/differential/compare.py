"""Holdfast's answers to a pair, and where they differ from Zipline's."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from differential.pairs import Pair, run_pair
from golden.compare import differences
from golden.markets import Market
from holdfast import api, run_algorithm
from holdfast.data.ingest.write import write_bundle
from holdfast.layers import Layers

#: Sums of the day's money: Zipline's noise of 1e-13 a share grows with the shares.
_NOISY = {"pnl": 1e-6, "capital_used": 1e-6, "sharpe": 1e-6, "sortino": 1e-5, "alpha": 1e-7}

#: Zipline's answers to a few pairs, for the tests that run without it.
KEPT = Path(__file__).parent / "answers"
_NO_LOSS = 1e6  # a Sortino ratio beyond is of losses that are noise


def ingest(market: Market, path: Path) -> None:
    """Make a bundle of a market."""
    write_bundle(path, market.bars, market.frequency, adjustments=market.adjustments)


def holdfast_answers(pair: Pair, bundle: Path) -> dict[str, Any]:
    """Run a pair on Holdfast: with one ledger or the other, with its layers or without."""
    options = {
        "ledger": "float" if pair.strategy % 2 else "decimal",
        "layers": Layers.NONE if pair.strategy % 5 == 0 else Layers.ALL,
    }
    return run_pair(pair, api, partial(run_algorithm, **options), bundle, pd.Timestamp)


def shorten(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the fills, each session's value and what the strategy noted: the rest follows."""
    if answers["ended"]:  # by an error, which both engines raise
        return {"notes": answers["notes"]}
    return {
        "notes": answers["notes"],
        "transactions": answers["transactions"],
        "portfolio_value": answers["perf"]["portfolio_value"],
        "beta": answers["perf"]["beta"][-20:],
    }


def differences_of(mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return where the answers differ, but for noise."""
    if mine["ended"] != theirs["ended"]:
        return [f"ended: {mine['why'] or 'no'}, Zipline: {theirs['why'] or 'no'}"]
    if mine["ended"]:
        return differences(mine["notes"], theirs["notes"], ".notes")
    for answers in (mine, theirs):
        answers.pop("why", None)
    perf, other = mine["perf"], theirs["perf"]
    for name, limit in _NOISY.items():
        perf[name] = [
            o if _near(m, o, limit) else m for m, o in zip(perf[name], other[name], strict=True)
        ]
    _forgive_still_days(perf, other)
    return differences(mine, theirs)


def _forgive_still_days(perf: dict[str, Any], other: dict[str, Any]) -> None:
    """Take Zipline's ratios as long as nothing but noise was gained (docs/zipline.md)."""
    for row, volatility in enumerate(other["algo_volatility"]):
        if volatility is None or volatility < 1e-9:
            for name in ("sharpe", "sortino", "alpha", "beta", "max_drawdown"):
                perf[name][row] = other[name][row]
        if (other["sortino"][row] or 0.0) > _NO_LOSS and (perf["sortino"][row] or 0.0) > _NO_LOSS:
            perf["sortino"][row] = other["sortino"][row]


def _near(mine: Any, theirs: Any, limit: float) -> bool:
    if mine is None or theirs is None:
        return bool(mine == theirs)
    return math.isclose(float(mine), float(theirs), rel_tol=limit, abs_tol=limit)
