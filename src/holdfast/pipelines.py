"""Pipelines outside a backtest: a bundle and a pipeline become a frame."""

from __future__ import annotations

import os

import pandas as pd

from holdfast.data.dates import read_date
from holdfast.layers import Layers
from holdfast.pipeline.output import frame_of
from holdfast.pipeline.pipeline import Pipeline
from holdfast.run import build_engine, choose_layers, open_bundle
from holdfast.settings import DateLike


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
    layers = choose_layers(layers)
    with open_bundle(bundle, layers) as opened:
        first, last = opened.sessions.between(read_date("start", start), read_date("end", end))
        return frame_of(pipeline, build_engine(opened, layers), first, last + 1)
