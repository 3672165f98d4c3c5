"""The gate on suites as projects have them, with real asv, real git and an empty home folder."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from holdfast.gate.trust.laboratory import Repository
from needs import needs_asv
from support.command_line import unwrap

from .tiny import FILES, WORK

pytestmark = needs_asv

MAIN = "from holdfast.cli import main; raise SystemExit(main())"
CODE = {"tiny.py": f"{WORK}\nSTEPS = 100\n"}
MORE = {"tiny.py": f"{WORK}\nSTEPS = 150\n"}
# Two distributions, of which each commit installs another version: a package that it needs, and
# its own, which is not called as asv.conf.json calls the project.
COPY = (
    "import shutil, sysconfig; to = sysconfig.get_path('purelib'); shutil.copy('tiny.py', to); "
    "[shutil.copytree(one, to + '/' + one, dirs_exist_ok=True)"
    " for one in ('dep.dist-info', 'own.dist-info')]"
)
METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"
BUILT_HERE = {"url": "file:///build/own-2.0-py3-none-any.whl", "archive_info": {}}


def describe_packages(version):
    """Return what the installers of the packages left, in files of the repository."""
    return {
        "dep.dist-info/METADATA": METADATA.format("dep", version),
        "own.dist-info/METADATA": METADATA.format("own", version),
        "own.dist-info/direct_url.json": json.dumps(BUILT_HERE),
    }


# What '[measure] before' runs: with the environment's Python, and its variables.
RECORD = """
import os, sys, tiny
with open(".asv/prepared", "a") as file:
    print(sys.prefix, os.environ.get("MODE"), tiny.STEPS, file=file)
"""
UNBUILT = {
    "version": 1, "project": "tiny", "repo": "..", "branches": ["HEAD"],
    "environment_type": "virtualenv", "build_command": [], "uninstall_command": [],
    "install_command": [f'in-dir={{build_dir}} python -c "{COPY}"'],
    "env_dir": ".asv/env", "results_dir": ".asv/results", "html_dir": ".asv/html",
    # Under this very name asv would install it anyway: each call of pip takes seconds.
    "matrix": {"req": {"pip+asv_runner": ["0.3.2"]}},
}  # fmt: skip
# Numbers that are no times need no quiet machine, and few seconds.
SUITE = """
import os
import tiny

def track_steps():
    return tiny.STEPS

def track_mode():
    return int(os.environ.get("MODE", 0))
"""


def make(folder, home_of_config, changes, suite=SUITE):
    """Make a repository with a suite in a folder: a commit, and one that does more."""
    repository = Repository(folder)
    repository.write(**{
        **CODE, "pyproject.toml": FILES["pyproject.toml"],
        **describe_packages("1.0"),
        f"{home_of_config}/record.py": RECORD,
        f"{home_of_config}/asv.conf.json": json.dumps(UNBUILT | changes),
        f"{home_of_config}/benchmarks/__init__.py": "",
        f"{home_of_config}/benchmarks/b.py": suite,
        ".gitignore": ".asv/\n__pycache__/\n",
    })  # fmt: skip
    repository.commit("a package")
    repository.write(**MORE, **describe_packages("2.0"))
    repository.commit("more work")
    return repository


def run(folder, home, *arguments):
    # What is installed beside this Python, such as uv, is on PATH as in an activated environment.
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(home), "PATH": path}
    environment.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    done.stderr = unwrap(done.stderr)
    return done


def read_verdicts(document):
    return {row["name"]: row["verdict"] for row in document["benchmarks"]}


def test_a_suite_in_a_folder_with_two_environments_that_asks_for_conda(tmp_path):
    matrix = {"req": {"pip+asv_runner": ["0.3.2"]}, "env_nobuild": {"MODE": ["1", "2"]}}
    changes = {"environment_type": "conda", "matrix": matrix}
    repository = make(tmp_path / "repo", "asv_bench", changes)
    policy = "[measure]\nbefore = 'python record.py'\n"
    repository.write(**{"asv_bench/benchmarks/policy.toml": policy})
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--amend", "--no-edit")
    (repository.folder / "asv_bench" / ".asv").mkdir()
    given = ["--config", "asv_bench/asv.conf.json", "--set", "environment_type=virtualenv"]
    html = ["--html", "report.html"]
    done = run(repository.folder, tmp_path, "check", *given, *html, "--json")
    assert done.returncode == 1, done.stderr
    (repository.folder / "check.out").write_text(done.stdout)
    base = repository.git("rev-parse", "--short=8", "HEAD~1")
    assert f"holdfast: base: {base}, the parent of HEAD, for main ends at HEAD" in done.stderr
    document = json.loads(done.stdout)  # one report, one verdict
    rows = {(row["environment"][-5:], row["name"]): row for row in document["benchmarks"]}
    for number in (1, 2):
        assert f"environment {number} of 2: virtualenv-py" in done.stderr
        assert rows[f"MODE{number}", "b.track_steps"]["verdict"] == "fail"
        # The suite's variables hold on both sides.
        mode = rows[f"MODE{number}", "b.track_mode"]
        assert (mode["verdict"], mode["before"], mode["after"]) == ("pass", number, number)
    differ = "base and head do not run with the same packages: dep 1.0 -> 2.0; "
    assert [one for one in document["remarks"] if one.startswith(differ)] != []
    prepared = (repository.folder / "asv_bench" / ".asv" / "prepared").read_text().splitlines()
    assert {tuple(line.split()[1:]) for line in prepared} == {
        (mode, steps) for mode in "12" for steps in ("100", "150")
    }
    assert len({line.split()[0] for line in prepared}) == 2  # one environment for each commit
    untracked = repository.git("status", "--porcelain", "-uall").split()
    assert untracked == ["??", "check.out", "??", "report.html"]
    # Reports lie about, and one environment is chosen; options reach asv.
    options = ["--env", "*MODE2", "--bench", "track_mode", "--asv=--launch-method spawn"]
    done = run(repository.folder, tmp_path, "check", *given, *html, *options, "--json")
    assert done.returncode == 0, done.stderr
    assert read_verdicts(json.loads(done.stdout)) == {"b.track_mode": "pass"}
    assert "MODE1" not in done.stderr


@pytest.mark.slow
def test_uv_and_a_remote_repository_whose_mirror_lies_beside_the_configuration(tmp_path):
    origin = make(tmp_path / "origin", "unused", {})
    suite = Repository(tmp_path / "suite")
    changes = {
        "environment_type": "uv", "repo": origin.folder.as_uri(), "dvcs": "git",
        "branches": ["main"], "project": "Tiny",
    }  # fmt: skip
    suite.write(**{
        "asv.conf.json": json.dumps(UNBUILT | changes), "benchmarks/__init__.py": "",
        "benchmarks/b.py": "import tiny\n\ndef track_steps():\n    return tiny.STEPS\n",
    })  # fmt: skip
    suite.commit("a suite of its own")
    done = run(suite.folder, tmp_path, "check", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert read_verdicts(report) == {"b.track_steps": "fail"}
    assert report["head"] == origin.git("rev-parse", "HEAD")
    assert report["environment"].startswith("uv-py")
    assert (suite.folder / "Tiny" / "objects").is_dir()
    # What is new in the remote repository is fetched.
    newer = origin.commit("nothing changed")
    done = run(suite.folder, tmp_path, "check", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["head"] == newer


def test_a_remote_repository_that_cannot_be_had(tmp_path):
    suite = Repository(tmp_path / "suite")
    url = (tmp_path / "nowhere").as_uri()
    config = json.dumps(UNBUILT | {"repo": url, "dvcs": "git"})
    suite.write(**{"asv.conf.json": config, "benchmarks/b.py": ""})
    done = run(suite.folder, tmp_path, "check")
    assert done.returncode == 2
    assert f"holdfast: {url} cannot be fetched: " in done.stderr
    assert "Traceback" not in done.stderr


def test_what_asv_notes_of_machines_must_be_readable(tmp_path):
    repository = make(tmp_path / "repo", "bench", {})
    home = tmp_path / "home"
    home.mkdir()
    (home / ".asv-machine.json").write_text("{nonsense")
    done = run(repository.folder, home, "check", "--config", "bench/asv.conf.json")
    assert done.returncode == 2
    assert f"{home / '.asv-machine.json'}, in which asv notes its machines" in done.stderr
    assert (home / ".asv-machine.json").read_text() == "{nonsense"
