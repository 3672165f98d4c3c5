"""One sweep in a fresh process of its engine's own environment; prints one line of JSON.

An engine that sweeps by itself has ``sweep(market, variant, pairs, processes)``. Of any other the
backtests run in a pool of processes, as those do that sweep with it.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from comparison.market import Each, Market, Pairs, read_market

PROCESSES = 2

read_once = cache(read_market)  # the bars do not travel with each task


def main(module: str, variant: str, folder: str, asked: str) -> None:
    """Sweep, and once more if that was quick; print how long it took, on the clock."""
    options = json.loads(asked)
    pairs = [(fast, slow) for fast, slow in options["pairs"]]
    engine = importlib.import_module(f"comparison.engines.{module}")
    sweep = getattr(engine, "sweep", partial(in_a_pool, module))
    market = read_once(Path(folder))
    seconds, each = timed(sweep, market, variant, pairs)
    found = {"run": seconds, "total": time.time() - options["started"], "again": None}
    if seconds <= options["once_over"]:
        found["again"], repeated = timed(sweep, market, variant, pairs)
        if repeated != each:
            sys.exit("the second sweep gives other answers than the first")
    trades, equities = zip(*each, strict=True)
    sums = {"trades": sum(trades), "equity": sum(equities) / len(pairs), "each": each}
    sys.stdout.write("\n" + json.dumps(found | sums) + "\n")


def timed(
    sweep: Callable[..., Any], market: Market, variant: str, pairs: Pairs
) -> tuple[float, Each]:
    """Return the seconds that a sweep took, and the answers of each of its backtests."""
    before = time.perf_counter()
    each = sweep(market, variant, pairs, PROCESSES)
    seconds = time.perf_counter() - before
    return seconds, [(int(trades), round(float(equity), 2)) for trades, equity in each]


def in_a_pool(module: str, market: Market, variant: str, pairs: Pairs, processes: int) -> Each:
    """Run a backtest for each pair, one after the other in each process."""
    with Pool(processes) as pool:
        return pool.map(partial(backtest, module, market.folder, variant), pairs, chunksize=1)


def backtest(module: str, folder: Path, variant: str, pair: tuple[int, int]) -> Any:
    """Return the answers of one backtest; its bars are fed anew, from the arrays."""
    engine = importlib.import_module(f"comparison.engines.{module}")
    market = replace(read_once(folder), windows=pair)
    return engine.answers(engine.run(engine.load(market, variant)))


if __name__ == "__main__":
    main(*sys.argv[1:])
