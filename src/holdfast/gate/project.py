"""Where an asv project keeps its things, as its asv.conf.json says."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError

_CONFIG_NAMES = ("asv.conf.json", "asv.conf.jsonc")
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[\]}])', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Project:
    """One asv project: its configuration and the folders that follow from it."""

    config: Path
    """The asv.conf.json itself; asv resolves every other path from its folder."""
    settings: Mapping[str, Any]

    @property
    def root(self) -> Path:
        """The folder of asv.conf.json."""
        return self.config.parent

    @property
    def results(self) -> Path:
        """The folder in which asv stores results."""
        return self._folder("results_dir", "results")

    @property
    def benchmarks(self) -> Path:
        """The folder of the benchmark suite."""
        return self._folder("benchmark_dir", "benchmarks")

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Every folder that asv writes to; what changes there is no edit of the user's."""
        return (self.results, self._folder("env_dir", "env"), self._folder("html_dir", "html"))

    @property
    def repository(self) -> Path:
        """The git repository whose commits are measured, or asv's mirror of a remote one."""
        repo = str(self.settings.get("repo", "."))
        if (self.root / repo).is_dir():
            return (self.root / repo).resolve()
        mirror = self._folder("env_dir", "env") / str(self.settings.get("project", "project"))
        return mirror if mirror.is_dir() else self.root

    @property
    def main_branch(self) -> str | None:
        """The first branch that asv.conf.json lists."""
        branches = self.settings.get("branches") or [None]
        return str(branches[0]) if isinstance(branches, list) and branches[0] else None

    def _folder(self, key: str, default: str) -> Path:
        return (self.root / str(self.settings.get(key, default))).resolve()


def find_project(config: Path | None) -> Project:
    """Return the project of ``config``, or of the current folder's asv.conf.json."""
    candidates = [config] if config else [Path(name) for name in _CONFIG_NAMES]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise UsageError(
            f"no {candidates[0]} here; name your project's file with --config PATH "
            "(or stored results with --results DIR)"
        )
    return Project(found.resolve(), _read_settings(found))


def this_machine() -> str:
    """Return the name under which asv stores this machine's results by default."""
    return platform.uname().node


def strip_comments(text: str) -> str:
    """Return ``text`` as plain JSON: comments and trailing commas gone, lines kept."""
    text = _STRING_OR_COMMENT.sub(lambda m: m[1] or "\n" * m[0].count("\n"), text)
    return _STRING_OR_TRAILING_COMMA.sub(lambda m: m[1] or "", text)


def _read_settings(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(strip_comments(path.read_text("utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise UsageError(f"{path} holds no JSON object; see 'asv quickstart' for an example")
    return settings
