"""A file is written as a whole, or it stays as it was."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.errors import UsageError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a file beside `path` to write to, and move it there in one step when that is done."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.resolve().parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check_output(option: str, path: Path | None, endings: tuple[str, ...]) -> None:
    """Refuse a name that could not be written to, before hours are spent on its content.

    Raises
    ------
    UsageError
        When the name ends otherwise, or its folder is not there.
    """
    if path is None:
        return
    if path.suffix not in endings:
        *others, last = endings
        known = f"{', '.join(others)} or {last}" if others else last
        raise UsageError(f"{option} {path}: the name must end in {known}")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {path.resolve().parent}")
