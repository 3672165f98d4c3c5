"""A new version goes into a bundle's folder all at once; nothing of anyone else's is touched."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from holdfast.data.bundle import CURRENT, get_version_folder, read_current_version
from holdfast.data.integrity import MANIFEST, is_whole
from holdfast.data.locks import folder_kept, remove_unless_kept
from holdfast.errors import BundleError

_STALE_SECONDS = 3600.0  # until then another ingest of the same bundle may be at work
_STAGING = ".staging-"
_POINTER = re.compile(rf"\.{CURRENT}-\d+")
_VERSION_FOLDER = re.compile(r"[0-9a-f]{16}")


@contextlib.contextmanager
def staging(path: Path) -> Iterator[Path]:
    """Give a folder beside the versions that vanishes unless it is published.

    Raises
    ------
    BundleError
        When `path` is something else than a bundle.
    """
    if path.exists() and not _may_hold_a_bundle(path):
        raise BundleError(f"{path} exists and is not a bundle: choose another folder")
    path.mkdir(parents=True, exist_ok=True)
    folder = path / f"{_STAGING}{secrets.token_hex(8)}"
    folder.mkdir()  # with what the umask allows, which the version keeps
    try:
        with folder_kept(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(path: Path, staged: Path, version: str) -> None:
    """Move the staged version into place; readers see the old or the new one, never half."""
    previous = _version_at(path)
    target = get_version_folder(path, version)
    for child in (*staged.iterdir(), staged):
        _flush(child)
    move_into_place(staged, target, version)
    _flush(path)
    point_to(path, version)
    _flush(path)
    keep = {target.name}
    if previous not in (None, version):
        replaced = get_version_folder(path, previous or "")
        keep.add(replaced.name)
        with contextlib.suppress(OSError):
            os.utime(replaced)  # its age counts from when it was replaced
    _tidy(path, keep)


def move_into_place(staged: Path, target: Path, version: str) -> None:
    """Give the staged folder its name; a version that is there stays, unless it is damaged."""
    try:
        staged.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        if not is_whole(target, version):
            aside = staged.with_name(f"{_STAGING}{secrets.token_hex(8)}")
            target.rename(aside)
            staged.rename(target)
            shutil.rmtree(aside, ignore_errors=True)


def point_to(path: Path, version: str) -> None:
    """Make a version the current one, in one step."""
    pointer = path / f".{CURRENT}-{os.getpid()}"
    try:
        pointer.write_text(version + "\n")
        _flush(pointer)
        pointer.replace(path / CURRENT)
    finally:
        pointer.unlink(missing_ok=True)


def _may_hold_a_bundle(path: Path) -> bool:
    """Whether `path` is a bundle, or holds only what an ingest left there."""
    if not path.is_dir():
        return False
    if _version_at(path) is not None:
        return True
    children = [child for child in path.iterdir() if not _is_ours(child)]
    # A damaged pointer beside whole versions is a bundle's, too; LevelDB has a CURRENT as well.
    return not children or (
        [child.name for child in children] == [CURRENT] and any(map(_is_version, path.iterdir()))
    )


def _version_at(path: Path) -> str | None:
    try:
        return read_current_version(path)
    except BundleError:
        return None


def _is_version(child: Path) -> bool:
    return bool(_VERSION_FOLDER.fullmatch(child.name)) and (child / MANIFEST).is_file()


def _is_ours(child: Path) -> bool:
    """Whether an ingest wrote it, and nobody reads it but through the pointer."""
    if child.name.startswith(_STAGING):
        return child.is_dir()
    return bool(_POINTER.fullmatch(child.name)) or _is_version(child)


def _tidy(path: Path, keep: set[str]) -> None:
    """Remove what earlier ingests wrote and nobody needs; anything else is someone's."""
    for child in path.iterdir():
        if child.name not in keep and _is_ours(child) and _age(child) > _STALE_SECONDS:
            if child.is_dir():
                remove_unless_kept(child)
            else:
                child.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until the disk holds a file, or a folder's list of names: a power cut takes neither."""
    if path.is_dir() and os.name == "nt":  # which cannot open a folder
        return
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:  # another ingest was quicker to tidy up
        return 0.0
