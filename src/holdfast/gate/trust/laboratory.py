"""Throw-away git repositories, whose commits are known to be equally fast or slower by so much."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from holdfast.errors import UsageError
from holdfast.gate.asv.project import Project, find_project, run_git

TARGET = "b.time_target"
"""The benchmark of the one function into which work is planted."""
_OPTIONS = (
    "-c", "user.name=holdfast", "-c", "user.email=holdfast@example.invalid",
    "-c", "commit.gpgsign=false",
)  # fmt: skip
_PACKAGE = """
def work(n):
    total = 1
    for i in range(n):
        total = total * 3 % 1000003
    return total


def target(n):
    total = 1
    for i in range(n + n * {per_cent} // 100):
        total = total * 3 % 1000003
    return total


def run(n):
    return target(n), work(n // 4)
"""
_SUITE = """
import planted


def time_work():
    planted.work(10_000)


def time_more():
    planted.work(20_000)


def time_target():
    planted.target(10_000)
"""


class Repository:
    """A git repository in ``folder``, made where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Return what git prints; what it refuses is an error."""
        return _git(self.folder, *_OPTIONS, *arguments)

    def write(self, **texts: str) -> None:
        """Write files by their path in the repository."""
        for name, text in texts.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def commit(self, message: str = "a change") -> str:
        """Commit all that there is, or nothing; return the hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


class Laboratory(NamedTuple):
    """A throw-away repository whose commits are known to differ by so many per cent, or not."""

    project: Project
    code: str
    """What tells its trials from others'."""
    base: str
    heads: Mapping[int, str]
    """By the per cent of extra work."""


def make_config(module: str) -> dict[str, Any]:
    """Return what asv.conf.json says of one module: asv copies it, and need not build anything."""
    copy = f"import shutil, sysconfig; shutil.copy('{module}.py', sysconfig.get_path('purelib'))"
    return {
        "version": 1,
        "project": module,
        "repo": ".",
        "branches": ["main"],
        "environment_type": "virtualenv",
        "build_command": [],
        "install_command": [f'in-dir={{build_dir}} python -c "{copy}"'],
        "uninstall_command": [],
        "matrix": {"req": {"asv_runner": ["0.3.2"]}},
    }


def write_package(repository: Repository, per_cent: int = 0, **texts: str) -> None:
    """Write a small package with a suite, one function of which does so much more of its work.

    Parameters
    ----------
    texts
        Files beside those of the package, or instead of them.
    """
    files = {
        "asv.conf.json": json.dumps(make_config("planted")),
        "benchmarks/__init__.py": "",
        "benchmarks/b.py": _SUITE,
        "planted.py": _PACKAGE.format(per_cent=per_cent),
        ".gitignore": "/results/\n/env/\n/.holdfast/\n__pycache__/\n",
    }
    repository.write(**files | texts)


def planted_work(per_cents: Sequence[int], folder: Path) -> Laboratory:
    """Make the small package in ``folder``, and variants of it with known extra work."""
    repository, commits = Repository(folder), {}
    for per_cent in (0, *per_cents):
        write_package(repository, per_cent)
        commits[per_cent] = repository.commit(f"{per_cent} % more work")
    return Laboratory(find_project(folder / "asv.conf.json"), "planted", commits.pop(0), commits)


def equal_code(project: Project, folder: Path) -> Laboratory:
    """Clone the project into ``folder``, and put an empty commit on top of HEAD."""
    top = Path(_git(project.config.parent, "rev-parse", "--show-toplevel")).resolve()
    _git(folder, "clone", "--quiet", "--shared", str(top), ".")
    repository = Repository(folder)
    base = repository.git("rev-parse", "HEAD")
    config = folder / project.config.relative_to(top)
    clone = find_project(config, overrides=project.overrides)
    return Laboratory(clone, base, base, {0: repository.commit()})


def _git(folder: Path, *arguments: str) -> str:
    done = run_git(folder, *arguments)
    if done is None:
        raise UsageError(f"'git {' '.join(arguments)}' failed in {folder}")
    return done
