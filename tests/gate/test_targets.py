import datetime
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from holdfast.errors import UsageError
from holdfast.gate.core.policy import Target
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.readings import Benchmark, Reading, Side, Suite
from holdfast.gate.core.targets import check_targets, exit_code
from holdfast.gate.show.targets import to_text

LESS = Target("layer", "b.time_x", "less", 0.5, off=("off",), on=("on",))
BELOW = Target("memory", "b.track_y", "below", 100.0)
UNITS = Suite({"b.track_y": Benchmark("bytes")})


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
    (outcome,) = check_targets([LESS], side(on=on), Suite())
    assert outcome.met is met
    assert outcome.value == pytest.approx(1 - on / 2.0)


@pytest.mark.parametrize(("y", "met"), [(99.9, True), (100.0, False), (101, False)])
def test_a_limit_is_strict(y, met):
    (outcome,) = check_targets([BELOW], side(y=y), UNITS)
    assert outcome.met is met
    (outcome,) = check_targets([replace(BELOW, limit=-1)], side(y=y), Suite())
    assert outcome.met is False


def test_an_interval_comes_from_both_sides():
    (outcome,) = check_targets([LESS], side(spread=0.1), Suite())
    assert outcome.interval == pytest.approx((1 - 1.1 / 1.8, 1 - 0.9 / 2.2))


def test_what_was_not_measured_is_said():
    outcomes = check_targets([LESS, replace(BELOW, benchmark="b.gone")], side(), UNITS)
    assert [one.met for one in outcomes] == [True, None]
    assert exit_code(outcomes) == 3
    assert "1 met, 0 missed, 1 not measured" in to_text(outcomes, side())


def test_a_failed_benchmark_counts_as_not_measured():
    broken = side()
    broken.readings["b.time_x", ("'on'",)] = Reading(None)
    assert check_targets([LESS], broken, Suite())[0].met is None


def test_a_missed_target_outweighs_one_not_measured():
    outcomes = check_targets(
        [replace(LESS, limit=0.9), replace(BELOW, benchmark="b.no")], side(), Suite()
    )
    assert exit_code(outcomes) == 1
    assert exit_code(check_targets([LESS, BELOW], side(), Suite())) == 0


def test_above_and_below_look_at_one_set_of_parameters():
    tables = """
[[target]]
name = "hits"
benchmark = "b.time_x"
params = ["on"]
above = 0.5
"""
    (target,) = parse_policy(tables, "policy.toml", datetime.date(2030, 1, 1)).targets
    assert check_targets([target], side(on=0.6), Suite())[0].met is True
    assert check_targets([target], side(on=0.5), Suite())[0].met is False


GOOD = 'name = "x"\nbenchmark = "b"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "lss = 1", r"policy\.toml:4: lss: unknown key; did you mean less"),
        (GOOD, r"policy\.toml:2: name: needs one of less, below, above"),
        (GOOD + "less = 1\nbelow = 1", "needs one of"),
        (GOOD + "less = 0.5\noff = []", r"policy\.toml:1: on: is missing"),
        ("below = 1", r"policy\.toml:1: name: is missing"),
        (GOOD + 'below = "5"', r"policy\.toml:4: below: '5' is not a number"),
        (GOOD + "below = 1\nparams = 3", r"policy\.toml:5: params: 3 is not a list"),
        ("name = 3\nbelow = 1", r"policy\.toml:2: name: 3 is not text"),
        ('name = "x"\nbenchmark = []\nbelow = 1', r"policy\.toml:3: benchmark: \[\] is not text"),
    ],
)
def test_a_wrong_target_names_its_line(text, message):
    with pytest.raises(UsageError, match=message):
        parse_policy(f"[[target]]\n{text}", "policy.toml", datetime.date(2030, 1, 1))


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


@pytest.mark.parametrize(
    ("unit", "name", "machine"),
    [("\x1b[2J\u202e", "n", "m"), ("s", "\u202e", "m"), ("s", "n", "\x1b[2J")],
)
def test_nothing_of_the_results_or_the_policy_moves_the_cursor(unit, name, machine):
    target = Target(name, "b.track_y", "below", 100.0)
    found = check_targets([target], side(), Suite({"b.track_y": Benchmark(unit)}))
    text = to_text(found, replace(side(), machine=machine))
    assert text.replace("\n", "").isprintable()
