"""A sweep of a hundred million bars, in little memory ('make test-slow')."""

import json
import subprocess
import sys

import pytest

from holdfast.data.ingest import synthetic_bars, write_bundle

_CHILD = """
import json, sys
from pathlib import Path
import psutil
from holdfast import grid

def mean(prices, count):
    return prices.close.rolling(count).mean()

def targets(prices, fast, slow):
    return (prices.cached(mean, fast) > prices.cached(mean, slow)) * 100

def peak(process):
    return int(Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0])

params = {"fast": range(2, 42), "slow": range(50, 300, 10)}
dates = {"start": "2015-01-02", "end": "2024-12-31"}
table = grid(params=params, targets=targets, bundle=sys.argv[1], workers=2, **dates)
processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
print(json.dumps({
    "sets": len(table), "errors": int(table["error"].notna().sum()),
    "transactions": int(table["transactions"].sum()),
    "processes": len(processes), "megabytes": sum(map(peak, processes)) / 1024,
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_thousand_sets_of_fifty_assets_over_ten_years(tmp_path):
    write_bundle(tmp_path / "bundle", synthetic_bars(50, "2015-01-02", "2024-12-31"))
    command = [sys.executable, "-c", _CHILD, tmp_path / "bundle"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["sets"] == 1000 and found["errors"] == 0 and found["transactions"] > 1_000_000
    assert found["processes"] >= 3  # this was worth two workers
    assert found["megabytes"] < 2000
