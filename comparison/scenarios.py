"""One scenario with Holdfast and with its peers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.latency import ON_ARRAYS, decimal_over_float
from benchmarks.scenarios import SCENARIOS, Scenario

from comparison.environments import backtest
from comparison.market import write_market
from comparison.roster import ALONE, ARRAY
from comparison.table import Row, table
from comparison.turns import installed, run_in_turns, show
from holdfast.data.ingest import synthetic_bars, write_bundle

LEDGER_SECONDS = 10.0


def measure(name: str, args: Any, ledgers: dict[str, float]) -> list[Row]:
    """Run the scenario and print its table; the exact ledger's cost goes into `ledgers`."""
    engines = [one for one in args.engines or ALONE if one in ALONE]
    once_over = float("inf") if args.once_over is None else args.once_over
    with tempfile.TemporaryDirectory() as folder:
        market = make_market(SCENARIOS[name], Path(folder))
        pythons = installed(engines, args.envs)
        rows = run_in_turns(name, market, pythons, args.runs, once_over, backtest)
        show("", table(rows))
        if ARRAY in engines:
            bundle = market / "bundle"
            ledgers[name] = decimal_over_float(ON_ARRAYS[name], bundle, "full", LEDGER_SECONDS)
    return rows


def make_market(scenario: Scenario, folder: Path) -> Path:
    """Write the scenario's bars, for the peers and as Holdfast's bundle."""
    end = scenario.dates["full"][1]
    bars = synthetic_bars(scenario.n_assets, scenario.market_from, end, scenario.frequency)
    write_market(folder, scenario, bars)
    write_bundle(folder / "bundle", bars, scenario.frequency)
    return folder
