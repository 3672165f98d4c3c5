"""Runs in Zipline's environment: computes random pipelines on exported markets."""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import pandas as pd

from golden.pipelines.cases import frame_as_answers
from golden.pipelines.random_terms import RandomTerms
from golden.pipelines.zipline_engine import ZiplineEngine
from golden.zipline_side import ingest


def main(folder: Path, start: str, end: str, per_market: int) -> None:
    """Write the answers of `per_market` graphs beside each market."""
    os.environ["ZIPLINE_ROOT"] = str(folder / "zipline")
    warnings.simplefilter("ignore")
    for market in sorted(folder.glob("daily_*")):
        ingest(market)
        engine = ZiplineEngine(market.name)
        first = int(market.name.partition("_")[2]) * per_market
        for seed in range(first, first + per_market):
            pipeline = RandomTerms(engine.names, seed).pipeline()
            try:
                found = engine.run_pipeline(pipeline, pd.Timestamp(start), pd.Timestamp(end))
                answers = frame_as_answers(found)
            except Exception as error:  # what stops Zipline is told, and counted
                answers = {"error": f"{type(error).__name__}: {error}"}
            (market / f"{seed}.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
