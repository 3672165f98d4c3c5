"""The committed results: each loads, and belongs to a commit of this repository."""

import json
import subprocess
from pathlib import Path

import pytest

from holdfast.gate.asv.results import read_side

ROOT = Path(__file__).parents[1]


def git(*arguments):
    command = ["git", "-C", ROOT, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


RESULTS = [ROOT / name for name in git("ls-files", "results/*-*/????????-*.json")]


def test_there_is_a_history():
    assert RESULTS


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.name[:8])
def test_a_stored_result_loads_and_is_of_its_machine(path):
    side = read_side(path)
    assert side.readings and path.name.startswith(side.commit[:8])
    machine = json.loads((path.parent / "machine.json").read_text())
    assert machine["machine"] == path.parent.name == side.hardware["machine"]
    assert machine["cpu"] == side.hardware["cpu"]


def test_every_stored_result_is_of_a_commit_of_this_repository():
    if git("rev-parse", "--is-shallow-repository") == ["true"]:
        pytest.skip("this clone has no history; 'git fetch --unshallow' gets it")
    assert {read_side(path).commit for path in RESULTS} <= set(git("rev-list", "HEAD"))
