"""Compute pipelines with Zipline and with Holdfast, side by side, and print one table.

::

    python benchmarks/peers/pipelines.py --runs 3

The market has 500 assets over five years of daily bars. ``momentum`` is the whole backtest of
Zipline's own example ``momentum_pipeline``, out of its wheel and unchanged; ``factors`` is a frame
of twenty built-in factors. Opening the bundle is not measured, and what a first run computes is.
Zipline's ``every_day`` misses an early close that follows a session: that fills and equity agree
is asked of a second run, not measured, in which Holdfast misses it too.
Environments and turns are those of ``compare.py``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from compare import installed, machine, names_of, run_in_turns, show
from environments import backtest
from market import write_market
from roster import PIPELINES
from table import Row, markdown

from holdfast.data.ingest import synthetic_bars, write_bundle

DATES = {"full": ("2020-01-02", "2024-12-31")}
MARKET_FROM = "2018-11-01"
HEAD = ("what", "engine", "CPU s", "zipline / it", "max RSS MB", "trades or rows", "agrees")
#: Shares of a bar are a thousandfold of the synthetic market's, so that the example's orders fill.
LIQUIDITY = 1000


def main() -> int:
    """Print the tables; return 1 when the engines disagree."""
    args = arguments()
    about = {"date": date.today().isoformat(), "runs": args.runs, **machine()}
    show(", ".join(f"{name} {value}" for name, value in about.items()), "")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        make_market(args.assets, Path(folder))
        for what in args.what:
            pythons = installed(PIPELINES[what], args.envs)
            rows += run_in_turns(what, Path(folder), pythons, args, backtest)
    show(markdown(HEAD, [cells(row, rows) for row in rows], rows))
    if args.json:
        stored = {**about, "rows": [dataclasses.asdict(row) for row in rows]}
        args.json.write_text(json.dumps(stored, indent=1))
    return int(any(row.agrees == "NO" for row in rows))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--what", type=names_of(list(PIPELINES)), default=list(PIPELINES))
    parser.add_argument("--assets", type=int, default=500, help="in the market (500)")
    parser.add_argument("--runs", type=int, default=3, help="processes per engine (3)")
    parser.add_argument("--json", type=Path, help="also write every sample to this file")
    parser.add_argument("--envs", type=Path, default=Path(".peers"), help="environments (.peers)")
    parser.set_defaults(once_over=float("inf"))
    return parser.parse_args()


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


if __name__ == "__main__":
    sys.exit(main())
