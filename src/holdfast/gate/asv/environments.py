"""The environments that asv would measure in, and whether they can be made on this machine."""

from __future__ import annotations

import contextlib
import fnmatch
import logging
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured, UsageError
from holdfast.extras import is_installed, missing_extra
from holdfast.gate.asv.project import Project

_INSTEAD = "measure with --set environment_type=virtualenv (its packages come from PyPI)"
_UNREAD = (
    "; it does not read {file}: what that lists beyond the project's own dependencies goes into "
    """--set 'matrix={{"req": {{"NAME": [""]}}}}'"""
)


@dataclass(frozen=True, slots=True)
class Environment:
    """One of the environments that asv.conf.json asks for."""

    name: str
    """As asv calls it; it is part of the names of its results files."""
    type: str
    python: str
    requirements: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def in_folder(project: Project) -> Iterator[None]:
    """Work in the folder of asv.conf.json, as asv does: it looks there for other files."""
    with contextlib.chdir(project.config.parent):
        yield


def load_config(project: Project) -> Any:
    """Return asv's own Config of the project, its plugins imported.

    Call it ``in_folder``: local plugins are found there.
    """
    if not is_installed("asv"):
        raise missing_extra("measuring", "asv")
    # asv comes with an extra, and takes a while to import.
    from asv import config, util
    from asv.plugin_manager import plugin_manager

    try:
        loaded = config.Config.from_json(dict(project.settings))
    except util.UserError as error:
        raise UsageError(f"asv refuses {project.config}: {error}") from error
    for plugin in loaded.plugins:
        try:
            plugin_manager.import_plugin(plugin)
        except Exception as error:  # a plugin is anyone's code
            raise UsageError(
                f"asv's plugin {plugin!r} cannot be imported: {type(error).__name__}: {error}"
            ) from error
    return loaded


def list_environments(project: Project, names: Sequence[str] = ()) -> tuple[Environment, ...]:
    """Return the environments to measure in; ``names`` choose some, and may be patterns.

    Raises
    ------
    UsageError
        When none can be made here, or a name is none of theirs.
    """
    with in_folder(project):
        loaded = load_config(project)
        _require_tools(loaded.environment_type, loaded.conda_environment_file)
        found, reasons = _ask_asv(loaded)
    environments = tuple(map(_describe, found))
    if not environments:
        why = "; ".join(reasons) or "asv.conf.json excludes all of them"
        raise UsageError(
            f"no environment can be made here: {why}; choose another Python with --python X.Y"
        )
    chosen = [one for one in environments if _is_chosen(one.name, names)]
    for name in names:
        if not any(_is_chosen(one.name, [name]) for one in environments):
            known = ", ".join(one.name for one in environments)
            raise UsageError(f"--env {name}: there is no such environment; there are: {known}")
    return tuple(chosen)


def run_before(project: Project, environment: Any, command: str) -> None:
    """Run the policy's ``[measure] before`` for one of asv's environments, which holds a commit.

    The environment's own programs come first on PATH, its variables are set.
    """
    home = Path(environment._path)
    folders = [str(home / "bin"), str(home / "Scripts"), str(home), os.environ.get("PATH", "")]
    path = os.pathsep.join(folders)
    variables = {**os.environ, **environment._global_env_vars, **environment.env_vars}
    program, *words = shlex.split(command)
    found = shutil.which(program, path=path)  # Windows would look on this process's own PATH
    if not found:
        raise NothingMeasured(f"[measure] before: there is no program {program!r} on PATH")
    done = subprocess.run(
        [found, *words],
        cwd=project.config.parent,
        env={**variables, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stdout.strip()[-500:]
        raise NothingMeasured(f"[measure] before: {command!r} failed ({done.returncode}): {said}")


def _require_tools(kind: str | None, packages: str | None) -> None:
    """Refuse a type of environment whose tool is not here, before anything is built.

    Parameters
    ----------
    packages
        The file in which a suite lists packages for conda and its like.
    """
    if not kind:
        raise UsageError(
            "asv.conf.json names no environment_type, which asv requires; add "
            '"environment_type": "virtualenv", or use --set environment_type=virtualenv'
        )
    if kind == "virtualenv" and not is_installed("virtualenv"):
        raise missing_extra("measuring", "asv")
    missing = _find_missing(kind)
    if missing:
        named = packages and packages != "IGNORE"  # asv's word for none
        beside = _UNREAD.format(file=packages) if named else ""
        raise UsageError(f"environment_type {kind!r} {missing}, or {_INSTEAD}{beside}")


def _find_missing(kind: str) -> str:
    """Return what a type of environment lacks here, or nothing."""
    from asv import environment, util

    if kind == "existing":
        return (
            "measures what is installed already, which is only one commit; remove it from "
            "asv.conf.json"
        )
    if kind == "conda" and not (shutil.which(os.environ.get("CONDA_EXE") or "conda")):
        return "needs conda, which is not on PATH; install it"
    if kind == "rattler" and not all(map(is_installed, ("rattler", "yaml"))):
        return "needs py-rattler; install it with 'pip install py-rattler PyYAML'"
    if kind == "uv" and not shutil.which("uv"):
        return "needs uv, which is not on PATH; install it with 'pip install uv'"
    known = sorted(one.tool_name for one in util.iter_subclasses(environment.Environment))
    if kind not in known:
        return f"is not one that asv or its plugins know ({', '.join(known)}); correct it"
    return ""


def _ask_asv(loaded: Any) -> tuple[list[Any], list[str]]:
    """Return asv's environments, and its reasons for leaving others out."""
    from asv import environment, util

    with _collected_warnings() as reasons:
        try:
            found = list(environment.get_environments(loaded, None))
        except environment.EnvironmentUnavailable as error:
            raise UsageError(f"no environment can be made here: {error}") from error
        except (
            util.UserError,
            OSError,
            TypeError,
            ValueError,
            LookupError,
            AttributeError,
        ) as error:
            # asv takes what the matrix holds as it comes.
            raise UsageError(f"asv cannot list the environments: {error}") from error
    broken = {one.name: why for one in found if (why := _find_fault(one))}
    return [one for one in found if one.name not in broken], [*reasons, *broken.values()]


def _find_fault(one: Any) -> str:
    """Return why an environment's Python cannot be started; a name on PATH may lead nowhere."""
    executable = getattr(one, "_executable", None)
    if one.tool_name == "existing":
        return f"{one.name} measures what is installed already, which is only one commit"
    if not executable:
        return ""
    done = subprocess.run([executable, "-c", ""], capture_output=True, check=False)
    return f"python{one.python} ({executable}) does not start" if done.returncode else ""


@contextlib.contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """Keep what asv warns of instead of printing it."""
    texts: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: texts.append(record.getMessage().strip())  # type: ignore[method-assign]
    root = logging.getLogger()
    others, root.handlers = root.handlers, [handler]
    try:
        yield texts
    finally:
        root.handlers = others


def _describe(one: Any) -> Environment:
    return Environment(
        one.name, one.tool_name, str(one.python), dict(one.requirements), dict(one.env_vars)
    )


def _is_chosen(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
