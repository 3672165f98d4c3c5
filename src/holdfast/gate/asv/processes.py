"""Run one benchmark in one process of one commit, through asv's own runner."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.slots import Installed
from holdfast.gate.core.readings import Reading, is_number

_FORKED_TYPES = ("time", "track")
"""The rest starts anew: a forked process holds the memory of all that the suite imports."""
_FORK_SAFE_THREADS = ("jemalloc_bg_thd",)
"""What starts itself anew after a fork: jemalloc's, which pyarrow and so pandas bring."""
_TIMEOUT_CODE = -256  # asv.util.TIMEOUT_RETCODE


class Runner:
    """Starts the processes of one commit, for one round: forked from a server, or spawned.

    Parameters
    ----------
    launch
        ``"spawn"``, ``"forkserver"``, or ``"auto"``: forked where that is safe, which is where
        the import of the suite leaves one thread behind, or but those that survive a fork.
    """

    def __init__(self, installed: Installed, folder: Path, launch: str) -> None:
        from asv.runner import Spawner

        self._spawner = Spawner(installed.environment, str(folder))
        self._server = _start_server(installed, folder, launch) if launch != "spawn" else None

    @property
    def forks(self) -> bool:
        """Whether timed benchmarks are forked."""
        return self._server is not None

    def run(
        self, entry: Mapping[str, Any], index: int, attributes: Mapping[str, Any], cwd: str | None
    ) -> Any:
        """Return asv's result of a benchmark with the parameter set of that index."""
        from asv import util
        from asv.runner import fail_benchmark, run_benchmark

        forked = self._server is not None and entry.get("type") in _FORKED_TYPES
        spawner = self._server if forked else self._spawner
        chosen = {index} if entry["params"] else None
        try:
            return run_benchmark(entry, spawner, False, chosen, dict(attributes), cwd)
        except (util.UserError, OSError, RuntimeError) as error:
            # The benchmark took its server along; the others of this round are spawned.
            self.close()
            self._server = None
            said = f"the benchmark ended the process it runs in ({last_line(str(error))})"
            return fail_benchmark(entry, stderr=said)

    def close(self) -> None:
        """End the server, if there is one."""
        if self._server is not None:
            _end_server(self._server)


def make_caches(
    installed: Sequence[Installed], folder: Path, entry: Mapping[str, Any]
) -> list[tuple[str | None, str]]:
    """Let asv run a ``setup_cache`` in some commits at once: nothing is timed meanwhile.

    Returns
    -------
    list of tuple
        For each commit the folder, or None and why it failed.
    """
    if len(installed) == 1:
        return [_make_cache(installed[0], folder, entry)]
    with ThreadPoolExecutor(len(installed)) as pool:
        made = [pool.submit(_make_cache, each, folder, entry) for each in installed]
        try:
            return [one.result() for one in made]
        except BaseException:  # a signal: the threads end when their processes do
            for child in psutil.Process().children():
                child.kill()
            raise


def _make_cache(
    installed: Installed, folder: Path, entry: Mapping[str, Any]
) -> tuple[str | None, str]:
    from asv.runner import Spawner

    spawner = Spawner(installed.environment, str(folder))
    timeout = entry.get("setup_cache_timeout", entry["timeout"])
    made, output = spawner.create_setup_cache(entry["name"], timeout, json.dumps({}))
    return made, "" if made else f"setup_cache: {last_line(output or '')}"


def to_reading(outcome: Any, place: int, entry: Mapping[str, Any]) -> Reading:
    """Return what asv's result of one process says, with the last line of its error."""
    value, samples = outcome.result[place], outcome.samples[place]
    version = str(entry.get("version", ""))
    if value is None:
        timed_out = outcome.errcode == _TIMEOUT_CODE
        said = last_line(outcome.stderr) or f"exit code {outcome.errcode}"
        error = f"timeout after {entry['timeout']:g} s" if timed_out else said
        return Reading(None, version=version, error=error)
    if samples is not None:
        kept = tuple(map(float, samples))
        return Reading(min(kept), (kept,), version=version)
    processes = ((value,),) if is_number(value) else ()
    return Reading(value, processes, version=version)


def last_line(output: str) -> str:
    """Return the last line of an error that says something, without asv's own remark."""
    lines = [line.strip() for line in output.splitlines()]
    said = [line for line in lines if line and not line.startswith("asv: ")]
    return (said or [line for line in lines if line] or [""])[-1][:200]


def _start_server(installed: Installed, folder: Path, launch: str) -> Any:
    """Return asv's fork server with the suite imported, None where forking is not safe."""
    from asv.runner import ForkServer

    if launch == "auto" and sys.platform != "linux":
        return None
    try:
        server = ForkServer(installed.environment, str(folder))
    except (OSError, RuntimeError) as error:
        # Its socket's path may be too long, for one: TMPDIR is part of it.
        if launch == "auto":
            return None
        raise NothingMeasured(
            f"asv's fork server does not start ({error}); set launch = 'spawn' in the policy"
        ) from error
    imported, _ = server.preimport()
    if launch == "forkserver" or (imported and _is_fork_safe(server.server_proc.pid)):
        return server
    _end_server(server)
    return None


def _is_fork_safe(pid: int) -> bool:
    """Say whether a process has no thread but its first: a fork would lose the others."""
    names = []
    for thread in psutil.Process(pid).threads():
        path = Path(f"/proc/{pid}/task/{thread.id}/comm")
        names.append(path.read_text("utf-8").strip() if thread.id != pid else "")
    return set(names) <= {"", *_FORK_SAFE_THREADS}


def _end_server(server: Any) -> None:
    # asv would ask it first and wait; nothing of it is needed any more.
    if server.server_proc.poll() is None:
        os.killpg(server.server_proc.pid, signal.SIGKILL)
        server.server_proc.wait()
    server.interrupt()
    server.close()
