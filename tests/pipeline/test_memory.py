"""A pipeline over a market as large as the United States' needs a bounded amount of memory."""

import json
import subprocess
import sys

import pytest

GIGABYTES_2 = 2 * 1024**3
WRITE = """
import sys
from holdfast.data.ingest import synthetic_bars, write_bundle
write_bundle(sys.argv[1], synthetic_bars(5000, "2014-01-02", "2024-12-31"))
"""
RUN = """
import json, resource, sys
from holdfast import run_algorithm
from holdfast.api import attach_pipeline, pipeline_output, record
from holdfast.pipeline import Pipeline
from holdfast.pipeline.factors import RSI, AnnualizedVolatility, AverageDollarVolume, Returns

def initialize(context):
    traded = AverageDollarVolume(window_length=20).top(500)
    score = Returns(window_length=60).zscore(mask=traded) - AnnualizedVolatility().rank()
    attach_pipeline(Pipeline({"score": score, "rsi": RSI()}, screen=traded), "scores")

def handle_data(context, data):
    record(rows=len(pipeline_output("scores")))

options = {"handle_data": handle_data, "bundle": sys.argv[1]}
perf = run_algorithm("2015-02-02", "2024-12-31", initialize, **options)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"peak": peak, "sessions": len(perf), "rows": int(perf["rows"].iloc[-1])}))
"""


@pytest.mark.slow
def test_ten_years_of_five_thousand_assets_take_less_than_two_gigabytes(tmp_path):
    bundle = str(tmp_path / "bundle")
    subprocess.run([sys.executable, "-c", WRITE, bundle], check=True)
    done = subprocess.run(
        [sys.executable, "-c", RUN, bundle], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["sessions"] > 2480 and found["rows"] == 500
    assert found["peak"] < GIGABYTES_2
