import json

import pytest

from holdfast.cli import main
from holdfast.errors import UsageError
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.trust.calibrate import Laboratory, Trial, detections, false_alarms, run_trials

from .repositories import Repository
from .tiny import CONFIG, FILES
from .trees import BASE, HEAD


def row(name, verdict, ratio=1.0):
    return (name, verdict.value, ratio)


def trial(planted, *rows):
    return Trial(planted, "code", 1.0, rows)


def test_false_alarms_are_counted_per_threshold():
    quiet = [row("b.time_x", Verdict.PASS, 1.01), row("b.time_y", Verdict.PASS)]
    loud = [row("b.time_x", Verdict.WARN, 1.06), row("b.time_y", Verdict.FAIL, 1.3)]
    text = false_alarms([trial(0, *quiet), trial(0, *loud)])
    assert "2 checks of 2 benchmarks" in text
    assert "> 5 %   2 of 4 (50.00%)" in text
    assert "> 20 %  1 of 4 (25.00%)" in text
    assert text.index("b.time_y") < text.index("b.time_x")


def test_detections_tell_the_planted_one_from_others():
    target, other = "b.time_target", "b.time_work"
    trials = [
        trial(30, row(target, Verdict.FAIL), row(other, Verdict.PASS)),
        trial(30, row(target, Verdict.WARN), row(other, Verdict.WARN)),
        trial(10, row(target, Verdict.NOT_SURE), row(other, Verdict.PASS)),
    ]
    lines = detections(trials).splitlines()
    assert lines[1].split() == ["+10", "%", "1", "0", "0", "1", "0"]
    assert lines[2].split() == ["+30", "%", "2", "2", "1", "0", "1"]


X, TARGET = "b.time_x", "b.time_target"
SPEEDS = {BASE: {X: 1.0, TARGET: 1.0}, HEAD: {X: 1.0, TARGET: 1.3}}


def test_each_check_is_kept_and_not_measured_again(fake_bench, tmp_path):
    fake, plan = fake_bench(SPEEDS)
    place = Laboratory(plan.project, "code", BASE, {30: HEAD})
    log, said = tmp_path / "log.json", []
    (first,) = run_trials(place, plan, 1, log, said.append)
    assert said[0].startswith("check 1 of 1, 30 % planted: round 1")
    assert said[-1].endswith(" s; 1 fail, 1 pass; in all: 1 fail, 1 pass")
    assert [verdict for _, verdict, _ in first.rows] == ["fail", "pass"]
    # Another code's checks stay in the file, but are not counted.
    run_trials(place._replace(code="other"), plan, 1, log, said.append)
    calls = len(fake.calls)
    trials = run_trials(place, plan, 3, log, said.append)
    assert len(trials) == 3
    assert len(fake.calls) == calls + 2 * 2 * (2 + 4)
    assert said[-1].startswith("check 2 of 2")
    kept = json.loads(log.read_text())
    assert (kept["schema"], len(kept["checks"])) == (1, 4)
    assert "+30 %        3        3        3" in detections(trials)


@pytest.mark.parametrize("text", ["{", "[]", '{"checks": [{"planted": 1}]}', '{"checks": 1}'])
def test_a_file_of_something_else_is_not_overwritten(fake_bench, tmp_path, text):
    _, plan = fake_bench(SPEEDS)
    log = tmp_path / "other.json"
    log.write_text(text)
    with pytest.raises(UsageError, match="holds no checks of 'holdfast calibrate'"):
        run_trials(Laboratory(plan.project, "code", BASE, {30: HEAD}), plan, 1, log, str)
    assert log.read_text() == text


@pytest.mark.parametrize(
    "wrong", [["--runs", "0"], ["--runs", "x"], ["--plant", "ten"], ["--plant", "10,"]]
)
def test_wrong_numbers_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        main(["calibrate", *wrong])
    assert "is not a " in capsys.readouterr().err


@pytest.mark.slow
def test_planted_work_is_found(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["calibrate", "--runs", "1", "--plant", "30"]) == 0
    assert capfd.readouterr().out.splitlines()[-1].split() == ["+30", "%", "1", "1", "1", "0", "0"]


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
