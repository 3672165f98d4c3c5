"""What the gate asks git: which commit a name means, and what a measurement would miss."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate.project import Project
from holdfast.gate.report import plain

_OUTPUTS = ("results_dir", "env_dir", "html_dir")


def run_git(repository: Path, *arguments: str) -> str | None:
    """Return git's output, or None when git refuses (no such commit, no repository, no git)."""
    command = ["git", "-C", str(repository), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    except OSError:
        return None
    return done.stdout.removesuffix("\n") if done.returncode == 0 else None


def full_hash(repository: Path, name: str) -> str | None:
    """Return the commit that ``name`` means, or None when git knows no such commit."""
    # Without '--end-of-options' a name such as '--all' would be taken as an option.
    command = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return run_git(repository, *command)


def commit(project: Project, name: str) -> str:
    """Return the full hash of ``name``; an unknown name or a shallow clone is an error."""
    repository = project.repository
    found = full_hash(repository, name)
    if found:
        return found
    if run_git(repository, "rev-parse", "--git-dir") is None:
        raise UsageError(
            f"{repository} is no git repository (or git is not installed); "
            "'repo' in asv.conf.json must name the one to measure"
        )
    if _shallow(project):
        raise UsageError(
            f"{name!r} is not in this shallow clone; get the history with "
            "'git fetch --unshallow' (in a GitHub workflow: fetch-depth: 0)"
        )
    raise UsageError(f"{name!r} is no commit of {repository}; see 'git log'")


def default_base(project: Project, head: str) -> str:
    """Return what ``head`` is measured against: where it left the main branch, or its parent."""
    listed = project.settings.get("branches")
    names = [listed[0]] if isinstance(listed, list) and any(listed[:1]) else ["main", "master"]
    # A pull request's clone often has the main branch only as a remote one.
    for name in [f"{where}{name}" for name in names for where in ("origin/", "")]:
        tip = full_hash(project.repository, name)
        base = run_git(project.repository, "merge-base", tip, head) if tip else None
        if base and base != head:
            return base
    if run_git(project.repository, "rev-list", "--count", head) == "1" and not _shallow(project):
        raise UsageError(
            f"{head[:8]} is the only commit, there is nothing to compare it with; "
            "commit a change first"
        )
    return commit(project, f"{head}~1")


def uncommitted(project: Project) -> list[str]:
    """Return the changed and untracked files that a measurement of commits would miss."""
    command = ("status", "--porcelain", "-z", "--no-renames", "-uall")
    listing = run_git(project.repository, *command) or ""
    outputs = [project.folder(key) for key in _OUTPUTS]
    top = _top(project.repository)
    names = [entry[3:] for entry in listing.split("\0") if entry]
    return [
        name for name in names
        if not any((top / name).resolve().is_relative_to(output) for output in outputs)
    ]  # fmt: skip


def refuse_uncommitted(project: Project) -> None:
    """Raise ``UsageError`` when edits would not be measured."""
    if names := uncommitted(project):
        listed = ", ".join(map(plain, names[:3])) + (", ..." if names[3:] else "")
        raise UsageError(
            f"uncommitted changes would not be measured ({listed}); "
            "commit or stash them, or go on with --allow-dirty"
        )


def file_at(repository: Path, commit: str, path: Path) -> str | None:
    """Return a file's text as it was in ``commit``, None when it was not there."""
    relative = os.path.relpath(path.resolve(), _top(repository))
    return run_git(repository, "show", f"{commit}:{Path(relative).as_posix()}")


def _shallow(project: Project) -> bool:
    return run_git(project.repository, "rev-parse", "--is-shallow-repository") == "true"


def _top(repository: Path) -> Path:
    return Path(run_git(repository, "rev-parse", "--show-toplevel") or "").resolve()
