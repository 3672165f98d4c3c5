"""GitHub, asked through its own command, ``gh``."""

from __future__ import annotations

import subprocess

from holdfast.errors import UsageError


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
