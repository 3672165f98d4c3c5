"""Compute pipelines with Zipline and with Holdfast.

The market has 500 assets over five years of daily bars. ``momentum`` is the whole backtest of
Zipline's own example ``momentum_pipeline``, out of its wheel and unchanged; ``factors`` is a frame
of twenty built-in factors. Opening the bundle is not measured, and what a first run computes is.
Zipline's ``every_day`` misses an early close that follows a session: that fills and equity agree
is asked of a second run, not measured, in which Holdfast misses it too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from comparison.environments import backtest
from comparison.market import write_market
from comparison.roster import PIPELINES
from comparison.table import Row, markdown
from comparison.turns import installed, run_in_turns, show
from holdfast.data.ingest import synthetic_bars, write_bundle

DATES = {"full": ("2020-01-02", "2024-12-31")}
MARKET_FROM = "2018-11-01"
HEAD = ("what", "engine", "CPU s", "zipline / it", "max RSS MB", "trades or rows", "agrees")
#: Shares of a bar are a thousandfold of the synthetic market's, so that the example's orders fill.
LIQUIDITY = 1000


def measure(what: str, args: Any) -> list[Row]:
    """Compute one of them, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        make_market(args.assets, Path(folder))
        engines = [one for one in PIPELINES[what] if one in (args.engines or PIPELINES[what])]
        pythons = installed(engines, args.envs)
        never = float("inf")
        rows = run_in_turns(what, Path(folder), pythons, args.runs, never, backtest)
    show("", markdown(HEAD, [cells(row, rows) for row in rows], rows))
    return rows


def make_market(n_assets: int, folder: Path) -> None:
    """Write the bars, for Zipline and as Holdfast's bundle."""
    bars = synthetic_bars(n_assets, MARKET_FROM, DATES["full"][1])
    bars["volume"] *= LIQUIDITY
    write_market(folder, SimpleNamespace(name="pipelines", frequency="daily", dates=DATES), bars)
    write_bundle(folder / "bundle", bars)


def cells(row: Row, rows: list[Row]) -> tuple[Any, ...]:
    if not row.measured:
        return (row.scenario, row.engine, "failed", *[""] * (len(HEAD) - 3))
    seconds, peer = row.median("run"), next(one for one in rows if one.scenario == row.scenario)
    return (
        row.scenario,
        row.engine,
        f"{seconds:.3f}",
        f"{peer.median('run') / seconds:.1f}" if peer.measured else "",
        f"{row.median('rss'):.0f}",
        f"{row.samples[0]['trades']:,}",
        row.agrees,
    )
