import json
import subprocess
import sys

import pytest

from holdfast.errors import UsageError
from holdfast.gate.core.readings import Reading, Side
from holdfast.gate.core.targets import check_targets, exit_code, to_text

LESS = {"name": "layer", "benchmark": "b.time_x", "off": ["off"], "on": ["on"], "less": 0.5}
BELOW = {"name": "memory", "benchmark": "b.track_y", "below": 100.0}


def reading(value, spread=0.0):
    interval = (value * (1 - spread), value * (1 + spread)) if spread else None
    return Reading(value, interval=interval)


def side(off=2.0, on=1.0, y=50, spread=0.0):
    readings = {
        ("b.time_x", ("'off'",)): reading(off, spread),
        ("b.time_x", ("'on'",)): reading(on, spread),
        ("b.track_y", ()): reading(y),
    }
    return Side("c" * 40, "machine", "env", readings=readings)


@pytest.mark.parametrize(("on", "met"), [(1.0, True), (1.0001, False), (0.1, True), (3.0, False)])
def test_a_ratio_is_met_from_its_edge_on(on, met):
    (outcome,) = check_targets([LESS], side(on=on), {})
    assert outcome.met is met
    assert outcome.value == pytest.approx(1 - on / 2.0)


@pytest.mark.parametrize(("y", "met"), [(99.9, True), (100.0, False), (101, False)])
def test_a_limit_is_strict(y, met):
    (outcome,) = check_targets([BELOW], side(y=y), {"b.track_y": "bytes"})
    assert outcome.met is met
    (outcome,) = check_targets([{**BELOW, "below": -1}], side(y=y), {})
    assert outcome.met is False


def test_an_interval_comes_from_both_sides():
    (outcome,) = check_targets([LESS], side(spread=0.1), {})
    assert outcome.interval == pytest.approx((1 - 1.1 / 1.8, 1 - 0.9 / 2.2))


def test_what_was_not_measured_is_said():
    outcomes = check_targets(
        [LESS, {**BELOW, "benchmark": "b.gone"}], side(), {"b.track_y": "bytes"}
    )
    assert [one.met for one in outcomes] == [True, None]
    assert exit_code(outcomes) == 3
    assert "1 met, 0 missed, 1 not measured" in to_text(outcomes, side())


def test_a_failed_benchmark_counts_as_not_measured():
    broken = side()
    broken.readings["b.time_x", ("'on'",)] = Reading(None)
    assert check_targets([LESS], broken, {})[0].met is None


def test_a_missed_target_outweighs_one_not_measured():
    outcomes = check_targets([{**LESS, "less": 0.9}, {**BELOW, "benchmark": "b.no"}], side(), {})
    assert exit_code(outcomes) == 1
    assert exit_code(check_targets([LESS, BELOW], side(), {})) == 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({**LESS, "lss": 1}, "unknown key lss"),
        ({"name": "x", "benchmark": "b"}, "needs one of less, below, above"),
        ({**LESS, "below": 1}, "needs one of"),
        ({"name": "x", "benchmark": "b", "less": 0.5, "off": []}, "lacks on"),
        ({"below": 1}, "without a name"),
    ],
)
def test_a_wrong_table_is_named(table, message):
    with pytest.raises(UsageError, match=message):
        check_targets([table], side(), {})


def test_from_the_command_line(tmp_path):
    (tmp_path / "asv.conf.json").write_text('{"version": 1, "repo": ".", "benchmark_dir": "b"}')
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "policy.toml").write_text(
        '[[target]]\nname = "layer"\nbenchmark = "b.time_x"\n'
        'off = ["off"]\non = ["on"]\nless = 0.5\n'
    )
    machine = tmp_path / "results" / "m"
    machine.mkdir(parents=True)
    stored = {
        "commit_hash": "a" * 40,
        "env_name": "env",
        "date": 0,
        "params": {},
        "python": "3",
        "requirements": {},
        "env_vars": {},
        "result_columns": ["result", "params"],
        "results": {"b.time_x": [[2.0, 0.5], [["'off'", "'on'"]]]},
        "durations": {},
        "version": 2,
    }
    (machine / "aaaaaaaa-env.json").write_text(json.dumps(stored))
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    command = [sys.executable, "-m", "holdfast", "targets", "aaaaaaaa"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "75.00%" in ran.stdout and "1 met, 0 missed" in ran.stdout
    ran = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True)
    (row,) = json.loads(ran.stdout)["targets"]
    assert (row["met"], row["value"]) == (True, 0.75)
