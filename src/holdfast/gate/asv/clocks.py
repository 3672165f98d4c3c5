"""CPU time beside the clock: asv's own script, run by this one, notes both for every sample.

As a script it runs in a commit's environment, where Holdfast may be missing: standard library
alone.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import runpy
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

_FOLDER, _SCRIPT = "HOLDFAST_CLOCKS", "HOLDFAST_ASV_SCRIPT"
_LOOK = struct.Struct("dd")
_MOST = 4096
"""Looks at the clocks that are kept of one process: the last ones."""


@contextlib.contextmanager
def both_clocks() -> Iterator[Path]:
    """Let asv start benchmarks through this script; give the folder in which CPU times appear."""
    from asv import runner

    script = runner.BENCHMARK_RUN_SCRIPT
    with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
        os.environ |= {_FOLDER: folder, _SCRIPT: script}
        runner.BENCHMARK_RUN_SCRIPT = __file__
        try:
            yield Path(folder)
        finally:
            runner.BENCHMARK_RUN_SCRIPT = script
            for name in (_FOLDER, _SCRIPT):
                os.environ.pop(name, None)


def read_cpu(folder: Path, samples: Sequence[float], number: int) -> float | None:
    """Return the least CPU seconds of a call in the process that ended last, and forget it.

    Parameters
    ----------
    samples
        What asv says that a call took, each sample of ``number`` calls. A sample's CPU time is
        found by its time, to the last bit.

    Returns
    -------
    float or None
        None where the benchmark has a timer of its own, or asv times each call alone.
    """
    spans: dict[float, float] = {}
    for path in list(folder.iterdir()):
        looks = sorted(look for look in _LOOK.iter_unpack(path.read_bytes()) if any(look))
        path.unlink()
        for (start, before), (end, after) in pairwise(looks):
            spans[(end - start) / number] = (after - before) / number
    found = [spans[sample] for sample in samples if sample in spans]
    return min(found) if found and len(found) == len(samples) else None


def watch(folder: str, clock: Callable[[], float]) -> Callable[[], float]:
    """Return a timer like ``clock`` that notes the CPU time at each look."""
    kept: list[mmap.mmap] = []
    count = 0

    def timer() -> float:
        nonlocal count
        if not kept:  # in the benchmark's own process, which may be forked
            kept.append(_open(folder))
        cpu, now = time.process_time(), clock()
        _LOOK.pack_into(kept[0], count % _MOST * _LOOK.size, now, cpu)
        count += 1
        return now

    return timer


def _open(folder: str) -> mmap.mmap:
    with open(os.path.join(folder, str(os.getpid())), "w+b") as file:  # noqa: PTH118, PTH123
        file.truncate(_MOST * _LOOK.size)
        return mmap.mmap(file.fileno(), 0)


def _main() -> None:
    del sys.path[0]  # this folder's modules are not the suite's
    # Without asv_runner, asv's script says so.
    with contextlib.suppress(ImportError, AttributeError):
        import asv_runner.benchmarks.time as timed

        timed.wall_timer = watch(os.environ[_FOLDER], timed.wall_timer)
    runpy.run_path(os.environ[_SCRIPT], run_name="__main__")


if __name__ == "__main__":
    _main()
