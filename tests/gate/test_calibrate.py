import json
import subprocess
import sys
from functools import partial
from itertools import islice

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.cli import main
from holdfast.errors import UsageError
from holdfast.gate.cli.check import measure_and_hear
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.trust.calibrate import Trial, list_earlier
from holdfast.gate.trust.calibrate import run_trials as run_any_trials
from holdfast.gate.trust.laboratory import Laboratory, Repository, planted_work, write_package
from holdfast.gate.trust.neighbour import LONGEST, SHORTEST, keep_busy, plan_bursts
from holdfast.gate.trust.rates import format_rate, upper_bound
from holdfast.gate.trust.summary import summarise_equal, summarise_planted
from support.command_line import unwrap

from .tiny import CONFIG, FILES
from .trees import BASE, HEAD

run_trials = partial(run_any_trials, check=measure_and_hear)
X, TARGET = "b.time_x", "b.time_target"


def row(name, verdict, ratio=1.0):
    return (name, verdict.value, ratio)


def trial(planted, *rows, seconds=1.0, **kind):
    return Trial(planted, "code", seconds, rows, **kind)


def test_false_alarms_are_counted_per_check_and_per_row():
    quiet = [row(X, Verdict.PASS, 1.01), row("b.time_y", Verdict.NOT_SURE)]
    loud = [row(X, Verdict.WARN, 1.06), row("b.time_y", Verdict.FAIL, 1.3)]
    trials = [trial(0, *quiet), trial(0, *quiet), trial(0, *loud, seconds=9.0, measuring=7.0)]
    text = summarise_equal(trials)
    assert (
        "equal code, no neighbours (others took 0% of the machine): 3 checks of 2 benchmarks"
        in text
    )
    assert "checks with a fail          1 of 3 (33.3 %, under 86 %)" in text
    assert "checks with a warn or fail  1 of 3" in text
    assert "checks with a not sure      2 of 3" in text
    assert "rows           warn or fail 2 of 6" in text
    assert "rows           not sure     2 of 6" in text
    assert "seconds a check: 1 (1 to 9); without environments 0 (0 to 7)" in text
    assert text.index("b.time_y ") < text.index("b.time_x ")


def test_what_earlier_versions_found_is_counted_as_well():
    now, earlier = trial(0, row(X, Verdict.PASS)), trial(0, row(X, Verdict.FAIL))
    text = summarise_equal([now], [earlier] * 3)
    assert "checks with a fail          0 of 1 (0.0 %, under 95 %)" in text
    assert "with 3 checks of earlier versions:" in text
    assert "checks with a fail          3 of 4" in text


def test_detections_tell_the_planted_one_from_others():
    trials = [
        trial(30, row(TARGET, Verdict.FAIL), row(X, Verdict.PASS), busy=1),
        trial(30, row(TARGET, Verdict.WARN), row(X, Verdict.WARN), busy=1),
        trial(10, row(TARGET, Verdict.NOT_SURE), row(X, Verdict.PASS), busy=1),
    ]
    head, ten, thirty = summarise_planted(trials).split("%: ")
    assert "beside 1 busy neighbour" in head
    assert ten.startswith("1 checks")
    assert "missed        1 of 1" in ten
    assert "not sure      1 of 1" in ten
    assert "others named  0 of 1" in ten
    assert "failed        1 of 2" in thirty
    assert "warned        2 of 2 (100.0 %, under 100 %)" in thirty
    assert "others named  1 of 2" in thirty


def test_no_hit_in_ten_leaves_a_quarter_possible():
    assert format_rate(0, 10) == "0 of 10 (0.0 %, under 26 %)"
    assert format_rate(0, 550) == "0 of 550 (0.00 %, under 0.54 %)"
    assert format_rate(1, 30) == "1 of 30 (3.3 %, under 15 %)"
    # As published: Clopper and Pearson's one-sided 95 % limits.
    assert upper_bound(0, 10) == pytest.approx(1 - 0.05**0.1)
    assert upper_bound(1, 20) == pytest.approx(0.2161, abs=1e-4)
    assert upper_bound(3, 3) == 1.0


@settings(max_examples=30)
@given(st.integers(1, 400), st.data())
def test_a_bound_lies_above_the_share_and_falls_with_more_trials(trials, data):
    count = data.draw(st.integers(0, trials))
    bound = upper_bound(count, trials)
    assert count / trials < bound <= 1 or count == trials
    assert upper_bound(count, trials + 1) < bound or bound == 1.0
    assert bound <= upper_bound(min(count + 1, trials), trials)


SPEEDS = {BASE: {X: 1.0, TARGET: 1.0}, HEAD: {X: 1.0, TARGET: 1.3}}


def test_each_check_is_kept_and_not_measured_again(fake_bench, tmp_path):
    fake, plan = fake_bench(SPEEDS)
    place = Laboratory(plan.project, "code", BASE, {30: HEAD})
    log, said = tmp_path / "calibration" / "m1.json", []
    (first,) = run_trials(place, plan, 1, log, said.append)
    assert said[0].startswith("check 1 of 1, 30 % planted: round 1")
    assert said[-1].endswith(" s; 1 fail, 1 pass; in all: 1 fail, 1 pass")
    assert [verdict for _, verdict, _ in first.rows] == ["fail", "pass"]
    # A fake process takes a second: two pairs of both, and two more of what is much slower.
    assert (first.verdict, first.measuring) == ("fail", 12.0)
    # Another code's checks stay in the file, but are not counted; nor are an older gate's.
    run_trials(place._replace(code="other"), plan, 1, log, said.append)
    kept = json.loads(log.read_text())
    kept["checks"].append({**kept["checks"][0], "gate": "older"})
    log.write_text(json.dumps(kept))
    calls = len(fake.calls)
    trials = run_trials(place, plan, 3, log, said.append)
    assert len(trials) == 3
    assert trials[0] == first
    assert len(fake.calls) == calls + 2 * 12
    assert said[-1].startswith("check 2 of 2")
    kept = json.loads(log.read_text())
    assert (kept["schema"], len(kept["checks"])) == (1, 5)
    earlier = list_earlier(log, trials)
    assert [(one.code, one.gate == first.gate) for one in earlier] == [
        ("other", True), ("code", False),
    ]  # fmt: skip
    assert "failed        3 of 3" in summarise_planted(trials)


@pytest.mark.parametrize("text", ["{", "[]", '{"checks": [{"planted": 1}]}', '{"checks": 1}'])
def test_a_file_of_something_else_is_not_overwritten(fake_bench, tmp_path, text):
    _, plan = fake_bench(SPEEDS)
    log = tmp_path / "other.json"
    log.write_text(text)
    with pytest.raises(UsageError, match="holds no checks of 'holdfast calibrate'"):
        run_trials(Laboratory(plan.project, "code", BASE, {30: HEAD}), plan, 1, log, str)
    assert log.read_text() == text


def test_what_a_file_of_the_first_version_holds_is_read(fake_bench, tmp_path):
    _, plan = fake_bench(SPEEDS)
    log = tmp_path / "log.json"
    old = {"planted": 30, "code": "code", "seconds": 1.5, "rows": [["b.time_x", "pass", 1.0]]}
    log.write_text(json.dumps({"schema": 1, "checks": [old]}))
    trials = run_trials(Laboratory(plan.project, "code", BASE, {30: HEAD}), plan, 1, log, str)
    assert [one.seconds for one in list_earlier(log, trials)] == [1.5]


def test_a_neighbour_works_in_bursts_that_a_seed_repeats():
    bursts = list(islice(plan_bursts(7, 0), 20))
    assert bursts == list(islice(plan_bursts(7, 0), 20))
    assert bursts != list(islice(plan_bursts(7, 1), 20))
    assert [working for working, _ in bursts[:2]] in ([True, False], [False, True])
    assert all(SHORTEST <= seconds <= LONGEST for _, seconds in bursts)


def test_neighbours_end_with_the_block_and_with_who_started_them():
    with keep_busy(2, 0) as neighbours:
        assert all(psutil.pid_exists(pid) for pid in neighbours)
    assert not any(psutil.pid_exists(pid) for pid in neighbours)
    code = (
        "import os, sys; from holdfast.gate.trust.neighbour import keep_busy\n"
        "with keep_busy(1, 0) as pids: print(*pids, flush=True); os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    (pid,) = map(int, done.stdout.split())
    try:
        _, alive = psutil.wait_procs([psutil.Process(pid)], timeout=20)
    except psutil.NoSuchProcess:
        alive = []
    assert alive == [] or alive[0].status() == psutil.STATUS_ZOMBIE


def test_the_laboratorys_commits_differ_by_what_was_planted(tmp_path):
    place = planted_work([10, 30], tmp_path)
    amounts = {}
    for per_cent, commit in {0: place.base, **place.heads}.items():
        rounds = []
        names = {"range": lambda n, rounds=rounds: rounds.append(n) or range(n)}
        exec(place.project.git("show", f"{commit}:planted.py"), names)
        names["target"](1000)
        names["work"](1000)
        amounts[per_cent] = rounds
    assert amounts == {0: [1000, 1000], 10: [1100, 1000], 30: [1300, 1000]}


def test_a_repository_of_the_laboratory_takes_other_files(tmp_path):
    repository = Repository(tmp_path)
    write_package(repository, 5, **{"benchmarks/b.py": "pass\n", "more/text": "x"})
    first, second = repository.commit("one"), repository.commit("nothing changed")
    assert first != second
    assert repository.git("show", "HEAD:benchmarks/b.py") == "pass"
    with pytest.raises(UsageError, match=f"failed in {tmp_path}"):
        repository.git("show", "HEAD:missing")


@pytest.mark.parametrize(
    "wrong",
    [["--runs", "0"], ["--runs", "x"], ["--busy", "0"], ["--plant", "ten"], ["--plant", "10,"]],
)
def test_wrong_numbers_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        main(["calibrate", *wrong])
    assert "is not a " in unwrap(capsys.readouterr().err)


@pytest.mark.slow
def test_planted_work_is_found(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("HOME", str(tmp_path))
    log = tmp_path / "calibration.json"
    command = ["calibrate", "--runs", "1", "--plant", "30", "--busy", "1", "--json", str(log)]
    assert main(command) == 0
    assert "failed        1 of 1" in capfd.readouterr().out
    (check,) = json.loads(log.read_text())["checks"]
    assert check["busy"] == 1
    assert 0 < check["measuring"] < check["seconds"]


@pytest.mark.slow
def test_equal_code_is_checked_in_a_clone(tmp_path, monkeypatch, capfd):
    repository = Repository(tmp_path / "tiny")
    repository.write(**FILES)
    repository.write(
        **{
            "suite/asv.conf.json": json.dumps(
                {**CONFIG, "repo": "..", "benchmark_dir": "../benchmarks"}
            )
        }
    )
    repository.commit()
    monkeypatch.setenv("HOME", str(tmp_path))
    config = repository.folder / "suite" / "asv.conf.json"
    assert main(["calibrate", "--runs", "1", "--bench", "time_add", "--config", str(config)]) == 0
    assert "1 checks of 1 benchmarks" in capfd.readouterr().out
    assert repository.git("status", "--porcelain") == ""
