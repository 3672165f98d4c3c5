"""The repositories in which bisect and blame are proved."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.prove_bisect import COMMITS, git, make_repository


class Passes(list):
    """Values that count how often they are gone through."""

    count = 0

    def __iter__(self):
        self.count += 1
        return super().__iter__()


@pytest.mark.parametrize("culprit", [0, 7, 32])
def test_one_function_does_a_fifth_more_since_one_commit(tmp_path, culprit):
    commits = make_repository(tmp_path / "repository", culprit)
    assert len(commits) == COMMITS == 33
    work, rest = [], set()
    for commit in commits:
        text = git(tmp_path / "repository", "show", f"{commit}:tiny.py")
        names, passes = {}, {}
        exec(text, names)
        for name in ("parse", "index", "lines"):
            values = Passes([1, 2, 3])
            names[name](values)
            passes[name] = values.count
        work.append(passes["parse"])
        rest.add((passes["index"], passes["lines"], tuple(names["load"](9))))
    slower = culprit or COMMITS
    assert work == [10] * slower + [12] * (COMMITS - slower)
    assert len(rest) == 1


@pytest.mark.slow
def test_a_planted_commit_is_found_and_none_where_there_is_none():
    done = subprocess.run(
        [sys.executable, "-m", "tools.prove_bisect", "--runs", "1"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("2 of 2 right\n")
