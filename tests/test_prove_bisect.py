"""The repositories in which bisect and blame are proved."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from holdfast.gate.trust.laboratory import Repository
from tools.prove_bisect import COMMITS, busy_neighbour, make_repository


@pytest.mark.parametrize("culprit", [0, 7, 32])
def test_one_function_does_a_fifth_more_since_one_commit(tmp_path, culprit):
    commits = make_repository(tmp_path / "repository", culprit)
    repository, work = Repository(tmp_path / "repository"), []
    assert len(commits) == COMMITS == 33
    for commit in commits:
        rounds = []
        names = {"range": lambda n, rounds=rounds: rounds.append(n) or range(n)}
        exec(repository.git("show", f"{commit}:planted.py"), names)
        names["run"](1000)
        work.append(rounds)
    slower = culprit or COMMITS
    assert work == [[1000, 250]] * slower + [[1200, 250]] * (COMMITS - slower)
    assert repository.git("log", "--format=%s", "-1") == "Change number 32"


def test_a_history_is_as_long_as_it_is_asked_for(tmp_path):
    assert len(make_repository(tmp_path, culprit=2, commits=4)) == 4


@pytest.mark.parametrize("wanted", [True, False])
def test_a_busy_neighbour_is_gone_afterwards(wanted):
    before = set(psutil.Process().children())
    with busy_neighbour(wanted):
        assert len(set(psutil.Process().children()) - before) == wanted
    assert set(psutil.Process().children()) == before


@pytest.mark.slow
def test_a_planted_commit_is_found_and_none_where_there_is_none():
    done = subprocess.run(
        [sys.executable, "-m", "tools.prove_bisect", "--runs", "1"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("2 of 2 right\n")
