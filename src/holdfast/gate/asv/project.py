"""One asv project: its folders, as asv.conf.json says, and what git knows of its commits."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from holdfast.atomic import write_text
from holdfast.errors import UsageError
from holdfast.gate.asv.config import FOLDERS, STATE, check_settings, read_settings

_CONFIG_NAMES = ("asv.conf.json", "asv.conf.jsonc")


@dataclass(frozen=True, slots=True)
class Project:
    """An asv.conf.json, and the repository that it measures."""

    config: Path
    """The asv.conf.json itself; asv resolves every other path from its folder."""
    settings: Mapping[str, Any]
    """What it says, with the overrides of this run."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Keys that --set, --python or the policy's [measure] set replace for this run."""

    def folder(self, key: str) -> Path:
        """Return the folder of a setting such as ``results_dir``, or asv's default for it."""
        name = self.settings.get(key) or FOLDERS[key]
        return (self.config.parent / str(name)).resolve()

    @property
    def state(self) -> Path:
        """The folder in which the gate keeps what is its own; see ``make_state``."""
        return self.config.parent / STATE

    def make_state(self) -> Path:
        """Return the gate's own folder, made if necessary, with a .gitignore of its own."""
        self.state.mkdir(exist_ok=True)
        ignore = self.state / ".gitignore"
        if not ignore.exists():
            write_text(ignore, "*\n")
        return self.state

    def override(self, overrides: Mapping[str, Any]) -> Project:
        """Return the project with some keys of its configuration replaced for this run."""
        if not overrides:
            return self
        together = {**self.overrides, **overrides}
        return replace(self, settings={**self.settings, **overrides}, overrides=together)

    @property
    def is_remote(self) -> bool:
        """Whether 'repo' is an address, of which asv keeps a mirror."""
        return not (self.config.parent / str(self.settings.get("repo") or ".")).is_dir()

    @property
    def repository(self) -> Path:
        """The git repository whose commits are measured, or asv's mirror of a remote one."""
        # asv puts the mirror beside the configuration, whatever env_dir is.
        mirror = str(self.settings.get("project") or "project")
        local = str(self.settings.get("repo") or ".")
        return (self.config.parent / (mirror if self.is_remote else local)).resolve()

    def git(self, *arguments: str) -> str | None:
        """Return git's output, or None when git refuses (no such commit, no repository)."""
        return run_git(self.repository, *arguments)

    def find_commit(self, name: str) -> str | None:
        """Return the full hash that ``name`` means, or None when git knows no such commit."""
        # Without '--end-of-options' a name such as '--all' would be taken as an option.
        options = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        return self.git(*options, f"{name}^{{commit}}")

    def commit(self, name: str) -> str:
        """Return the full hash of ``name``; an unknown name or a shallow clone is an error."""
        if found := self.find_commit(name):
            return found
        if self.git("rev-parse", "--git-dir") is None:
            raise UsageError(
                f"{self.repository} is not a git repository (or git is not installed); "
                "'repo' in asv.conf.json must name the one to measure"
            )
        if self.is_shallow:
            raise UsageError(
                f"{name!r} is not in this shallow clone; get the history with "
                "'git fetch --unshallow' (in a GitHub workflow: fetch-depth: 0)"
            )
        raise UsageError(f"{name!r} is not a commit of {self.repository}; see 'git log'")

    def read(self, path: Path, revision: str | None = None) -> str | None:
        """Return a file's text, now or as it was in ``revision``; None when it is not there."""
        if revision:
            relative = Path(os.path.relpath(path.resolve(), self.top)).as_posix()
            return self.git("show", "--end-of-options", f"{self.commit(revision)}:{relative}")
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error

    @property
    def is_shallow(self) -> bool:
        """Whether the clone lacks the older part of the history."""
        return self.git("rev-parse", "--is-shallow-repository") == "true"

    @property
    def top(self) -> Path:
        """The root of the measured repository's work tree."""
        return Path(self.git("rev-parse", "--show-toplevel") or "").resolve()


def run_git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints in ``folder``, or None when it refuses or is not installed."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    except (OSError, ValueError):  # no git; or a name with a null byte
        return None
    return done.stdout.removesuffix("\n") if done.returncode == 0 else None


def find_project(
    config: Path | None, *, overrides: Mapping[str, Any] | None = None, required: bool = True
) -> Project:
    """Return the project of ``config``, or of the current folder's asv.conf.json.

    Where it is not ``required``, a folder without one is a project that says nothing.
    """
    candidates = [config] if config else [Path(name) for name in _CONFIG_NAMES]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None and not (required or config):
        return Project(candidates[0].resolve(), {})
    if found is None:
        elsewhere = [path.as_posix() for path in sorted(Path().glob("*/asv*.json*"))[:3]]
        hint = f", such as --config {elsewhere[0]}" if elsewhere else ""
        if config:
            raise UsageError(f"there is no file {config}; --config names an asv.conf.json{hint}")
        raise UsageError(
            f"no {candidates[0]} here; name your project's file with --config PATH{hint} "
            "(or stored results with --results DIR)"
        )
    project = Project(found.resolve(), read_settings(found)).override(overrides or {})
    check_settings(found, project.settings)
    return project
