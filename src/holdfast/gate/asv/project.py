"""One asv project: its folders, as asv.conf.json says, and what git knows of its commits."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.core.text import escape

_CONFIG_NAMES = ("asv.conf.json", "asv.conf.jsonc")
_FOLDERS = {"results_dir": "results", "env_dir": "env", "html_dir": "html"}
"""What asv writes, and its default names."""
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[\]}])', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Project:
    """An asv.conf.json, and the repository that it measures."""

    config: Path
    """The asv.conf.json itself; asv resolves every other path from its folder."""
    settings: Mapping[str, Any]

    def folder(self, key: str) -> Path:
        """Return the folder of a setting such as ``results_dir``, or asv's default for it."""
        name = self.settings.get(key, _FOLDERS.get(key, "benchmarks"))
        return (self.config.parent / str(name)).resolve()

    @property
    def repository(self) -> Path:
        """The git repository whose commits are measured, or asv's mirror of a remote one."""
        local = self.config.parent / str(self.settings.get("repo", "."))
        mirror = self.folder("env_dir") / str(self.settings.get("project", "project"))
        if local.is_dir():
            return local.resolve()
        return mirror if mirror.is_dir() else self.config.parent

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
                f"{self.repository} is no git repository (or git is not installed); "
                "'repo' in asv.conf.json must name the one to measure"
            )
        if self._shallow:
            raise UsageError(
                f"{name!r} is not in this shallow clone; get the history with "
                "'git fetch --unshallow' (in a GitHub workflow: fetch-depth: 0)"
            )
        raise UsageError(f"{name!r} is no commit of {self.repository}; see 'git log'")

    def default_base(self, head: str) -> str:
        """Return what to hold ``head`` against: where it left the main branch, or its parent."""
        listed = self.settings.get("branches")
        names = listed[:1] if isinstance(listed, list) and any(listed[:1]) else ["main", "master"]
        # A pull request's clone often has the main branch only as a remote one.
        for name in [f"{where}{name}" for name in names for where in ("origin/", "")]:
            tip = self.find_commit(name)
            base = self.git("merge-base", "--end-of-options", tip, head) if tip else None
            if base and base != head:
                return base
        if self.git("rev-list", "--count", "--end-of-options", head) == "1" and not self._shallow:
            raise UsageError(
                f"{head[:8]} is the only commit, there is nothing to compare it with; "
                "commit a change first"
            )
        return self.commit(f"{head}~1")

    def refuse_uncommitted(self) -> None:
        """Raise ``UsageError`` when edits would not be measured; asv's own files are none."""
        listing = self.git("status", "--porcelain", "-z", "--no-renames", "-uall") or ""
        paths = [self._top / entry[3:] for entry in listing.split("\0") if entry]
        outputs = [self.folder(key) for key in _FOLDERS]
        edited = [path for path in paths if not any(map(path.resolve().is_relative_to, outputs))]
        if edited:
            names = [escape(os.path.relpath(path, self._top)) for path in edited[:3]]
            listed = ", ".join(names) + (", ..." if edited[3:] else "")
            raise UsageError(
                f"uncommitted changes would not be measured ({listed}); "
                "commit or stash them, or go on with --allow-dirty"
            )

    def read(self, path: Path, revision: str | None = None) -> str | None:
        """Return a file's text, now or as it was in ``revision``; None when it is not there."""
        if revision:
            relative = Path(os.path.relpath(path.resolve(), self._top)).as_posix()
            return self.git("show", "--end-of-options", f"{self.commit(revision)}:{relative}")
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error

    @property
    def _shallow(self) -> bool:
        return self.git("rev-parse", "--is-shallow-repository") == "true"

    @property
    def _top(self) -> Path:
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


def find_project(config: Path | None, *, required: bool = True) -> Project:
    """Return the project of ``config``, or of the current folder's asv.conf.json.

    Where it is not ``required``, a folder without one is a project that says nothing.
    """
    candidates = [config] if config else [Path(name) for name in _CONFIG_NAMES]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None and not (required or config):
        return Project(candidates[0].resolve(), {})
    if found is None:
        raise UsageError(
            f"no {candidates[0]} here; name your project's file with --config PATH "
            "(or stored results with --results DIR)"
        )
    try:
        settings = json.loads(strip_comments(found.read_text("utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{found} cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise UsageError(f"{found} holds no JSON object; see 'asv quickstart' for an example")
    return Project(found.resolve(), settings)


def strip_comments(text: str) -> str:
    """Return ``text`` as plain JSON: comments and trailing commas gone, lines kept."""
    text = _STRING_OR_COMMENT.sub(lambda m: m[1] or "\n" * m[0].count("\n"), text)
    return _STRING_OR_TRAILING_COMMA.sub(lambda m: m[1] or "", text)
