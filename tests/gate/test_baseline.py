"""Baselines: saved when every target is met, judged by the gate's own rule, on one machine only."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import HoldfastError, NothingMeasured, TargetMissed, UsageError
from holdfast.gate.asv.results import read_side
from holdfast.gate.core.readings import label
from holdfast.gate.trust.laboratory import Repository
from needs import needs_checkout
from support.command_line import run_here
from tools.release import baseline

from .trees import Tree, row

pytestmark = needs_checkout

POLICY = """
[[target]]
name = "layer 1"
benchmark = "user_code.Lists.time_list"
off = ["quick", "off"]
on = ["quick", "on"]
less = 0.5
[[target]]
name = "ledger"
benchmark = "latency.LedgersTogether.track_decimal_over_float"
params = ["full"]
below = 1.011
"""
HARDWARE = {"cpu": "a cpu", "num_cpu": "2", "arch": "x"}
OLD = {"daily_backtest": {"decimal_rust": 1.12, "overhead": "-2.3%"}, "date": "2025-01-01"}


def rows(seconds=1.0, bar=1e-5, on=0.1, together=1.002):
    """One commit's results: the figures of every scenario, and one layer off and on."""
    names, tier = ("daily", "hourly", "minute"), ["'full'"]
    scenario, spread = [repr(name) for name in names], (seconds * 0.999, seconds * 1.001)
    found = {
        "latency.Latency.track_bar": row(*[bar] * 9, params=(tier, scenario, ["50", "95", "99"])),
        "latency.Ledgers.track_decimal_over_float": row(*[1.01] * 3, params=(tier, scenario)),
        "latency.LedgersTogether.track_decimal_over_float": row(together, params=(tier,)),
        "user_code.Lists.time_list": row(1.0, on, params=(["'quick'"], ["'off'", "'on'"])),
    }
    for name in names:
        of = f"scenarios.{name.title()}"
        found[f"{of}.time_backtest"] = row(seconds, params=(tier,), interval=spread)
        found[f"{of}.peakmem_backtest"] = row(100_000_000, params=(tier,))
    return found


class Project:
    """A repository whose commits are measured as a test says."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder)
        self.folder = folder
        self.tree = Tree(folder / "results")
        self.repository.write(**{
            "asv.conf.json": '{"version": 1, "repo": ".", "benchmark_dir": "b"}',
            "b/policy.toml": POLICY,
        })  # fmt: skip
        units = {"time_": "seconds", "peakmem_": "bytes", "track_decimal": "ratio"}
        names = {
            name: next((u for p, u in units.items() if f".{p}" in name), "seconds")
            for name in rows()
        }
        self.tree.suite(**names)

    def measured(self, message="a change", machine="m1", **figures):
        commit = self.repository.commit(message)
        self.tree.store(commit, rows(**figures), machine=machine, **HARDWARE)
        return commit

    def run(self, *arguments):
        return run_here("baseline", *arguments, cwd=self.folder)

    @property
    def path(self):
        return self.tree.folder / baseline.FILE_NAME


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def saved(project):
    """A project with a baseline of its first commit."""
    project.measured("Release | the first")
    done = project.run("save")
    assert done.returncode == 0, done.stderr
    return project


def test_a_baseline_says_what_a_release_was(saved):
    document = json.loads(saved.path.read_text())
    head = saved.repository.git("rev-parse", "HEAD")
    assert document["daily_backtest"] == {
        "pure_python_optimized": 1.0, "overhead": "+1.00%", "p50_seconds": 1e-5,
        "p95_seconds": 1e-5, "p99_seconds": 1e-5, "peak_memory_bytes": 100_000_000,
    }  # fmt: skip
    assert {name for name in document if name.endswith("_backtest")} == {
        "daily_backtest", "hourly_backtest", "minute_backtest"
    }  # fmt: skip
    assert document["layers"]["layer 1"] == {
        "seconds": 0.1, "less": 0.9, "target": 0.5,
        "benchmark": "user_code.Lists.time_list('quick', 'on')",
    }  # fmt: skip
    assert (document["average_overhead"], document["target_met"]) == ("+0.20%", True)
    assert (document["commit"], document["story"]) == (head, "Release | the first")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", document["date"])
    assert document["machine"] == {
        "name": "m1", "environment": "env-py3", "cpu": "a cpu", "num_cpu": "2", "arch": "x"
    }  # fmt: skip


def test_the_story_can_be_told(project):
    project.measured()
    assert project.run("save", "--story", "faster windows").returncode == 0
    assert json.loads(project.path.read_text())["story"] == "faster windows"


@pytest.mark.parametrize(
    ("figures", "code", "message"),
    [
        ({"on": 0.6}, 1, "layer 1 (>= 50.00% less)"),
        ({"together": 1.02}, 1, "ledger (< 1.011 "),
        ({"together": None}, 3, "not measured: ledger"),
        ({"seconds": float("nan")}, 3, "time_backtest('full')"),
    ],
)
def test_nothing_is_saved_while_a_target_is_missed(saved, figures, code, message):
    before = saved.path.read_text()
    saved.measured(**figures)
    ran = saved.run("save")
    assert ran.returncode == code and message in ran.stderr, ran.stderr
    assert saved.path.read_text() == before
    assert [path.name for path in saved.tree.folder.glob(".*")] == []


@pytest.mark.parametrize(
    ("figures", "code", "verdict"),
    [
        ({}, 0, "PASS"),
        ({"seconds": 1.05}, 0, "PASS"),  # the edges are the gate's
        ({"seconds": 1.06}, 0, "WARN"),
        ({"seconds": 1.21}, 1, "FAIL"),
        ({"bar": 1.21e-5}, 1, "FAIL"),
        ({"on": 0.121}, 1, "FAIL"),
    ],
)
def test_a_later_commit_is_judged_as_the_gate_does(saved, figures, code, verdict):
    saved.measured(**figures)
    ran = saved.run("check")
    assert (ran.returncode, ran.stdout.splitlines()[-1].split()[0]) == (code, verdict), ran.stdout
    document = json.loads(saved.run("check", "--json").stdout)
    assert document["verdict"].upper() == verdict and len(document["benchmarks"]) == 19


def test_a_changed_benchmark_is_not_compared(saved):
    found = rows(seconds=2.0)
    found["scenarios.Daily.time_backtest"][2] = "v2"
    commit = saved.repository.commit()
    saved.tree.store(commit, found, **HARDWARE)
    shown = {
        one["name"]: one["verdict"]
        for one in json.loads(saved.run("check", "--json").stdout)["benchmarks"]
    }
    assert shown["scenarios.Daily.time_backtest"] == "not comparable"
    assert shown["scenarios.Hourly.time_backtest"] == "fail"


@pytest.mark.parametrize(
    ("where", "fact"),
    [
        ({"machine": "m2"}, "name is 'm1'"),
        ({"cpu": "another cpu"}, "cpu is 'a cpu'"),
        ({"env": "env-py4"}, "environment is 'env-py3'"),
    ],
)
def test_a_baseline_of_another_machine_is_refused(saved, where, fact):
    saved.tree.store(saved.repository.commit(), rows(), **{**HARDWARE, **where})
    ran = saved.run("check")
    assert ran.returncode == 2 and "the baseline is of another machine" in ran.stderr
    assert fact in ran.stderr


def test_what_was_not_measured_is_not_judged(saved):
    found = rows()
    del found["scenarios.Minute.time_backtest"]
    saved.tree.store(saved.repository.commit(), found, **HARDWARE)
    ran = saved.run("check")
    assert ran.returncode == 3 and "scenarios.Minute.time_backtest('full')" in ran.stderr


def test_without_a_baseline_the_way_to_one_is_said(project):
    project.measured()
    ran = project.run("check")
    assert ran.returncode == 3 and "'holdfast baseline save' writes one" in ran.stderr


def test_the_older_layout_is_read(project, tmp_path):
    old = tmp_path / "old.json"
    old.write_text(json.dumps(OLD))
    ran = project.run("migrate", str(old))
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "daily_backtest": {"pure_python_optimized": 1.12, "overhead": "-2.3%"},
        "date": "2025-01-01",
    }
    project.path.write_text(ran.stdout)
    project.measured()
    ran = project.run("check")
    assert ran.returncode == 2 and "names no machine" in ran.stderr
    again = tmp_path / "again.json"
    again.write_text('{"daily_backtest": {"pure_python_optimized": 1}}')
    ran = project.run("migrate", str(again))
    assert ran.returncode == 2 and "not an older baseline" in ran.stderr


@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"a": 1}'])
def test_what_is_no_baseline_is_refused(text):
    with pytest.raises(UsageError):
        baseline.read(text, "x.json")
    with pytest.raises(UsageError):
        baseline.migrate(text, "x.json")


positive = st.floats(1e-9, 1e9)


@given(positive, positive, st.floats(0.9, 1.01))
def test_what_is_saved_is_what_is_read(tmp_path_factory, seconds, bar, together):
    tree = Tree(tmp_path_factory.mktemp("tree"))
    path = tree.store("a" * 40, rows(seconds, bar, together=together), **HARDWARE)
    side = read_side(path)
    text = json.dumps(baseline.make(side, [], {"commit": side.commit}))
    again = baseline.read(text, "x.json")
    assert (again.commit, again.machine) == (side.commit, side.machine)
    for key, reading in again.readings.items():
        assert reading.value == pytest.approx(side.readings[key].value), label(key)
        assert reading.interval == side.readings[key].interval
        assert reading.version == side.readings[key].version


@given(st.recursive(st.none() | st.text() | st.floats(), lambda s: st.lists(s, max_size=3)))
def test_a_damaged_baseline_is_an_error_with_a_way_out(value):
    document = {"schema": 2, "machine": value, "daily_backtest": value, "commit": "a"}
    with pytest.raises(HoldfastError, match="take it from git"):
        baseline.read(json.dumps(document), "x.json")


def test_the_errors_have_their_exit_codes():
    assert (TargetMissed.exit_code, NothingMeasured.exit_code, UsageError.exit_code) == (1, 3, 2)


@pytest.fixture
def regression(project):
    """Run tests/regression in a project, as somebody who lives in pytest does."""
    tests = Path(__file__).parents[1]

    def run():
        command = [
            sys.executable, "-m", "pytest", tests / "regression", "-m", "regression", "-rs", "-q",
            "-c", tests.parent / "pyproject.toml", "-p", "no:cacheprovider",
        ]  # fmt: skip
        environment = {**os.environ, "HOME": str(project.folder)}
        return subprocess.run(
            command, cwd=project.folder, env=environment, capture_output=True, text=True
        )

    return run


def test_the_regression_tests_name_the_scenario_or_the_layer(saved, regression):
    saved.measured(on=0.13)
    ran = regression()
    assert "1 failed, 3 passed" in ran.stdout, ran.stdout
    assert "time_list('quick', 'on'): 0.1 -> 0.13" in ran.stdout


def test_the_regression_tests_are_skipped_where_there_is_no_baseline(project, regression):
    project.measured()
    ran = regression()
    assert "4 skipped" in ran.stdout and "'holdfast baseline save' writes one" in ran.stdout
