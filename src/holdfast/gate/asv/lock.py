"""One check at a time in a project: two would install into the same environments."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from holdfast.atomic import write_text
from holdfast.extras import is_installed, missing_extra
from holdfast.gate.asv.project import Project


@contextlib.contextmanager
def hold(project: Project, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the project's lock; while another process has it, say which, and wait.

    The system lets go of the lock when its holder ends, however it ends.
    """
    if not is_installed("filelock"):
        raise missing_extra("measuring", "asv")
    # It comes with asv's extra.
    from filelock import FileLock, Timeout

    folder = project.make_state()
    lock, holder = FileLock(folder / "lock"), folder / "lock.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"another check{_format_pid(holder)} is measuring in this project; waiting for it")
        lock.acquire()
    try:
        write_text(holder, f"{os.getpid()}\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _format_pid(holder: Path) -> str:
    try:
        return f" (process {int(holder.read_text('utf-8'))})"
    except (OSError, ValueError):  # it has only just begun, or is ending
        return ""
