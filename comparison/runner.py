"""One backtest in a fresh process of its engine's own environment; prints one line of JSON.

An engine is a module with ``load(market, variant)``, which brings the bars into the engine's own
form, ``run(loaded)``, the backtest alone, and ``answers(result)``, the number of fills and the
final equity. ``books(result, market)``, of engines that fill at the next close, has each fill and
the equity of each session. ``prepare(market)`` is for what is done once and never measured.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from comparison.market import Market, read_market

AGAIN_BELOW = 4.0
"""A backtest that takes fewer CPU seconds is run twice, so that its second is known, too."""


def main(module: str, variant: str, folder: str, step: str) -> None:
    """Prepare the engine, or run its backtest and print what it took."""
    engine = importlib.import_module(f"comparison.engines.{module}")
    market = read_market(Path(folder))
    if step == "prepare":
        getattr(engine, "prepare", lambda market: None)(market)
        return
    result, seconds = backtest(engine, market, variant)
    found = {"run": seconds, "total": time.process_time(), "rss": peak_megabytes()}
    found |= answers(engine, result)
    books = engine.books(result, market) if hasattr(engine, "books") else {}
    if seconds < AGAIN_BELOW:
        result, found["again"] = backtest(engine, market, variant)
        if found != found | answers(engine, result):
            sys.exit("the second backtest gives other answers than the first")
    sys.stdout.write("\n" + json.dumps(found | books) + "\n")


def backtest(engine: ModuleType, market: Market, variant: str) -> tuple[Any, float]:
    """Load and run; return the engine's result, and the CPU seconds of the run alone."""
    loaded = engine.load(market, variant)
    before = time.process_time()
    result = engine.run(loaded)
    after = time.process_time()
    # backtrader reads its feeds inside of run and says when it was done with that.
    return result, after - getattr(engine, "loaded_at", lambda result: before)(result)


def answers(engine: ModuleType, result: Any) -> dict[str, Any]:
    trades, equity = engine.answers(result)
    return {"trades": int(trades), "equity": round(float(equity), 2)}


def peak_megabytes() -> float:
    """Return the most memory that this process had; ru_maxrss would count its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
