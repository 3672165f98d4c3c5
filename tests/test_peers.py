"""The comparison with other engines, without them: what Holdfast itself runs there."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from benchmarks.scenarios import DAILY, fingerprint
from benchmarks.strategies import daily, sweep_statistic, sweep_windows

PEERS = Path(__file__).parents[1] / "benchmarks" / "peers"


@pytest.mark.parametrize("way", [sweep_windows, sweep_statistic])
def test_with_the_windows_of_the_daily_scenario_a_sweep_trades_as_it_does(tmp_path, way):
    bundle = DAILY.write_market(tmp_path)
    initialize, handle_data = way.strategy(daily.FAST, daily.SLOW)
    swept = SimpleNamespace(initialize=initialize, handle_data=handle_data)
    perf = replace(DAILY, strategy=swept).run(bundle, "full")
    assert perf["transactions"].map(len).sum() > 10
    assert fingerprint(perf) == fingerprint(DAILY.run(bundle, "full"))


def test_a_sweep_is_measured_in_a_process_of_its_own(tmp_path):
    stored = tmp_path / "measured.json"
    command = [sys.executable, PEERS / "sweep.py", "--runs", "1", "--json", stored]
    command += ["--engines", "holdfast-windows,holdfast-statistic", "--once-over", "0"]
    command += ["--grid", "fast=5,10", "--grid", "slow=60"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(stored.read_text())["rows"]
    assert (first["agrees"], second["agrees"]) == ("reference", "yes")
    (sample,) = second["samples"]
    assert sample["total"] > sample["run"] > 0 and sample["trades"] > 10
    assert sample["again"] is None and "| holdfast-statistic |" in done.stdout
