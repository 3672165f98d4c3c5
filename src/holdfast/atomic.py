"""Writes a file completely or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.errors import UsageError


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Yield a file to write to, and move it to `path` in one step at the end.

    Raises
    ------
    UsageError
        When the file cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as beside:
            part = Path(beside) / path.name
            yield part
            part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file as a whole, or leave it as it was.

    Raises
    ------
    UsageError
        When the file cannot be written.
    """
    with write_atomically(path) as part:
        part.write_text(text, "utf-8")


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
