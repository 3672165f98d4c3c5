"""Where an asv project keeps its things, as its asv.conf.json says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError

_CONFIG_NAMES = ("asv.conf.json", "asv.conf.jsonc")
_FOLDERS = {
    "results_dir": "results", "benchmark_dir": "benchmarks", "env_dir": "env", "html_dir": "html"
}  # fmt: skip
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[\]}])', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Project:
    """One asv project: its configuration and the folders that follow from it."""

    config: Path
    """The asv.conf.json itself; asv resolves every other path from its folder."""
    settings: Mapping[str, Any]

    def folder(self, key: str) -> Path:
        """Return the folder of a setting such as ``results_dir``, or asv's default for it."""
        return (self.config.parent / str(self.settings.get(key, _FOLDERS[key]))).resolve()

    @property
    def repository(self) -> Path:
        """The git repository whose commits are measured, or asv's mirror of a remote one."""
        local = self.config.parent / str(self.settings.get("repo", "."))
        mirror = self.folder("env_dir") / str(self.settings.get("project", "project"))
        if local.is_dir():
            return local.resolve()
        return mirror if mirror.is_dir() else self.config.parent


def find_project(config: Path | None) -> Project:
    """Return the project of ``config``, or of the current folder's asv.conf.json."""
    candidates = [config] if config else [Path(name) for name in _CONFIG_NAMES]
    found = next((path for path in candidates if path.is_file()), None)
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
