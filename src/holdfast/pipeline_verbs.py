"""The verbs that attach pipelines to a backtest and ask for what they computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from holdfast.errors import UsageError
from holdfast.run_setup import in_initialize
from holdfast.simulation import get_running

if TYPE_CHECKING:
    from holdfast.pipeline import Pipeline


def attach_pipeline(
    pipeline: Pipeline, name: str, chunks: int | Iterable[int] | None = None, eager: bool = True
) -> Pipeline:
    """Have a pipeline computed for every session, in initialize.

    Parameters
    ----------
    pipeline
        What to compute.
    name
        What `pipeline_output` finds it by.
    chunks
        How many sessions are computed together, or how many one after the other; the layer
        ``pipelines`` chooses itself. The values do not depend on it.
    eager
        Whether it is computed before the session begins, also when nobody asks for it.

    Returns
    -------
    Pipeline
        The same one.
    """
    simulation = in_initialize("attach_pipeline")
    if simulation.pipelines is None:
        simulation.pipelines = simulation.load_pipelines()
    simulation.pipelines.attach(pipeline, name, chunks, eager)
    return pipeline


def pipeline_output(name: str) -> pd.DataFrame:
    """Return an attached pipeline's values for the current session.

    They are computed from what was known when it began: bars up to the session before.

    Parameters
    ----------
    name
        What the pipeline was attached as.

    Returns
    -------
    DataFrame
        One row per asset that the pipeline's screen lets through, one column per term.
    """
    simulation = get_running("pipeline_output")
    if simulation.phase == "initialize":
        raise UsageError(
            "pipeline_output() has nothing yet in initialize (call it in before_trading_start)"
        )
    if simulation.pipelines is None:
        raise UsageError(
            f"no pipeline {name!r} is attached; none is (attach_pipeline in initialize)"
        )
    return simulation.pipelines.output(name, simulation.data.session)
