"""What the gate asks git: which commit a name means, and what a measurement would miss."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate.project import Project


def run_git(repository: Path, *arguments: str) -> str | None:
    """Return git's output, or None when git refuses (no such commit, no repository, no git)."""
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *arguments],
            capture_output=True, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def full_hash(repository: Path, name: str) -> str | None:
    """Return the commit that ``name`` means, or None when git knows no such commit."""
    # Without '--end-of-options' a name such as '--all' would be taken as an option.
    found = run_git(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    return found.strip() if found else None


def commit(project: Project, name: str) -> str:
    """Return the full hash of ``name``; an unknown name or a shallow clone is an error."""
    found = full_hash(project.repository, name)
    if found:
        return found
    if run_git(project.repository, "rev-parse", "--git-dir") is None:
        raise UsageError(
            f"{project.repository} is no git repository (or git is not installed); "
            "'repo' in asv.conf.json must name the one to measure"
        )
    if is_shallow(project.repository):
        raise UsageError(
            f"{name!r} is not in this shallow clone; get the history with "
            "'git fetch --unshallow' (in a GitHub workflow: fetch-depth: 0)"
        )
    raise UsageError(f"{name!r} is no commit of {project.repository}; see 'git log'")


def default_base(project: Project, head: str) -> str:
    """Return what ``head`` is measured against: where it left the main branch, or its parent."""
    repository = project.repository
    for name in _main_branches(project):
        tip = full_hash(repository, name)
        merge_base = run_git(repository, "merge-base", tip, head) if tip else None
        if merge_base and merge_base.strip() != head:
            return merge_base.strip()
    parent = full_hash(repository, f"{head}~1")
    if parent:
        return parent
    if is_shallow(repository):
        return commit(project, f"{head}~1")
    raise UsageError(
        f"{head[:8]} is the only commit, there is nothing to compare it with; commit a change first"
    )


def uncommitted(project: Project) -> list[str]:
    """Return the changed and untracked files that a measurement of commits would miss."""
    listing = (
        run_git(project.repository, "status", "--porcelain", "-z", "--no-renames", "-uall") or ""
    )
    top = (run_git(project.repository, "rev-parse", "--show-toplevel") or "").strip()
    names = [entry[3:] for entry in listing.split("\0") if entry]
    return [name for name in names if not _is_output(Path(top, name), project.outputs)]


def file_at(repository: Path, commit: str, path: Path) -> str | None:
    """Return a file's text as it was in ``commit``, None when it was not there."""
    top = (run_git(repository, "rev-parse", "--show-toplevel") or "").strip()
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(top))
    return run_git(repository, "show", f"{commit}:{Path(relative).as_posix()}")


def is_shallow(repository: Path) -> bool:
    """Say whether the clone's history was cut off."""
    return (run_git(repository, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


def _main_branches(project: Project) -> Sequence[str]:
    # A pull request's clone often has the main branch only as a remote one.
    name = project.main_branch
    names = [name] if name else ["main", "master"]
    return [candidate for name in names for candidate in (f"origin/{name}", name)]


def _is_output(path: Path, outputs: Sequence[Path]) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(output) for output in outputs)
