"""Holdfast's pipelines: the example of Zipline's wheel as it is, or the same twenty factors."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Container
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from comparison.engines import on_holdfast
from comparison.market import CAPITAL, Market
from comparison.twenty_factors import make_columns, sum_up
from holdfast import run_algorithm, run_pipeline
from holdfast.layers import Layers
from holdfast.pipeline import Pipeline, factors
from holdfast.pipeline.data import USEquityPricing
from holdfast.run import open_bundle
from holdfast.zipline_names import zipline_names

DAY = np.timedelta64(1, "D")


def load(market: Market, variant: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Open the bundle and read its bars; return what is measured, and what is then compared."""
    bundle = market.folder / "bundle"
    with open_bundle(bundle, Layers.ALL) as opened:
        opened.bars("1d")
        first_asset = opened.assets.retrieve_all()[0]
        left_out = _left_out_by_zipline(opened.sessions)
    if variant == "momentum":
        return _backtest(market, bundle, ()), _backtest(market, bundle, left_out)
    columns = make_columns(factors, USEquityPricing, first_asset)
    whole = partial(run_pipeline, Pipeline(columns), market.start, market.end, bundle)
    return whole, whole


def run(loaded: tuple[Callable[[], Any], Callable[[], Any]]) -> tuple[Any, Callable[[], Any]]:
    measured, compared = loaded
    return measured(), compared


def answers(result: tuple[Any, Callable[[], Any]]) -> tuple[int, float]:
    frame = result[1]()
    return on_holdfast.answers(frame) if "transactions" in frame else sum_up(frame)


def _backtest(market: Market, bundle: Path, left_out: Container[Any]) -> Callable[[], Any]:
    with zipline_names(True):
        example = runpy.run_path(str(market.folder / "momentum_pipeline.py"))
    rebalance = example["rebalance"]

    def on_other_days(context: Any, data: Any) -> None:
        if data.current_session.to_datetime64() not in left_out:
            rebalance(context, data)

    if left_out:
        example["initialize"].__globals__["rebalance"] = on_other_days
    return partial(
        run_algorithm,
        start=market.start,
        end=market.end,
        initialize=example["initialize"],
        before_trading_start=example["before_trading_start"],
        capital_base=CAPITAL,
        bundle=bundle,
    )


def _left_out_by_zipline(sessions: Any) -> set[Any]:
    """Return the early closes that Zipline's ``every_day`` misses: within 24 hours of another."""
    early = sessions.half_days & (np.diff(sessions.labels, prepend=sessions.labels[0]) == DAY)
    return set(sessions.labels[early])
