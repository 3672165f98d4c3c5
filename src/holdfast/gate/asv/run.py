"""Start asv as a program, and ask it for the steps of a series."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.extras import is_installed, missing_extra
from holdfast.gate.asv.project import Project


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


def detect_steps(
    values: Sequence[float | None], weights: Sequence[float | None]
) -> list[tuple[int, int, float]]:
    """Return the levels that asv finds in a series: first place, place after the last, value."""
    if not is_installed("asv"):
        raise missing_extra("history", "asv")
    # asv is no dependency of the gate, and takes a while to import.
    from asv.step_detect import detect_steps

    return [(left, right, value) for left, right, value, *_ in detect_steps(values, weights)]
