"""Libraries that were written lately are dropped from the page cache, and stay as they are."""

import ctypes
import mmap
import os
import sys

import pytest

from holdfast.gate.asv.page_cache import drop_cached_libraries

psutil = pytest.importorskip("psutil")


def count_cached_pages(path):
    """Return how many pages of a file the kernel holds, by mincore(2)."""
    size = path.stat().st_size
    with path.open("r+b") as file, mmap.mmap(file.fileno(), size) as mapped:
        pages = -(-size // mmap.PAGESIZE)
        found = (ctypes.c_ubyte * pages)()
        view = ctypes.c_char.from_buffer(mapped)
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.mincore(ctypes.c_void_p(ctypes.addressof(view)), ctypes.c_size_t(size), found)
        del view
    assert not failed
    return sum(one & 1 for one in found)


def lies_in_memory(path):
    mounts = sorted(psutil.disk_partitions(all=True), key=lambda one: len(one.mountpoint))
    (*_, found) = [one for one in mounts if str(path).startswith(one.mountpoint)]
    return found.fstype in ("tmpfs", "ramfs", "overlay")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_libraries_that_were_just_written_are_dropped(tmp_path):
    if lies_in_memory(tmp_path):
        pytest.skip(f"{tmp_path} does not lie on a disk")
    folder, pages = tmp_path / "deep", (1 << 20) // mmap.PAGESIZE
    folder.mkdir()
    cached = {"library.so": 0, "library.so.23.1": 0, "x.cpython-311.so": 0, "module.py": pages}
    for name in cached:
        (folder / name).write_bytes(os.urandom(1 << 20))
        assert count_cached_pages(folder / name) == pages
    drop_cached_libraries(tmp_path)
    assert {name: count_cached_pages(folder / name) for name in cached} == cached


def test_links_and_what_is_no_file_are_left_alone(tmp_path):
    (tmp_path / "gone.so").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file.so").write_text("x")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.so")
    drop_cached_libraries(tmp_path)
    drop_cached_libraries(tmp_path / "missing")
    assert (tmp_path / "file.so").read_text() == "x"
