"""The command line, in this process or in one of its own.

Most tests ask what a command answers: `run_here` spares them the second that Python takes to
start and to import pandas. What belongs to a process (its exit code, signals, a full disk, what
its workers inherit) is asked of `start`.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from holdfast.cli import main


def start(*args: object, **options) -> subprocess.CompletedProcess[str]:
    """Run ``python -m holdfast`` as a user does, and wait for its end; see `unwrap`."""
    command = [sys.executable, "-m", "holdfast", *map(str, args)]
    ran = subprocess.run(command, text=True, **{"capture_output": True, **options})
    ran.stderr = ran.stderr and unwrap(ran.stderr)
    return ran


def unwrap(text: str) -> str:
    """Return errors as they were before they were broken into lines of 100 columns.

    Where a line breaks depends on how long the name of a test's folder is. What goes on is two
    columns to the right of where its line began.
    """
    return re.sub(r"\n(  |      )(?=\S)", " ", text)


def run_here(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in this process; what it did not catch is raised, as any error in a test.

    The output goes to the descriptors 1 and 2, for a sweep turns the one into the other.
    """
    words = [*map(str, args)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with contextlib.chdir(cwd or "."), _import_path_kept(), _output_to(out, err):
            try:
                code = main(words)
            except SystemExit as end:  # argparse's way to refuse an option
                code = end.code
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    out_text, err_text = said
    return subprocess.CompletedProcess(["holdfast", *words], code, out_text, unwrap(err_text))


@contextmanager
def _import_path_kept() -> Iterator[None]:
    # A strategy's folder is put on the path, where the next test's modules would be looked for.
    kept = sys.path.copy()
    try:
        yield
    finally:
        sys.path[:] = kept


@contextmanager
def _output_to(out: IO[bytes], err: IO[bytes]) -> Iterator[None]:
    kept = [os.dup(1), os.dup(2)]
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    try:
        with (
            open(1, "w", closefd=False) as stdout,
            open(2, "w", closefd=False, buffering=1) as stderr,
            contextlib.redirect_stdout(stdout),
            contextlib.redirect_stderr(stderr),
        ):
            yield
    finally:
        for descriptor, old in enumerate(kept, start=1):
            os.dup2(old, descriptor)
            os.close(old)
