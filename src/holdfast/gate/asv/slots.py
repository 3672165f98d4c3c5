"""Commits installed side by side, each in an environment of its own that is kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured, UsageError
from holdfast.gate.asv.copies import copy_environment
from holdfast.gate.asv.environments import run_before
from holdfast.gate.asv.page_cache import drop_cached_libraries
from holdfast.gate.asv.plan import Plan, Progress

_SLOTS = ("1", "2", "3")
"""A check needs two environments, a bisect three; more would only cost disk."""


@dataclass(frozen=True, slots=True)
class Installed:
    """One commit in its environment."""

    commit: str
    date: int
    """When it was made, in milliseconds since 1970, as asv stores it."""
    environment: Any
    """asv's own object, which knows how to run Python in it."""


class CannotInstall(NothingMeasured):
    """A commit does not build, or cannot be installed."""


def install(plan: Plan, config: Any, commits: Sequence[str], progress: Progress) -> list[Installed]:
    """Install each commit in an environment of its own; what is there already is kept.

    Raises
    ------
    CannotInstall
        When one of the commits does not build; asv's output says why.
    """
    from asv import util
    from asv.console import log
    from asv.repo import get_repo

    repository = get_repo(config)
    folder = plan.project.make_state() / "env"
    folder.mkdir(exist_ok=True)
    slots = [_environment(config, folder / slot, plan.environment) for slot in _SLOTS]
    held = [slot.installed_commit_hash for slot in slots]
    places = assign(commits, held, _ages(folder))
    before = plan.policy.measure.get("before")
    found = []
    for commit, place in zip(commits, places, strict=True):
        environment = slots[place]
        if environment.installed_commit_hash != commit:
            progress(f"installing {commit[:8]}")
        try:
            _create(environment, slots)
            environment.install_project(config, repository, commit)
        except (util.UserError, util.ProcessError) as error:
            raise CannotInstall(
                f"{commit[:8]} cannot be installed ({_reason(error)}); asv's output above says why"
            ) from error
        log.flush()
        if before:
            run_before(plan.project, environment, before)
        # The time of the folder tells which environment was used last.
        os.utime(folder / _SLOTS[place])
        found.append(Installed(commit, repository.get_date(commit), environment))
    if before or not set(commits) <= set(held):  # else nothing was written
        for each in found:
            drop_cached_libraries(Path(each.environment._path))
    return found


def _create(environment: Any, others: Sequence[Any]) -> None:
    """Create an environment, as a copy of another where there is one."""
    if not environment.check_presence():
        for other in others:
            if other is not environment and other.check_presence():
                copy_environment(other, environment)
                break
    environment.create()


def assign(commits: Sequence[str], held: Sequence[str | None], ages: Sequence[float]) -> list[int]:
    """Return which environment each commit gets.

    A commit that is installed stays where it is; another takes the place of what was used
    longest ago. Places that were never used (age 0) come last: creating one takes a minute.
    """
    kept = {commit: held.index(commit) for commit in commits if commit in held}
    free = [place for place in range(len(held)) if place not in kept.values()]
    free.sort(key=lambda place: (ages[place] == 0, ages[place]))
    return [kept[commit] if commit in kept else free.pop(0) for commit in commits]


def _environment(config: Any, folder: Path, name: str | None) -> Any:
    from asv.environment import get_environments

    own = _copy(config, env_dir=str(folder))
    found = list(get_environments(own, [name] if name else None))
    if not found:
        raise NothingMeasured(
            f"asv cannot make the environment {name or own.environment_type}; "
            "its output above says why"
        )
    if not found[0].can_install_project():
        raise UsageError(
            "an existing environment holds one commit, and a check needs two; set "
            "environment_type to virtualenv or uv in asv.conf.json"
        )
    if len(found) > 1:
        names = ", ".join(sorted(each.name for each in found))
        raise UsageError(f"choose one with --env: {names}")
    return found[0]


def _copy(config: Any, **changes: Any) -> Any:
    copy = type(config)()
    copy.__dict__.update({**config.__dict__, **changes})
    return copy


def _ages(folder: Path) -> list[float]:
    paths = [folder / slot for slot in _SLOTS]
    return [path.stat().st_mtime if path.exists() else 0.0 for path in paths]


def _reason(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
