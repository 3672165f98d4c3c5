"""Start asv, which measures and keeps the results; nothing else here knows how it is called."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from holdfast.errors import HoldfastError, NothingMeasured
from holdfast.extras import is_installed, missing_extra
from holdfast.gate.asv.project import Project

_ATTRIBUTES = ("rounds=1", "repeat=5,30,0.15", "sample_time=0.002", "warmup_time=0.1")
_SOME_FAILED = 2  # asv's exit code when a benchmark failed: that is a result, too
_STDERR = 2


def asv_command(project: Project, *arguments: str) -> list[str]:
    """Return how to call asv on a project."""
    # '-P': a folder named asv where the user happens to be must not be taken for asv.
    start = [sys.executable, "-P", "-m", "holdfast.gate.asv.asv_main"]
    return [*start, str(project.config.parent), str(project.write_config()), *arguments]


def prepare(project: Project, machine: str) -> None:
    """Make sure that asv is installed and knows this machine: it would ask, or take another."""
    if not is_installed("asv"):
        raise missing_extra("measuring", "asv")
    try:
        known = json.loads((Path.home() / ".asv-machine.json").read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    if machine in known:
        return
    command = asv_command(project, "machine", "--machine", machine, "--yes")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        # asv gives its reasons on standard output.
        said = f"{done.stdout}\n{done.stderr}".strip()[-500:]
        raise HoldfastError(
            f"'asv machine' cannot note {machine!r}: {said or f'exit code {done.returncode}'}"
        )


def run_asv(
    project: Project,
    commits: Iterable[str],
    machine: str,
    bench: Sequence[str],
    *,
    append: bool,
    profile: bool = False,
    environment: str | None = None,
    options: Sequence[str] = (),
) -> None:
    """Run the benchmarks once for each commit, in that order; a failing benchmark is no error.

    ``options`` are passed through to 'asv run'.
    """
    with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
        hashes = Path(folder) / "commits.txt"
        hashes.write_text("\n".join(commits) + "\n", "utf-8")
        arguments = ["run", f"HASHFILE:{hashes}", "--machine", machine, "--interleave-rounds"]
        arguments.append("--append-samples" if append else "--record-samples")
        arguments += ["--profile"] * profile
        arguments += ["--environment", environment] if environment else []
        for attribute in _ATTRIBUTES:
            arguments += ["-a", attribute]
        for regex in bench:
            arguments += ["--bench", regex]
        # asv's progress is for the user, but standard output is for the verdict.
        command = asv_command(project, *arguments, *options)
        code = subprocess.run(command, stdout=_STDERR, check=False).returncode
    if code not in (0, _SOME_FAILED):
        raise NothingMeasured(f"'asv run' stopped with exit code {code}; its output above says why")


def discover(project: Project, commit: str, machine: str, environment: str | None = None) -> None:
    """Let asv list the benchmarks, in benchmarks.json, without running any."""
    prepare(project, machine)
    bench = ["just-discover"]
    run_asv(project, [commit], machine, bench, append=True, environment=environment)


def detect_steps(
    values: Sequence[float | None], weights: Sequence[float | None]
) -> list[tuple[int, int, float]]:
    """Return the levels that asv finds in a series: first place, place after the last, value."""
    if not is_installed("asv"):
        raise missing_extra("history", "asv")
    # asv is no dependency of the gate, and takes a while to import.
    from asv.step_detect import detect_steps

    return [(left, right, value) for left, right, value, *_ in detect_steps(values, weights)]
