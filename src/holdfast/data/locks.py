"""A folder of a bundle that is in use is not tidied away: a lock that ends with its process."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows does not remove what is open
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def folder_kept(folder: Path) -> Iterator[None]:
    """Keep a folder while the context lasts, whatever is ingested meanwhile.

    A file system without locks keeps a version for an hour after it ceased to be current.
    """
    with _opened(folder) as descriptor:
        if descriptor is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def remove_unless_kept(folder: Path) -> None:
    """Remove a folder, unless some process keeps it."""
    with _opened(folder) as descriptor:
        try:
            if descriptor is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:  # a file system without locks
            pass
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    descriptor = None
    if fcntl is not None:
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)
