"""What would stop asv after minutes, said in one line before anything is built."""

from __future__ import annotations

import configparser
import contextlib
import re
import tomllib
from collections.abc import Callable
from typing import Any

from holdfast.errors import UsageError
from holdfast.extras import is_installed, missing_extra
from holdfast.gate.asv.environments import in_folder, load_config
from holdfast.gate.asv.library import stop_in_order
from holdfast.gate.asv.project import Project

_BUILD = "python -m pip wheel --no-deps -w {build_cache_dir} {build_dir}"
_INSTALL = "in-dir={env_dir} python -m pip install --force-reinstall {wheel_file}"
_WHEELS_OF_ALL = re.compile(r"\bpip\s+wheel\b(?!.*--no-deps)(?=.*\{build_cache_dir\})")


def update_mirror(project: Project, say: Callable[[str], None]) -> None:
    """Let asv clone a remote repository, or fetch what is new there; a local one is as it is."""
    if not project.is_remote:
        return
    say(f"fetching {project.settings.get('repo')}")
    with stop_in_order(), in_folder(project):
        loaded = load_config(project)
        from asv import repo, util

        try:
            repo.get_repo(loaded).pull()
        except (util.UserError, util.ProcessError, OSError) as error:
            raise UsageError(
                f"{loaded.repo} cannot be fetched: {_last_line(error)}; "
                "'repo' in asv.conf.json must name a git repository, or --set repo=FOLDER"
            ) from error


def _last_line(error: Exception) -> str:
    said = str(getattr(error, "stderr", "") or getattr(error, "stdout", "") or error).strip()
    return said.splitlines()[-1] if said else type(error).__name__


def preflight(project: Project, commit: str) -> None:
    """Refuse a suite that asv would not list, and a build that it would not finish.

    Raises
    ------
    UsageError
        What is wrong, and what to change.
    """
    _require_suite(project)
    _require_one_wheel(project, commit)


def _require_suite(project: Project) -> None:
    """Refuse a folder of benchmarks that is not a package."""
    if not is_installed("asv"):
        raise missing_extra("measuring", "asv")
    # asv comes with an extra, and takes a while to import.
    from asv import util
    from asv.benchmarks import Benchmarks

    try:
        Benchmarks.check_tree(str(project.folder("benchmark_dir")))
    except (util.UserError, OSError) as error:
        raise UsageError(
            f"{error}; 'benchmark_dir' in {project.config.name} must name the folder of the "
            "benchmarks, a package with an __init__.py"
        ) from error


def _require_one_wheel(project: Project, commit: str) -> None:
    """Refuse a build that makes a wheel of every dependency: asv stops at more than one."""
    commands = project.settings.get("build_command")
    listed = [commands] if isinstance(commands, str) else commands
    # None is asv's default; an empty list builds nothing.
    if listed is not None and not any(_WHEELS_OF_ALL.search(str(one)) for one in listed):
        return
    dependency = find_dependency(project, commit)
    if not dependency:
        return
    whose = "asv's default build_command" if listed is None else "build_command"
    raise UsageError(
        f"{whose} makes a wheel of every dependency ({dependency}), and asv stops at more than "
        f"one; put into {project.config.name}\n"
        f'    "build_command": ["{_BUILD}"],\n'
        f'    "install_command": ["{_INSTALL}"],\n'
        f"or, for this run: --set 'build_command=[\"{_BUILD}\"]'"
    )


def find_dependency(project: Project, commit: str) -> str:
    """Return one that the project has in ``commit``, or where it may have some, or nothing."""
    subdir = str(project.settings.get("repo_subdir") or "").strip("/")
    prefix = f"{subdir}/" if subdir else ""

    def read(name: str) -> str:
        return project.git("show", "--end-of-options", f"{commit}:{prefix}{name}") or ""

    try:
        data = tomllib.loads(read("pyproject.toml"))
    except ValueError:
        data = {}
    if found := _find_declared(data):
        return found
    options = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(configparser.Error):
        options.read_string(read("setup.cfg"))
    listed = options.get("options", "install_requires", fallback="").splitlines()
    if any(map(_applies, listed)):
        return "install_requires in setup.cfg"
    return "install_requires in setup.py" if "install_requires" in read("setup.py") else ""


def _find_declared(data: dict[str, Any]) -> str:
    """Return a dependency that a pyproject.toml declares."""
    project = data.get("project") or {}
    if found := next(filter(_applies, project.get("dependencies") or ()), ""):
        return str(found)
    poetry = ((data.get("tool") or {}).get("poetry") or {}).get("dependencies") or {}
    if found := next((key for key in poetry if key != "python"), ""):
        return str(found)
    # In setup.py or setup.cfg, then; a project without any would not say so.
    return "dynamic dependencies" if "dependencies" in (project.get("dynamic") or ()) else ""


def _applies(text: str) -> bool:
    """Say whether a requirement is one on this kind of machine."""
    # asv depends on it.
    from packaging.requirements import InvalidRequirement, Requirement

    if not text.strip():
        return False
    try:
        marker = Requirement(text).marker
    except InvalidRequirement:
        return True
    return marker is None or marker.evaluate()
