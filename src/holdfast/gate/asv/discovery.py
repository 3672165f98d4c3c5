"""List a suite once, and what the base's own suite says of the same benchmarks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import to_suite
from holdfast.gate.asv.slots import Installed
from holdfast.gate.core.readings import Key, Suite
from holdfast.gate.core.selection import selected

_OWN = {
    "repeat": 0,
    "sample_time": 0.01,
    "warmup_time": -1,
}
"""What asv lists of a benchmark that does not say how it is sampled."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """The benchmarks that asv found: its own entries, by name."""

    entries: Mapping[str, dict[str, Any]]
    suite: Suite = field(default_factory=Suite)

    def version(self, name: str) -> str:
        """Return asv's hash of a benchmark's code."""
        return str(self.entries[name].get("version", ""))

    def rounds(self, name: str) -> int:
        """Return in how many processes asv would run a benchmark."""
        return int(self.entries[name].get("rounds", 1))

    def own_attributes(self, name: str) -> set[str]:
        """Return what of asv's sampling the benchmark sets itself."""
        entry = self.entries[name]
        return {key for key, default in _OWN.items() if entry.get(key, default) != default}


def discover(installed: Installed, folder: Path, timeout: float) -> Discovered:
    """Let asv list the benchmarks below ``folder``, in the environment of one commit.

    Raises
    ------
    NothingMeasured
        When the suite cannot be imported; asv's output says why.
    """
    from asv import util
    from asv.benchmarks import Benchmarks

    try:
        Benchmarks.check_tree(str(folder))
        entries = _list(installed, folder)
    except (util.UserError, util.ProcessError, OSError, ValueError) as error:
        raise NothingMeasured(
            f"the suite in {folder.name} cannot be imported with {installed.commit[:8]}: "
            f"{_last_line(error)}"
        ) from error
    by_name = {str(entry["name"]): entry for entry in entries}
    for entry in by_name.values():
        # asv fills it in just before it runs a benchmark.
        if entry.get("timeout") is None:
            entry["timeout"] = timeout
    return Discovered(by_name, to_suite(by_name))


def discover_at_base(
    project: Project, installed: Installed, folder: Path, timeout: float
) -> Discovered | None:
    """Return the base's own suite, None when it is the same (or is not in the repository).

    Both commits are measured by one suite, the one in the working tree: what that has changed
    or removed would go unnoticed.
    """
    paths = ("--", str(folder))
    if project.git("ls-tree", "--end-of-options", installed.commit, *paths) is None:
        return None
    if project.git("diff", "--quiet", "--end-of-options", installed.commit, *paths) is not None:
        return None
    with tempfile.TemporaryDirectory() as place:
        exported = _export(project, installed.commit, folder, Path(place))
        if exported is None:
            return None
        try:
            return discover(installed, exported, timeout)
        except NothingMeasured:
            return None


def removed_keys(base: Suite, head: Suite, bench: Sequence[str]) -> Iterator[Key]:
    """Yield what is selected of the base's suite, of benchmarks that the head's does not have."""
    return (key for key in selected(base, bench) if key[0] not in head)


def _list(installed: Installed, folder: Path) -> list[dict[str, Any]]:
    from asv.runner import BENCHMARK_RUN_SCRIPT

    variables = {**os.environ, **installed.environment.env_vars}
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place) / "benchmarks.json"
        command = [BENCHMARK_RUN_SCRIPT, "discover", str(folder), str(answer)]
        installed.environment.run(command, cwd=place, env=variables, dots=False)
        found: list[dict[str, Any]] = json.loads(answer.read_text("utf-8"))
    return found


def _export(project: Project, commit: str, folder: Path, place: Path) -> Path | None:
    """Write a commit's benchmarks to ``place``; None when the commit has none there."""
    top = Path(project.git("rev-parse", "--show-toplevel") or "").resolve()
    if not folder.is_relative_to(top):
        return None
    relative = folder.relative_to(top)
    command = ["git", "-C", str(top), "archive", "--format=tar", commit, "--", relative.as_posix()]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        return None
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(place, filter="data")
    return place / relative


def _last_line(error: Exception) -> str:
    output = getattr(error, "stderr", "") or getattr(error, "stdout", "") or str(error)
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else type(error).__name__
