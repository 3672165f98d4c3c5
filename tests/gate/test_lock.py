"""Two checks in one project: the second one says whom it waits for, and waits."""

import os
import signal
import subprocess
import sys

import pytest

from holdfast.gate.asv.lock import hold
from holdfast.gate.asv.project import find_project
from needs import needs

pytestmark = needs("filelock")

HOLD = """
import sys
from pathlib import Path
from holdfast.gate.asv.lock import hold
from holdfast.gate.asv.project import find_project

with hold(find_project(Path(sys.argv[1])), lambda line: print(line, flush=True)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts another process which takes the lock."""
    (tmp_path / "asv.conf.json").write_text("{}")
    started = []

    def begin():
        command = [sys.executable, "-c", HOLD, str(tmp_path / "asv.conf.json")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, **pipes))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_the_second_names_the_first_and_waits_for_it(start, tmp_path):
    first = start()
    assert first.stdout.readline() == "held\n"
    second = start()
    said = f"another check (process {first.pid}) is measuring in this project; waiting for it\n"
    assert second.stdout.readline() == said
    first.stdin.close()
    assert second.stdout.readline() == "held\n"
    assert first.wait() == 0
    assert int((tmp_path / ".holdfast" / "lock.pid").read_text()) == second.pid


def test_a_holder_that_was_killed_holds_nothing(start, tmp_path):
    first = start()
    assert first.stdout.readline() == "held\n"
    os.kill(first.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    first.wait()
    said = []
    with hold(find_project(tmp_path / "asv.conf.json"), said.append):
        assert said == []
        pid = (tmp_path / ".holdfast" / "lock.pid").read_text()
    assert int(pid) == os.getpid()
    assert not (tmp_path / ".holdfast" / "lock.pid").exists()
