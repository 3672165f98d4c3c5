"""Count the instructions of a benchmark's calls with valgrind's callgrind.

A count is the same on a busy machine. Whole processes are counted, one that makes n calls and one
that makes 2 n of them after as much setup: the difference is what n calls take. Blind are
callgrind and so this count for what the kernel does, for child processes, and for vector
instructions that valgrind does not know, in whose place a library takes others.

As a script it runs in a commit's environment, where Holdfast may be missing: standard library
alone.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VALGRIND = "valgrind"
_SECONDS = 0.02
"""What n calls take without valgrind, under which they take fifty times as long."""
_MOST = 500
_TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)


def has_valgrind() -> bool:
    """Say whether valgrind is installed."""
    return shutil.which(VALGRIND) is not None


def choose_count(seconds: float) -> int:
    """Return how many calls are counted of a benchmark that takes so many seconds."""
    return max(1, min(_MOST, round(_SECONDS / seconds))) if seconds > 0 else _MOST


def count_instructions(
    environment: Any,
    folder: Path,
    entry: Mapping[str, Any],
    index: int,
    calls: int,
    cache: str | None,
) -> int | None:
    """Return how many instructions a call of a benchmark takes, None where that cannot be found.

    Parameters
    ----------
    environment
        asv's, of the commit.
    folder
        Of the suite.
    entry
        What asv found of the benchmark.
    index
        Of its parameter set.
    calls
        How many are counted.
    cache
        The folder that its ``setup_cache`` has written to.
    """
    from asv.util import ProcessError

    name = f"{entry['name']}-{index}" if entry["params"] else str(entry["name"])
    totals: list[int] = []
    variables = {**os.environ, **environment.env_vars}
    with tempfile.TemporaryDirectory(prefix="holdfast-") as place:
        for times in (1, 2):
            counted = Path(place) / str(times)
            command = [__file__, str(counted), str(folder), name, str(calls), str(times)]
            with contextlib.suppress(ProcessError, OSError):
                environment.run(command, cwd=cache or place, timeout=_limit(entry), env=variables)
                totals += map(int, _TOTAL.findall(counted.read_text("utf-8"))[-1:])
    if len(totals) < 2:
        return None
    return max((totals[1] - totals[0]) // calls, 1)


def _limit(entry: Mapping[str, Any]) -> float:
    return max(600.0, float(entry["timeout"]))


def _start(counted: str, *what: str) -> None:
    """Become valgrind, which runs this script again: sets and dicts have one order there."""
    os.environ["PYTHONHASHSEED"] = "0"
    command = (VALGRIND, "--tool=callgrind", f"--callgrind-out-file={counted}", "-q")
    os.execvp(VALGRIND, (*command, sys.executable, __file__, *what))


def _make_calls(folder: str, name: str, calls: str, times: str) -> None:
    from asv_runner._aux import update_sys_path
    from asv_runner.discovery import get_benchmark_from_name

    update_sys_path(folder)
    benchmark = get_benchmark_from_name(folder, name, extra_params={"number": 1})
    cache = None
    if benchmark.setup_cache_key is not None:
        cache = pickle.loads(Path("cache.pickle").read_bytes())
    benchmark.set_cache(cache)
    if benchmark.do_setup():  # it is skipped
        return
    params = benchmark._build_params()
    benchmark.func(*params)  # what only the first call does
    gc.disable()
    for number in range(2 * int(calls)):
        benchmark.do_teardown()
        benchmark.do_setup()
        if number < int(calls) * int(times):
            benchmark.func(*params)
    benchmark.do_teardown()


if __name__ == "__main__":
    del sys.path[0]  # this folder's modules are not the suite's
    (_start if len(sys.argv) == 6 else _make_calls)(*sys.argv[1:])
