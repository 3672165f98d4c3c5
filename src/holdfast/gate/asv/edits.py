"""Edits that a check would not measure: what is tracked, is changed, and is not committed."""

from __future__ import annotations

import os
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.escapes import escape
from holdfast.gate.asv.config import FOLDERS, STATE
from holdfast.gate.asv.project import Project, run_git

# A submodule with untracked files is unchanged.
_STATUS = ("status", "--porcelain", "-z", "--no-renames", "-uno", "--ignore-submodules=untracked")


def refuse_uncommitted(project: Project) -> None:
    """Raise ``UsageError`` when edits would not be measured.

    What asv and the gate write, the configuration and the policy (both are read as they are now)
    do not count as such edits, nor does anything that git does not track.
    """
    edited = sorted(filter(lambda path: not _is_apart(project, path), _list_edits(project)))
    if edited:
        names = [escape(os.path.relpath(path)) for path in edited[:3]]
        listed = ", ".join(names) + (", ..." if edited[3:] else "")
        raise UsageError(
            f"uncommitted changes would not be measured ({listed}); "
            "commit or stash them, or go on with --allow-dirty"
        )


def _list_edits(project: Project) -> set[Path]:
    """Return what is changed below what asv builds, and in the folder of the benchmarks."""
    subdir = str(project.settings.get("repo_subdir") or "")
    folders = [project.folder("benchmark_dir")]
    folders += [] if project.is_remote else [project.repository / subdir]
    found = set()
    for folder in folders:
        top = run_git(folder, "rev-parse", "--show-toplevel") if folder.is_dir() else None
        listing = run_git(folder, *_STATUS, "--", ".") if top else None
        for entry in filter(None, (listing or "").split("\0")):
            found.add(Path(top or "").resolve() / entry[3:])
    return found


def _is_apart(project: Project, path: Path) -> bool:
    outputs = [project.folder(key) for key in FOLDERS if key != "benchmark_dir"]
    outputs.append(project.config.parent / STATE)
    files = (project.config, project.folder("benchmark_dir") / "policy.toml")
    return path in files or any(map(path.is_relative_to, outputs))
