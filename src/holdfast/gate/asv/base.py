"""Which commit a head is held against, and by which rule it was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from holdfast.errors import UsageError
from holdfast.gate.asv.project import Project

_USUAL = ("main", "master")
_REMOTES = ("upstream/", "origin/", "")


class Base(NamedTuple):
    """A commit to hold the head against, and why this one."""

    commit: str
    why: str


def find_base(project: Project, head: str, target: str = "") -> Base:
    """Return where ``head`` left the main branch, or else its parent.

    ``target`` is the branch that a pull request asks to be merged into, where that is known. Of
    several branches that qualify, the nearest one counts: a fork's own main may be old.
    """
    found = {}
    tried = list(_candidates(project, target))
    for name in tried:
        tip = project.find_commit(name)
        base = project.git("merge-base", "--end-of-options", tip, head) if tip else None
        if base and base != head:
            found[name] = base
    if found:
        name = min(found, key=lambda name: _distance(project, found[name], head))
        return Base(found[name], f"where HEAD left {name} (their merge base)")
    return _parent(project, head, tried)


def _candidates(project: Project, target: str) -> Iterator[str]:
    """Yield the names under which the main branch may be known here."""
    listed = project.settings.get("branches")
    first = listed[0] if isinstance(listed, list) and listed else None
    # "HEAD", or asv's default, says nothing of the main branch.
    main = [first] if isinstance(first, str) and first not in ("", "HEAD") else []
    names = [name for name in (target, *main) if name]
    for name in names or [*_usual(project)]:
        # "upstream/main" may be origin's here.
        short = name.partition("/")[2] if name.startswith(_REMOTES[:2]) else name
        yield from (name, *(remote + short for remote in _REMOTES))


def _usual(project: Project) -> Iterator[str]:
    for remote in _REMOTES[:2]:
        # What a clone took from the server: its default branch, whatever the name.
        if default := project.git("symbolic-ref", "--quiet", f"refs/remotes/{remote}HEAD"):
            yield default.removeprefix("refs/remotes/")
    yield from _USUAL


def _distance(project: Project, base: str, head: str) -> int:
    return int(project.git("rev-list", "--count", "--end-of-options", f"{base}..{head}") or 0)


def _parent(project: Project, head: str, tried: list[str]) -> Base:
    parents = (project.git("rev-list", "--parents", "-1", "--end-of-options", head) or "").split()
    if len(parents) < 2 and not project.is_shallow:
        raise UsageError(
            f"{head[:8]} is the only commit, there is nothing to compare it with; "
            "commit a change first"
        )
    base = project.commit(f"{head}~1")
    if len(parents) > 2:
        return Base(base, "the first parent of HEAD, a merge commit")
    known = [name for name in dict.fromkeys(tried) if project.find_commit(name)]
    reason = f"{known[0]} ends at HEAD" if known else f"there is no {', '.join(_short(tried))} here"
    return Base(base, f"the parent of HEAD, for {reason}")


def _short(tried: list[str]) -> list[str]:
    return list(dict.fromkeys(name.rpartition("/")[2] for name in tried))
