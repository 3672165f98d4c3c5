"""The journal of a sweep: finished rows are appended to a file, so that the sweep can resume."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from holdfast.errors import BundleError, UsageError

_SCHEMA = 1


class Journal:
    """Finished rows by key, and the file to which new ones are appended.

    Parameters
    ----------
    rows
        Those that the file had.
    file
        Opened to append, unbuffered; None keeps nothing.
    """

    def __init__(self, rows: dict[str, Any], file: FileIO | None) -> None:
        self.rows = rows
        self._file = file

    def add(self, key: str, row: dict[str, Any]) -> None:
        """Append a row in one write, which a kill can cut short but not interleave."""
        if self._file is not None:
            _append(self._file, {"backtest": key, "row": row})


@contextmanager
def open_journal(
    path: str | os.PathLike[str] | None, sweep: Mapping[str, Any]
) -> Iterator[Journal]:
    """Open the journal of a sweep; a missing file is created.

    Parameters
    ----------
    path
        None keeps nothing.
    sweep
        What the rows depend on: bundle, strategy, settings. Another sweep's file is refused.

    Raises
    ------
    UsageError
        When the file belongs to another sweep, is damaged, or cannot be written.
    """
    if path is None:
        yield Journal({}, None)
        return
    try:
        file = FileIO(Path(path), "a+")
    except OSError as error:
        raise UsageError(f"resume={path} cannot be written: {error.strerror}") from None
    with file:
        lines = _read_complete_lines(file, path)
        if lines:
            _check_same_sweep(path, lines[0], sweep)
        else:
            _append(file, {"holdfast_sweep": _SCHEMA, **sweep})
        rows = {one["backtest"]: one["row"] for one in lines[1:]}
        yield Journal({key: row for key, row in rows.items() if _is_final(row)}, file)


def _is_final(row: Mapping[str, Any]) -> bool:
    """Whether a row would come out the same again: an error of disk or memory would not."""
    kind = str(row.get("error") or "").split(":")[0]
    return kind not in _passing_errors()


def _passing_errors() -> set[str]:
    found, left = {MemoryError, BundleError}, [OSError]
    while left:
        kind = left.pop()
        found.add(kind)
        left += kind.__subclasses__()
    return {kind.__name__ for kind in found}


def _append(file: FileIO, document: Mapping[str, Any]) -> None:
    line = json.dumps(document).encode() + b"\n"
    try:
        written = file.write(line)
    except OSError as error:
        raise UsageError(f"{file.name} cannot be written: {error.strerror}") from None
    if written != len(line):
        raise UsageError(f"{file.name} cannot be written: the disk is full")


def _read_complete_lines(file: FileIO, path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return the complete lines; an incomplete last line, left by a kill, is cut off."""
    file.seek(0)
    text = file.readall()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        file.truncate(whole)
    lines = []
    for number, line in enumerate(text[:whole].splitlines(), start=1):
        try:
            document = json.loads(line)
            known = document["holdfast_sweep"] if number == 1 else document["row"]
        except (ValueError, TypeError, KeyError):
            known = None
        if known is None:
            raise UsageError(
                f"line {number} of {path} was not written by a sweep "
                f"(remove it to run that backtest again, or name another file)"
            )
        lines.append(document)
    return lines


def _check_same_sweep(
    path: str | os.PathLike[str], header: Mapping[str, Any], sweep: Mapping[str, Any]
) -> None:
    for name, value in {"holdfast_sweep": _SCHEMA, **sweep}.items():
        if header.get(name) != value:
            raise UsageError(
                f"{path} belongs to another sweep: its {name.replace('_', ' ')} is "
                f"{header.get(name)!r}, here it is {value!r} (name another file, or remove it)"
            )
