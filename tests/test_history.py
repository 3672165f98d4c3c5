"""The committed results: each loads, and belongs to a commit of this repository."""

import json
import subprocess
from pathlib import Path

import pytest

from holdfast.gate.results import read_side

ROOT = Path(__file__).parents[1]


def git(*arguments):
    command = ["git", "-C", ROOT, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


RESULTS = [ROOT / name for name in git("ls-files", "results/*/*-*.json")]


@pytest.fixture(scope="module")
def commits():
    if git("rev-parse", "--is-shallow-repository") == ["true"]:
        pytest.skip("this clone has no history")
    return set(git("rev-list", "HEAD"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.name[:8])
def test_a_stored_result_is_of_a_commit_and_a_machine(path, commits):
    side = read_side(path)
    assert side.commit in commits and path.name.startswith(side.commit[:8])
    assert side.readings
    machine = json.loads((path.parent / "machine.json").read_text())
    assert machine["machine"] == path.parent.name == side.hardware["machine"]
    assert machine["cpu"] == side.hardware["cpu"]
