"""The strangers have the README's commands, and what they bring is what a stranger has."""

import subprocess

import pytest

from tools.five_minutes import STRANGERS, bring_strategy, bring_suite, read_commands


@pytest.mark.parametrize("name", STRANGERS)
def test_a_door_is_a_handful_of_commands(name):
    commands = read_commands(STRANGERS[name].heading)
    assert 3 <= len(commands) <= 4 and not any("#" in command for command in commands)
    assert commands[0].startswith("pip install './holdfast[")
    assert commands[-1].startswith("holdfast ")


def test_the_suite_has_two_commits_of_which_one_is_slower(tmp_path):
    bring_suite(tmp_path)
    project = tmp_path / "your-project"
    log = ["git", "-C", str(project), "log", "--format=%s"]
    told = subprocess.run(log, check=True, capture_output=True, text=True).stdout.splitlines()
    assert told == ["Count words whatever their case", "Count words"]
    assert (project / "asv.conf.json").is_file() and (project / "benchmarks").is_dir()
    assert ".lower()" in (project / "wordy.py").read_text()


def test_the_strategy_is_zipline_s(tmp_path):
    pytest.importorskip("bokeh_sampledata")
    bring_strategy(tmp_path)
    assert "from zipline.api import" in (tmp_path / "strategy.py").read_text()
    assert (tmp_path / "prices.csv").read_text().splitlines()[0].count(",") >= 6
