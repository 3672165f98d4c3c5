"""Runs in Zipline's environment: computes pipelines on an ingested bundle."""

from __future__ import annotations

from typing import Any

import pandas as pd

from golden.pipelines.names import Names


class ZiplineEngine:
    """Zipline's own engine on one bundle.

    Parameters
    ----------
    bundle
        The name it was ingested by.
    """

    def __init__(self, bundle: str) -> None:
        from zipline.data import bundles
        from zipline.pipeline import SimplePipelineEngine
        from zipline.pipeline.domain import US_EQUITIES
        from zipline.pipeline.loaders import USEquityPricingLoader

        data = bundles.load(bundle)
        loader = USEquityPricingLoader.without_fx(
            data.equity_daily_bar_reader, data.adjustment_reader
        )
        finder = data.asset_finder
        self._engine = SimplePipelineEngine(lambda column: loader, finder, US_EQUITIES)
        self.names = Names("zipline", finder.retrieve_all(sorted(finder.sids)))

    def run(self, columns: dict[str, Any], start: str, end: str) -> pd.DataFrame:
        """Return the frame of some columns."""
        pipeline = self.names.pipeline(columns)
        return self.run_pipeline(pipeline, pd.Timestamp(start), pd.Timestamp(end))

    def run_pipeline(self, pipeline: Any, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
        """Return a pipeline's frame."""
        return self._engine.run_pipeline(pipeline, start, end)
