"""Read asv.conf.json, and override some of its keys for one run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import json5

from holdfast.errors import UsageError
from holdfast.escapes import escape
from holdfast.nearest import ask_nearest

STATE = ".holdfast"
"""The folder beside asv.conf.json in which the gate keeps what is its own."""
FOLDERS = {
    "benchmark_dir": "benchmarks",
    "results_dir": "results",
    "env_dir": "env",
    "html_dir": "html",
}
"""asv's folders, and their default names."""
_KEYS = (
    *FOLDERS, "project", "project_url", "repo", "repo_subdir", "branches", "pythons", "matrix",
    "exclude", "include", "show_commit_url", "hash_length", "environment_type", "install_timeout",
    "default_benchmark_timeout", "dvcs", "regressions_first_commits", "regressions_thresholds",
    "plugins", "conda_channels", "conda_environment_file", "build_command", "install_command",
    "uninstall_command", "launch_method", "build_cache_size", "version",
)  # fmt: skip
_TEXTS = {
    *FOLDERS, "project", "repo", "repo_subdir", "environment_type", "dvcs", "launch_method",
    "conda_environment_file",
}  # fmt: skip
_LISTS = {"branches", "pythons", "plugins", "conda_channels"}
_NUMBERS = {"install_timeout", "default_benchmark_timeout", "hash_length"}
_COMMANDS = {"build_command", "install_command", "uninstall_command"}
_MOST_JSON5 = 20_000
"""Characters of a file that is not strict JSON: more would take seconds."""
_BARE_WORD = re.compile(r"[\w./:@~+-]+")
"""A name, a version, a path or an address."""


def read_settings(path: Path) -> dict[str, Any]:
    """Return what an asv.conf.json says; comments and trailing commas are asv's, too."""
    try:
        settings = _parse(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        # The parser quotes the character that it stumbled over, a line break for instance.
        raise UsageError(f"{path} cannot be read: {escape(str(error))}") from error
    if not isinstance(settings, dict):
        raise UsageError(f"{path} holds no JSON object; see 'asv quickstart' for an example")
    return settings


def _parse(text: str) -> Any:
    # Strict JSON first: json5 takes a second for what json reads in a millisecond.
    try:
        return json.loads(text)
    except ValueError as error:
        if len(text) > _MOST_JSON5:
            raise ValueError(
                f"{error}; comments and trailing commas are read in a file of at most "
                f"{_MOST_JSON5:,} characters, and this one has {len(text):,}"
            ) from error
        return json5.loads(text)


def check_settings(path: Path, settings: Mapping[str, Any]) -> None:
    """Refuse a value of another type than asv expects, before asv stumbles over it."""
    for key, value in settings.items():
        if value is None or key not in _KEYS:
            continue
        expected = _find_mismatch(key, value)
        if expected:
            raise UsageError(f"{path}: {key} is {str(value)[:60]!a}, which is not {expected}")


def _find_mismatch(key: str, value: Any) -> str:
    """Return what a setting should have been, or nothing when it is that."""
    if key in _TEXTS and not _is_text(value):
        return "text"
    if key in _LISTS and not _is_list(value, _is_text_or_none):
        return "a list of texts"
    if key in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        return "a number"
    if key in _COMMANDS and not (_is_text(value) or _is_list(value, _is_text)):
        return "text or a list of texts"
    if key == "matrix" and not isinstance(value, dict):
        return "an object"
    if key in ("include", "exclude") and not _is_list(value, lambda one: isinstance(one, dict)):
        return "a list of objects"
    return ""


def _is_list(value: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(test, value))


def _is_text_or_none(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_text(value: Any) -> bool:
    """Whether a value is text that can be part of a path or of a command."""
    return isinstance(value, str) and value.isprintable()


def parse_setting(text: str) -> tuple[str, Any]:
    """Return the key and the value of ``KEY=JSON``; a bare word stands for itself."""
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set {text!r} is not KEY=JSON, such as environment_type=virtualenv")
    check_key(key)
    try:
        return key, json.loads(value)
    except ValueError as error:
        if _BARE_WORD.fullmatch(value):
            return key, value
        raise UsageError(
            f"--set {key}: {value!r} is neither JSON ({error}) nor a single word"
        ) from error


def check_key(key: str) -> None:
    """Refuse what is not a key of asv.conf.json: asv would ignore it."""
    if key not in _KEYS:
        hint = ask_nearest(key, _KEYS) or f"known: {', '.join(sorted(_KEYS))}"
        raise UsageError(f"{key!r} is not a key of asv.conf.json; {hint}")


def select_pythons(settings: Mapping[str, Any], wanted: list[str]) -> dict[str, Any]:
    """Return what to override so that only these versions of Python are measured."""
    include = [one for one in settings.get("include") or () if one.get("python") in wanted]
    covered = {one["python"] for one in include}
    listed = settings.get("pythons") or ()
    pythons = [python for python in wanted if python in listed or python not in covered]
    return {"pythons": pythons, "include": include}
