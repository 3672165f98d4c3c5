"""Zipline: the strategies that Holdfast runs, with nothing but their imports renamed.

The variant is the field they read. ``price`` costs Zipline more than ``close``, since it fills
gaps, of which these bars have none: the trades are the same.
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import zipline
from zipline.data import bundles

from comparison.market import CAPITAL, Market
from comparison.perf import answers, books  # noqa: F401 - the runner asks an engine for both

STRATEGIES = Path(__file__).parents[2] / "benchmarks" / "strategies"
HOW = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
#: Pipelines ask in which country an asset is traded.
EXCHANGES = pd.DataFrame({"exchange": ["XNYS"], "canonical_name": ["XNYS"], "country_code": ["US"]})


def prepare(market: Market) -> None:
    """Make a Zipline bundle of the bars, once."""
    _register(market)
    bundles.ingest(market.name)


def load(market: Market, variant: str) -> dict[str, Any]:
    """Open the bundle, which Zipline is quicker to do a second time."""
    quieten(market)
    bundles.load(market.name)
    source = (STRATEGIES / f"{market.name}.py").read_text().replace("holdfast", "zipline")
    source = source.replace('"price"', f'"{variant}"')
    strategy: dict[str, Any] = {}
    exec(compile(source, market.name, "exec"), strategy)
    if market.name == "daily":
        strategy["FAST"], strategy["SLOW"] = market.windows
    return {
        "start": pd.Timestamp(market.start),
        "end": pd.Timestamp(market.end),
        "initialize": strategy["initialize"],
        "handle_data": strategy["handle_data"],
        "capital_base": CAPITAL,
        "data_frequency": market.frequency,
        "bundle": market.name,
    }


def quieten(market: Market) -> None:
    """Register the market's bundle in this process, and let it run without a word."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    _register(market)


def run(options: dict[str, Any]) -> Any:
    return zipline.run_algorithm(**options)


def _register(market: Market) -> None:
    os.environ["ZIPLINE_ROOT"] = str(market.folder / "zipline")

    def write(environ, assets, minute, daily, adjustments, calendar, *_: Any) -> None:
        frames = dict(enumerate(map(market.frame, range(len(market.symbols)))))
        if market.frequency == "minute":
            minute.write((sid, frame.tz_localize("UTC")) for sid, frame in frames.items())
        days = {sid: _by_session(frame) for sid, frame in frames.items()}
        daily.write(days.items())
        assets.write(equities=_equities(market, days[0].index), exchanges=EXCHANGES)
        adjustments.write()

    first, last = (pd.Timestamp(market.moments[row]).normalize() for row in (0, -1))
    bundles.register(market.name, write, "XNYS", first, last)


def _by_session(frame: pd.DataFrame) -> pd.DataFrame:
    """Return daily bars; XNYS opens and closes on the same UTC day."""
    return frame.groupby(frame.index.normalize()).agg(HOW)


def _equities(market: Market, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    life = {"start_date": sessions[0], "end_date": sessions[-1]}
    after = {"auto_close_date": sessions[-1] + pd.Timedelta(days=1), "exchange": "XNYS"}
    return pd.DataFrame({"symbol": market.symbols, **life, **after})
