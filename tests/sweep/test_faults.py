"""Faults of a real kind: strategies that kill their worker, or the whole sweep, and Ctrl-C."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from joblib.externals.loky import get_reusable_executor

from holdfast.errors import UsageError, WorkerLost
from holdfast.layers import Layers
from holdfast.sweep import grid, walk_forward

from .averages import DATES, GRID, averages

OPTIONS = {"workers": 2, **DATES}


@pytest.fixture(scope="module", autouse=True)
def _no_worker_outlives_the_tests():
    yield
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


class Notes:
    """What backtests in other processes leave behind: one line for each that was begun."""

    def __init__(self, folder):
        self.path = Path(folder) / "notes"

    def add(self, text):
        with self.path.open("a") as file:
            file.write(f"{text}\n")

    def read(self):
        return self.path.read_text().split("\n")[:-1] if self.path.exists() else []


def killing(notes, victim, times):
    """Return averages that notes its runs; `victim` kills its worker the first `times` times."""

    def strategy(fast, slow):
        name = f"{fast} {slow}"
        notes.add(name)
        if name == victim and notes.read().count(name) <= times:
            os.kill(os.getpid(), signal.SIGKILL)
        return averages(fast, slow)

    return strategy


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL], ids=["cold", "warm"])
def test_a_killed_worker_costs_a_retry_of_what_was_unfinished(tmp_path, daily_bundle, layers):
    many = {"fast": list(range(2, 9)), "slow": list(range(10, 20))}
    notes, journal, finished = Notes(tmp_path), tmp_path / "rows.jsonl", tmp_path / "finished"

    def dies_once(fast, slow):
        notes.add(f"fast={fast}, slow={slow}")
        if (fast, slow) == (3, 15) and not finished.exists():
            while journal.read_bytes().count(b"\n") < 10:
                pass
            finished.write_bytes(journal.read_bytes())
            os.kill(os.getpid(), signal.SIGKILL)
        return averages(fast, slow)

    options = {"bundle": daily_bundle, "layers": layers, **OPTIONS}
    table = grid(dies_once, many, resume=journal, **options)
    here = grid(averages, many, **(options | {"workers": 1}))
    pd.testing.assert_frame_equal(table, here, check_exact=True)
    runs = notes.read()
    assert runs.count("fast=3, slow=15") == 2
    rows = [json.loads(line) for line in finished.read_text().splitlines()[1:]]
    assert len(rows) >= 9
    assert all(runs.count(row["backtest"].split(" ", 1)[1]) == 1 for row in rows)


def test_a_set_that_always_kills_its_worker_is_named(tmp_path, daily_bundle):
    strategy = killing(Notes(tmp_path), "5 20", times=99)
    journal = tmp_path / "rows.jsonl"
    with pytest.raises(WorkerLost, match=r"fast=5, slow=20 killed its worker 3 times"):
        grid(strategy, GRID, bundle=daily_bundle, resume=journal, **OPTIONS)
    assert all("fast=5, slow=20" not in line for line in journal.read_text().splitlines())
    # The next sweep has new workers.
    assert grid(averages, GRID, bundle=daily_bundle, **OPTIONS)["error"].isna().all()


_SWEEP = """
import os, signal, sys, time
from holdfast.sweep import grid

def strategy(number):
    if number == int(os.environ["VICTIM"]):  # not a global, which would be another strategy
        os.kill(int(os.environ["SWEEP"]), signal.SIGKILL)
        while True:  # a worker may not finish what the sweep did not live to see
            pass
    return (lambda context: None), (lambda context, data: None)

if __name__ == "__main__":
    bundle, resume, workers, os.environ["VICTIM"] = sys.argv[1:]
    os.environ["SWEEP"] = str(os.getpid())
    table = grid(strategy, {"number": range(12)}, bundle=bundle, start="2023-03-01",
                 end="2023-03-10", workers=int(workers), resume=resume)
    print(table["number"].tolist(), table["error"].isna().all())
"""


@pytest.mark.parametrize("workers, victims", [(1, (3, 9)), (2, (9,))])
def test_a_sweep_goes_on_where_it_was_killed(tmp_path, daily_bundle, workers, victims):
    script, journal = tmp_path / "sweep.py", tmp_path / "rows.jsonl"
    script.write_text(_SWEEP)

    def run(victim):
        command = [sys.executable, script, daily_bundle, journal, str(workers), str(victim)]
        # To files, for the workers of a sweep that was killed hold a pipe open for a moment.
        with (tmp_path / "said").open("w") as said, (tmp_path / "noise").open("w") as noise:
            sweep = subprocess.Popen(command, stdout=said, stderr=noise, start_new_session=True)
            code = sweep.wait()
        wait_for(lambda: not processes_of(sweep.pid))
        return code, (tmp_path / "said").read_text()

    kept = ""
    for victim in victims:
        assert run(victim)[0] == -signal.SIGKILL
        lines = journal.read_text()
        assert lines.startswith(kept) and lines.endswith("\n")
        kept = lines
    if workers == 1:
        assert len(kept.splitlines()) == 1 + 9
    whole = (0, f"{list(range(12))} True\n")
    assert run(-1) == whole
    after = journal.read_text()
    assert after.startswith(kept) and len(after.splitlines()) == 1 + 12
    if workers == 1:
        assert run(-1) == whole and journal.read_text() == after


def test_rows_from_a_file_equal_rows_from_workers(tmp_path, daily_bundle):
    options = {"bundle": daily_bundle, "resume": tmp_path / "rows.jsonl", **OPTIONS}
    first = grid(averages, GRID, **options)
    pd.testing.assert_frame_equal(grid(averages, GRID, **options), first, check_exact=True)
    more = grid(averages, GRID | {"fast": [1, *GRID["fast"]]}, **options)
    assert len(more) == 8 and more["error"].isna().all()
    pd.testing.assert_frame_equal(more[2:].reset_index(drop=True), first, check_exact=True)


def test_a_walk_goes_on_too(tmp_path, daily_bundle):
    span = {"start": "2023-03-01", "end": "2023-12-29", "n_splits": 2, "test_size": 40}
    notes = Notes(tmp_path)
    options = {"bundle": daily_bundle, "workers": 1, "resume": tmp_path / "rows.jsonl", **span}
    first = walk_forward(killing(notes, "", 0), GRID, **options)
    assert len(notes.read()) == 2 * 6 + 2
    again = walk_forward(killing(notes, "", 0), GRID, **options)
    assert len(notes.read()) == 2 * 6 + 2
    pd.testing.assert_frame_equal(again, first, check_exact=True)


def test_a_file_of_another_sweep_is_refused(tmp_path, daily_bundle, minute_bundle):
    path = tmp_path / "rows.jsonl"
    options = {"bundle": daily_bundle, "resume": path, "workers": 1, **DATES}
    grid(averages, {"fast": [2], "slow": [10]}, **options)
    kept = path.read_bytes()

    def refused(match, strategy=averages, **changes):
        with pytest.raises(UsageError, match=match):
            grid(strategy, GRID, **(options | changes))
        assert path.read_bytes() == kept

    refused("its end is '2023-06-30', here it is '2023-06-29'", end="2023-06-29")
    refused("its capital base is", capital_base=5e6)
    refused("its strategy is", strategy=killing(Notes(tmp_path), "", 0))
    nov = {"start": "2023-11-20", "end": "2023-11-27"}
    refused("its bundle version is", bundle=minute_bundle, **nov)
    path.write_bytes(kept + b"{}\n")
    kept = path.read_bytes()
    refused("line 3 of .* was not written by a sweep")


def test_a_torn_last_line_is_dropped_wherever_it_tore(tmp_path, daily_bundle):
    path = tmp_path / "rows.jsonl"
    options = {"bundle": daily_bundle, "resume": path, "workers": 1, **DATES}
    whole = grid(averages, {"fast": [2], "slow": [10]}, **options)
    written = path.read_bytes()
    ends = [at for at, byte in enumerate(written) if byte == ord("\n")]
    for cut in (0, 1, ends[0], ends[0] + 1, ends[0] + 2, len(written) // 2, ends[1]):
        path.write_bytes(written[:cut])
        again = grid(averages, {"fast": [2], "slow": [10]}, **options)
        pd.testing.assert_frame_equal(again, whole, check_exact=True)
        assert path.read_bytes() == written


_ENDLESS = """
import os
from pathlib import Path

def strategy(number):
    def handle_data(context, data):
        Path(os.environ["BUSY"], str(os.getpid())).touch()
        while True:
            pass
    return (lambda context: None), handle_data
"""


def processes_of(group):
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        try:
            alive = process.info["status"] != psutil.STATUS_ZOMBIE
            if alive and os.getpgid(process.info["pid"]) == group:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


@pytest.fixture
def busy(tmp_path, monkeypatch):
    """Return a function that counts the workers that have come to the endless bar."""
    folder = tmp_path / "busy"
    folder.mkdir()
    monkeypatch.setenv("BUSY", str(folder))
    return lambda: len([*folder.iterdir()])


@pytest.fixture
def start():
    """Start a process as a shell in a terminal does: its own group, in which Ctrl-C works.

    A job in the background ignores Ctrl-C, and so does all that it starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    groups = []

    def started(command, **options):
        process = subprocess.Popen(command, text=True, start_new_session=True, **options)
        groups.append(process.pid)
        return process

    yield started
    signal.signal(signal.SIGINT, before)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


@pytest.mark.parametrize("to", ["all", "parent"])
def test_ctrl_c_leaves_no_process_and_no_shared_file(tmp_path, daily_bundle, start, busy, to):
    strategy = tmp_path / "endless.py"
    strategy.write_text(_ENDLESS)
    command = [sys.executable, "-m", "holdfast", "sweep", strategy, "--grid", "number=1:9"]
    dates = ["--bundle", daily_bundle, "--start", DATES["start"], "--end", DATES["end"]]
    sweep = start([*command, *dates, "--workers", "2"], stderr=subprocess.PIPE)
    memory = Path("/dev/shm")

    def shared():
        return [path.name for path in memory.iterdir() if str(sweep.pid) in path.name]

    wait_for(lambda: busy() == 2)
    assert any(name.startswith("holdfast-shared-") for name in shared())
    if to == "all":  # as a terminal does
        os.killpg(sweep.pid, signal.SIGINT)
    else:
        sweep.send_signal(signal.SIGINT)
    said = sweep.communicate(timeout=60)[1]
    assert sweep.returncode == 130
    assert said.endswith("holdfast: interrupted\n")
    wait_for(lambda: not processes_of(sweep.pid) and not shared())


def test_after_a_kill_a_worker_without_a_task_ends_too(tmp_path, daily_bundle, start, busy):
    """Two endless backtests on three workers: one of them waits."""
    strategy = tmp_path / "endless.py"
    strategy.write_text(_ENDLESS)
    command = [sys.executable, "-m", "holdfast", "sweep", strategy, "--grid", "number=1:2"]
    dates = ["--bundle", daily_bundle, "--start", DATES["start"], "--end", DATES["end"]]
    with (tmp_path / "noise").open("w") as noise:
        sweep = start([*command, *dates, "--workers", "3"], stderr=noise)

    def workers():
        return [one for one in processes_of(sweep.pid) if one.pid != sweep.pid]

    wait_for(lambda: busy() == 2 and len(workers()) >= 3)
    sweep.kill()
    sweep.wait()
    wait_for(lambda: not workers())


@pytest.mark.parametrize("layers", ["all", "none"])
def test_after_a_kill_of_the_sweep_its_workers_end_and_nothing_is_left(
    tmp_path, daily_bundle, start, busy, layers
):
    strategy = tmp_path / "endless.py"
    strategy.write_text(_ENDLESS)
    command = [sys.executable, "-m", "holdfast", "sweep", strategy, "--grid", "number=1:9"]
    dates = ["--bundle", daily_bundle, "--start", DATES["start"], "--end", DATES["end"]]
    environment = os.environ | {"HOLDFAST_LAYERS": layers}
    with (tmp_path / "noise").open("w") as noise:
        sweep = start([*command, *dates, "--workers", "2"], stderr=noise, env=environment)
    wait_for(lambda: busy() == 2)
    copies = list(Path("/dev/shm").glob(f"holdfast-shared-{sweep.pid}-*"))
    assert len(copies) == (layers == "all")
    sweep.kill()
    sweep.wait()
    wait_for(lambda: not processes_of(sweep.pid))
    assert not any(copy.exists() for copy in copies)


_NOTEBOOK = """
import os, sys
from pathlib import Path
import psutil
from holdfast.sweep import grid

def strategy(number):
    def handle_data(context, data):
        while number:
            Path(os.environ["BUSY"], str(os.getpid())).touch()
    return (lambda context: None), handle_data

def sweep(numbers):
    return grid(strategy, {"number": numbers}, bundle=sys.argv[1], start="2023-03-01",
                end="2023-03-10", workers=2)

if __name__ == "__main__":
    try:
        sweep([1, 2])
    except KeyboardInterrupt:
        children = [" ".join(one.cmdline()) for one in psutil.Process().children()]
        print(sum("popen_loky" in one for one in children))
        print(len(list(Path("/dev/shm").glob(f"holdfast-shared-{os.getpid()}-*"))))
        print(sweep([0, 0])["error"].tolist())
"""


def test_after_ctrl_c_a_notebook_has_nothing_left_and_can_sweep_again(
    tmp_path, daily_bundle, start, busy
):
    script = tmp_path / "notebook.py"
    script.write_text(_NOTEBOOK)
    sweep = start([sys.executable, script, daily_bundle], stdout=subprocess.PIPE)
    wait_for(lambda: busy() == 2)
    os.killpg(sweep.pid, signal.SIGINT)
    assert sweep.communicate(timeout=60)[0] == "0\n0\n[None, None]\n"


def test_a_row_in_the_file_is_one_json_line(tmp_path, daily_bundle):
    path = tmp_path / "rows.jsonl"
    grid(averages, {"fast": [2], "slow": [10]}, bundle=daily_bundle, resume=path, **OPTIONS)
    header, row = map(json.loads, path.read_text().splitlines())
    assert header["holdfast_sweep"] == 1 and header["start"] == DATES["start"]
    assert row["backtest"] == "2023-03-01..2023-06-30 fast=2, slow=10"
    assert row["row"]["transactions"] > 0 and row["row"]["error"] is None
