"""The gate with real asv on a real repository: a planted regression is named, nothing else is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .repositories import Repository
from .tiny import FILES, WORK

MAIN = "from holdfast.cli import main; raise SystemExit(main())"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    repository = Repository(tmp_path_factory.mktemp("tiny"))
    repository.write(**FILES)
    repository.commit("a package")
    return repository


def check(repository, home, *arguments):
    # asv notes machines in the home folder: keep the developer's own out of it.
    environment = {**os.environ, "HOME": str(home), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    command = [sys.executable, "-c", MAIN, "check", "--json", *arguments]
    done = subprocess.run(
        command, cwd=repository.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Benchmarking virtualenv" in done.stderr
    assert repository.git("status", "--porcelain") == ""
    rows = json.loads(done.stdout)["benchmarks"]
    return done.returncode, {row["name"] + "".join(row["params"]): row["verdict"] for row in rows}


@pytest.mark.slow
def test_a_change_of_nothing_passes(repository, tmp_path):
    repository.write(README="changed")
    repository.commit("no difference")
    code, verdicts = check(repository, tmp_path)
    assert code == 0, verdicts
    assert set(verdicts) == {"b.time_add", "b.time_mul", "b.Sizes.track_result'quick'"}
    assert "fail" not in verdicts.values()


def test_thirty_per_cent_more_work_fails_and_nothing_else_does(repository, tmp_path):
    slower = WORK.replace(
        "total += i\n", "total += i\n    for i in range(n * 3 // 10):\n        n += 0\n"
    )
    repository.write(**{"tiny.py": slower})
    repository.commit("slower")
    code, verdicts = check(repository, tmp_path)
    assert code == 1, verdicts
    assert set(verdicts) == {"b.time_add", "b.time_mul", "b.Sizes.track_result'quick'"}
    assert [name for name, verdict in verdicts.items() if verdict == "fail"] == ["b.time_add"]
