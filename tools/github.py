"""GitHub, asked through its own command, ``gh``."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from holdfast.errors import UsageError


def find_run_address(run: Mapping[str, str]) -> str:
    """Return where a run is shown: of REPOSITORY, by its RUN_ID."""
    return f"https://github.com/{run['REPOSITORY']}/actions/runs/{run['RUN_ID']}"


def gh(*arguments: str, given: str = "") -> bytes:
    """Return what ``gh`` prints.

    Raises
    ------
    UsageError
        When it fails, with what it says.
    """
    done = subprocess.run(["gh", *arguments], input=given.encode(), capture_output=True)
    if done.returncode != 0:
        raise UsageError(f"gh {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout
