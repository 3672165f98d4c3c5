"""The gate with real asv on a real repository: a planted regression is named, and explained."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.gate.trust.laboratory import Repository, make_config
from needs import needs_asv

from .tiny import CONFIG, FILES, WORK

pytestmark = needs_asv

MAIN = "from holdfast.cli import main; raise SystemExit(main())"
# So much that it shows while other tests keep the machine busy; how little the gate still sees on
# a quiet one is what 'holdfast calibrate --plant' measures.
SLOWER = WORK.replace("total += i\n", "total += i\n    for i in range(n * 4):\n        n += 0\n")

# Creating an environment takes most of a check's time here: asv copies the module, and needs no
# package to build it. The slow tests build.
QUICKLY = {**make_config("tiny"), "env_dir": ".asv"}


def make_repository(folder, config):
    repository = Repository(folder)
    repository.write(**FILES)
    repository.write(**{"asv.conf.json": json.dumps(config)})
    if config is QUICKLY:
        (folder / "pyproject.toml").unlink()  # asv would install what it wants to build with
    repository.commit("a package")
    return repository


def run(repository, home, *arguments):
    # asv notes machines in the home folder: keep the developer's own out of it.
    environment = {**os.environ, "HOME": str(home), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=repository.folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert repository.git("status", "--porcelain") == ""
    return done


def check(repository, home, *arguments):
    done = run(repository, home, "check", "--json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    assert "round 1, everything: 3 benchmarks" in done.stderr
    rows = json.loads(done.stdout)["benchmarks"]
    verdicts = {row["name"] + "".join(row["params"]): row["verdict"] for row in rows}
    return done.returncode, verdicts, {row["name"]: row["note"] for row in rows}


@pytest.mark.slow
def test_a_change_of_nothing_passes(tmp_path):
    repository = make_repository(tmp_path / "tiny", CONFIG)
    repository.write(README="changed")
    repository.commit("no difference")
    code, verdicts, _ = check(repository, tmp_path)
    assert code == 0, verdicts
    assert set(verdicts) == {"b.time_add", "b.time_mul", "b.Sizes.track_result'quick'"}
    assert "fail" not in verdicts.values()


def test_much_more_work_fails_and_its_profile_says_why(tmp_path):
    repository = make_repository(tmp_path / "tiny", QUICKLY)
    repository.write(**{"tiny.py": SLOWER})
    repository.commit("slower")
    code, verdicts, notes = check(repository, tmp_path, "--profile")
    assert code == 1, verdicts
    assert set(verdicts) == {"b.time_add", "b.time_mul", "b.Sizes.track_result'quick'"}
    assert verdicts["b.time_add"] == "fail"
    assert "grew: tiny.add +" in notes["b.time_add"]
    assert "every count equal: machine, memory or native code" in notes["b.time_add"]
    # The check was kept with its profiles, and asv's own results were left alone.
    assert not (repository.folder / "results").exists()
    again = run(repository, tmp_path, "gate", "HEAD~1", "--json")
    assert {row["name"]: row["verdict"] for row in json.loads(again.stdout)["benchmarks"]}[
        "b.time_add"
    ] == "fail"
    done = run(repository, tmp_path, "blame", "HEAD~1", "HEAD", "b.time_add", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    functions = {each["function"]: each["calls"] for each in json.loads(done.stdout)["functions"]}
    assert functions == {"tiny.add": [1, 1], "benchmarks.b.time_add": [1, 1]}


@pytest.mark.slow
def test_a_bisect_names_the_commit_and_blame_the_function(tmp_path):
    repository = Repository(tmp_path / "many")
    repository.write(**FILES)
    repository.write(**{"asv.conf.json": json.dumps(QUICKLY)})
    commits = []
    for number in range(12):
        work = SLOWER if number >= 7 else WORK
        # Commit 5, where the search begins, cannot be imported.
        repository.write(**{"tiny.py": f"{work}\nNUMBER = {number if number != 5 else '?'}\n"})
        commits.append(repository.commit(f"change {number}"))
    found = run(repository, tmp_path, "bisect", commits[0], "HEAD", "b.time_add")
    assert found.returncode == 0, found.stderr
    assert f"commit   {commits[7]}" in found.stdout
    assert "subject  change 7\n  files    tiny.py" in found.stdout
    assert f"{commits[5][:8]}: cannot be measured, skipped" in found.stderr
    why = found.stdout.partition("why      holdfast ")[2].split()
    blamed = run(repository, tmp_path, *why, "--json")
    assert json.loads(blamed.stdout)["functions"][0]["function"] == "tiny.add"
    nothing = run(repository, tmp_path, "bisect", commits[7], "HEAD", "b.time_add")
    assert nothing.returncode == 3
    assert f"no regression between {commits[7][:8]} and {commits[11][:8]}" in nothing.stderr
    assert nothing.stdout == ""
