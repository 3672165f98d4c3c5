"""The composition root of pipelines: a bundle, layers and a pipeline become a frame."""

from __future__ import annotations

import os

import pandas as pd

from holdfast.data.bundle import OpenedBundle
from holdfast.data.checks import day_named
from holdfast.layers import Layers
from holdfast.pipeline.attached import AttachedPipelines
from holdfast.pipeline.engine import Engine, PlainEngine
from holdfast.pipeline.market import Market
from holdfast.pipeline.output import frame_of
from holdfast.pipeline.pipeline import Pipeline
from holdfast.run import DateLike, build_finder, chosen_layers, open_bundle


def run_pipeline(
    pipeline: Pipeline,
    start: DateLike,
    end: DateLike,
    bundle: str | os.PathLike[str],
    layers: Layers = Layers.ALL,
) -> pd.DataFrame:
    """Compute a pipeline for every session from `start` to `end`, outside a backtest.

    Parameters
    ----------
    pipeline
        What to compute.
    start, end
        First and last date, both included; days without a session are skipped.
    bundle
        The folder that ``holdfast ingest`` or ``write_bundle`` made.
    layers
        Which optimisations are on; the answers are the same.

    Returns
    -------
    DataFrame
        One row per (session, asset) that the screen lets through, one column per term.

    Raises
    ------
    BundleError
        When the bundle cannot be opened.
    NotInBundle
        When the dates lie outside the bundle, or a window reaches before it.
    """
    layers = chosen_layers(layers)
    with open_bundle(bundle, layers) as opened:
        first, last = opened.sessions.between(day_named("start", start), day_named("end", end))
        return frame_of(pipeline, build_engine(opened, layers), first, last + 1)


def attached_pipelines(bundle: OpenedBundle, layers: Layers, last: int) -> AttachedPipelines:
    """Return the pipelines of a backtest whose last session is `last`; none is attached yet."""
    return AttachedPipelines(build_engine(bundle, layers), last + 1)


def build_engine(bundle: OpenedBundle, layers: Layers) -> Engine:
    """Return who computes terms."""
    market = Market(bundle, build_finder(bundle, layers))
    if layers.pipelines:
        from holdfast.layers.pipelines.columns import CachedColumns

        return CachedColumns(market, layers.pipeline_bytes)
    return PlainEngine(market)
