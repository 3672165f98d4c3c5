import json

import pytest

from holdfast.cli import main
from holdfast.gate.calibrate import Trial, detections, false_alarms
from holdfast.gate.verdict import Verdict

from .repositories import Repository
from .tiny import CONFIG, FILES


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


@pytest.mark.parametrize(
    "wrong", [["--runs", "0"], ["--runs", "x"], ["--plant", "ten"], ["--plant", "10,"]]
)
def test_wrong_numbers_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        main(["calibrate", *wrong])
    assert "is no " in capsys.readouterr().err


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
