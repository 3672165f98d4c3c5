"""This commit against the saved baseline, scenario by scenario and layer by layer.

    pytest tests/regression -m regression

The rule is that of ``holdfast baseline check``: more than 20 % slower fails. What asv has not
measured of this commit is measured first, if this is the baseline's machine.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from holdfast.gate.asv.project import find_project
from tools.release.baseline import FILE_NAME, SCENARIOS

pytestmark = [pytest.mark.regression, pytest.mark.slow]

HERE, OURS = Path("asv.conf.json"), Path(__file__).parents[2] / "asv.conf.json"
PROJECT = find_project(HERE if HERE.is_file() else OURS)
BASELINE = PROJECT.folder("results_dir") / FILE_NAME
POLICY = tomllib.loads((PROJECT.folder("benchmark_dir") / "policy.toml").read_text("utf-8"))
LAYERS = {one["name"]: one["benchmark"] for one in POLICY["target"] if "less" in one}


@pytest.fixture(scope="session")
def rows():
    """Every row of 'holdfast baseline check'."""
    checked = check()
    if checked.returncode == 3 and measure():
        checked = check()
    if checked.returncode not in (0, 1):
        pytest.skip(checked.stderr.strip())
    return json.loads(checked.stdout)["benchmarks"]


def check():
    command = [sys.executable, "-m", "holdfast", "baseline", "check", "--json"]
    return subprocess.run(command, cwd=PROJECT.config.parent, capture_output=True, text=True)


def measure() -> bool:
    """Measure HEAD under the name of the baseline's machine, if asv knows this one by it."""
    known = Path.home() / ".asv-machine.json"
    if not (BASELINE.is_file() and known.is_file()):
        return False
    baseline = json.loads(BASELINE.read_text("utf-8"))
    machine = baseline["machine"]["name"]
    if machine not in json.loads(known.read_text("utf-8")):
        return False
    options = ["--machine", machine, "--config", PROJECT.config]
    for name in sorted({label.partition("(")[0] for label in baseline["measured_by"]}):
        options += ["--bench", rf"^{name}\("]
    command = [sys.executable, "-m", "asv", "run", "HEAD^!", *options]
    subprocess.run(command, cwd=PROJECT.config.parent, check=False)
    return True


def slower(rows) -> list[str]:
    return [
        f"{row['name']}({', '.join(row['params'])}): {row['before']:g} -> {row['after']:g}"
        for row in rows
        if row["verdict"] == "fail" and not row["waived"]
    ]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_as_fast_as_at_the_last_release(rows, scenario):
    prefix, param = f"scenarios.{scenario.title()}.", repr(scenario)
    own = [row for row in rows if row["name"].startswith(prefix) or param in row["params"]]
    assert own and slower(own) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_is_as_fast_as_at_the_last_release(rows, layer):
    own = [row for row in rows if row["name"] == LAYERS[layer]]
    assert own and slower(own) == []
