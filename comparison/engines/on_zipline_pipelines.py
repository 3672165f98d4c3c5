"""Zipline's pipelines: the example of its wheel, or twenty factors through its own engine."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import zipline
from zipline.data import bundles
from zipline.pipeline import Pipeline, SimplePipelineEngine, factors
from zipline.pipeline.data import USEquityPricing
from zipline.pipeline.domain import US_EQUITIES
from zipline.pipeline.loaders import USEquityPricingLoader

from comparison.engines import on_zipline
from comparison.market import CAPITAL, Market
from comparison.twenty_factors import make_columns, sum_up

EXAMPLE = "momentum_pipeline.py"


def prepare(market: Market) -> None:
    """Make a Zipline bundle of the bars, once, and put the example beside it."""
    on_zipline.prepare(market)
    shutil.copy(Path(zipline.__file__).parent / "examples" / EXAMPLE, market.folder)


def load(market: Market, variant: str) -> Callable[[], Any]:
    """Open the bundle; return what remains to be measured."""
    on_zipline.quieten(market)
    bundle = bundles.load(market.name)
    dates = pd.Timestamp(market.start), pd.Timestamp(market.end)
    if variant == "momentum":
        example = runpy.run_path(str(market.folder / EXAMPLE))
        return lambda: zipline.run_algorithm(
            start=dates[0],
            end=dates[1],
            initialize=example["initialize"],
            before_trading_start=example["before_trading_start"],
            capital_base=CAPITAL,
            bundle=market.name,
        )
    finder = bundle.asset_finder
    loader = USEquityPricingLoader.without_fx(
        bundle.equity_daily_bar_reader, bundle.adjustment_reader
    )
    engine = SimplePipelineEngine(lambda column: loader, finder, US_EQUITIES)
    columns = make_columns(factors, USEquityPricing, finder.retrieve_asset(0))
    return lambda: engine.run_pipeline(Pipeline(columns), *dates)


def run(measured: Callable[[], Any]) -> Any:
    return measured()


def answers(result: Any) -> tuple[int, float]:
    return on_zipline.answers(result) if "transactions" in result else sum_up(result)
