"""Layer 6B: all workers map one copy of a bundle, which is removed when its owner ends."""

from __future__ import annotations

import atexit
import logging
import mmap
import os
import pickle
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from holdfast.assets import KnownAssets
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import LongBars
from holdfast.data.bundle import Bundle, OpenedBundle, read_current_version
from holdfast.data.sessions import Sessions
from holdfast.layers.locks import CACHE_LOCK
from holdfast.layers.lru import LRU

_PREFIX = "holdfast-shared-"
_FILE, _OFFSET_BYTES = "bundle", 8
_IN_MEMORY = Path("/dev/shm")

log = logging.getLogger("holdfast")


@dataclass(frozen=True, slots=True)
class Handle:
    """The location of a shared copy: small enough to send with every task.

    Parameters
    ----------
    path
        Of the bundle, absolute.
    version
        SHA-256 of its content when it was copied.
    folder
        The copy.
    """

    path: str
    version: str
    folder: str


class SharedBundle:
    """A bundle whose arrays are mapped from a shared copy, so nothing is read or decoded.

    Parameters
    ----------
    handle
        As `SharedCopies.share` returned it, in this process or in another.

    Raises
    ------
    OSError
        When the copy was removed.
    """

    def __init__(self, handle: Handle) -> None:
        self.path, self.version = Path(handle.path), handle.version
        parts = _map_parts(handle.folder)
        self.frequency: str = parts["frequency"]
        self.sessions: Sessions = parts["sessions"]
        self.adjustments: Adjustments = parts["adjustments"]
        self.assets = KnownAssets(parts["assets"])
        self._bars: dict[str, LongBars] = parts["bars"]

    def bars(self, frequency: str) -> LongBars:
        """Return the stored bars of one frequency, read-only."""
        if frequency not in self._bars:
            raise Bundle.no_minutes(self.path)
        return self._bars[frequency]


class SharedCopies:
    """The copies that this process owns or has attached, at most one per bundle version."""

    def __init__(self) -> None:
        self._owned: dict[str, Handle] = {}
        self._announced: dict[str, Handle] = {}
        self._attached: LRU[Handle, SharedBundle] = LRU(max_items=16)
        self._owner = 0

    def share(self, bundle: Bundle) -> Handle | None:
        """Copy a bundle to where workers can map it; return None when there is no space.

        Parameters
        ----------
        bundle
            An open bundle, whose bars are read.
        """
        path = os.path.abspath(bundle.path)
        with CACHE_LOCK:
            self._become_owner()
            handle = self._owned.get(path)
            if handle is not None:
                if handle.version == bundle.version and Path(handle.folder).exists():
                    return handle
                self._remove(path)
            try:
                handle = Handle(path, bundle.version, str(_copy_bundle(bundle)))
            except OSError as error:
                log.warning("no space to share %s, so each worker reads it: %s", path, error)
                return None
            self._owned[path] = handle
            return handle

    def announce(self, handle: Handle) -> None:
        """Announce a copy to this process, so that `find` can map it."""
        self._announced[handle.path] = handle

    def find(self, path: str | os.PathLike[str], version: str | None = None) -> OpenedBundle | None:
        """Return the copy of one version of a bundle, None when there is none.

        Parameters
        ----------
        path
            The bundle's folder.
        version
            None for the version that is current.
        """
        handle = self._announced.get(os.path.abspath(path))
        if handle is None or handle.version != (version or read_current_version(path)):
            return None
        bundle = self._attached.get(handle)
        if bundle is None:
            try:
                bundle = SharedBundle(handle)
            except OSError as error:
                log.warning(
                    "the shared copy of %s was removed, so it is read again: %s", path, error
                )
                return None
            self._attached.put(handle, bundle)
        return bundle

    def remove_all(self) -> None:
        """Remove all copies that this process owns; processes that have mapped one keep it."""
        with CACHE_LOCK:
            for path in list(self._owned):
                self._remove(path)

    def _become_owner(self) -> None:
        """Drop what a parent owned before the fork, and remove the copies of dead processes."""
        if self._owner != os.getpid():
            self._owner = os.getpid()
            self._owned = {}
            atexit.register(self.remove_all)
            _remove_orphans()

    def _remove(self, path: str) -> None:
        if self._owner == os.getpid():
            _remove_folder(self._owned.pop(path).folder)


def _copy_bundle(bundle: Bundle) -> Path:
    """Write a bundle's parts to a file that can be mapped, completely or not at all."""
    frequencies = ("1d", "1m") if bundle.frequency == "minute" else ("1d",)
    parts = {
        "frequency": bundle.frequency,
        "sessions": bundle.sessions,
        "adjustments": bundle.adjustments,
        "assets": {asset.symbol: asset for asset in bundle.assets.retrieve_all()},
        "bars": {frequency: bundle.bars(frequency) for frequency in frequencies},
    }
    arrays: list[pickle.PickleBuffer] = []
    # The arrays are not in the pickle but before it in the file, where workers map them.
    rest = pickle.dumps(parts, protocol=5, buffer_callback=arrays.append)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_get_shared_folder()))
    _tracker().register(str(folder), "folder")  # which removes it after a SIGKILL
    try:
        with (folder / _FILE).open("wb") as file:
            slices = [_write_aligned(file, array.raw()) for array in arrays]
            index = _write_aligned(file, memoryview(pickle.dumps((rest, slices))))
            file.write(index.start.to_bytes(_OFFSET_BYTES, "little"))
    except BaseException:
        _remove_folder(str(folder))
        raise
    return folder


def _remove_folder(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _tracker().unregister(folder, "folder")


def _tracker() -> Any:
    """Return loky's resource tracker, a process that outlives this one and its workers."""
    # A run without workers does not pay for joblib.
    from joblib.externals.loky.backend import resource_tracker

    return resource_tracker


def _write_aligned(file: BinaryIO, array: memoryview) -> slice:
    """Write an array, and return its slice of the file."""
    file.write(b"\0" * (-file.tell() % 64))  # as NumPy aligns its own arrays
    begin = file.tell()
    file.write(array)
    return slice(begin, file.tell())


def _map_parts(folder: str) -> dict[str, Any]:
    # Every worker starts with this, so it avoids Path and a buffer.
    with open(os.path.join(folder, _FILE), "rb", buffering=0) as file:  # noqa: PTH118, PTH123
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    index = int.from_bytes(mapped[-_OFFSET_BYTES:], "little")
    rest, slices = pickle.loads(mapped[index:])
    parts: dict[str, Any] = pickle.loads(rest, buffers=[mapped[part] for part in slices])
    return parts


def _get_shared_folder() -> str:
    """Return the folder for shared files, which is in memory where the system has one."""
    usable = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    return str(_IN_MEMORY) if usable else tempfile.gettempdir()


def _remove_orphans() -> None:
    """Remove the copies of processes that were killed before they removed them."""
    import psutil  # only who shares a bundle pays for it

    for folder in Path(_get_shared_folder()).glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


#: The copies of this process.
COPIES = SharedCopies()
