"""What the system refuses is one line and exit code 2, and leaves nothing half written."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.data.ingest import synthetic_bars
from support.command_line import run_here as holdfast
from support.command_line import start

DATES = ("--start", "2023-02-01", "--end", "2023-02-28")
STRATEGY = "def handle_data(context, data):\n    pass\n"
SWEEP = "def strategy(number):\n    return (lambda context: None), (lambda context, data: None)\n"


def assert_one_line(ran, *words):
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.startswith("holdfast: ") and ran.stderr.count("\n") == 1, ran.stderr
    assert all(word in ran.stderr for word in words), ran.stderr


@pytest.fixture
def files(tmp_path, daily_bundle):
    (tmp_path / "run.py").write_text(STRATEGY)
    (tmp_path / "sweep.py").write_text(SWEEP)
    run = ("run", tmp_path / "run.py", "--bundle", daily_bundle, *DATES)
    sweep = ("sweep", tmp_path / "sweep.py", "--bundle", daily_bundle, *DATES)
    return run, (*sweep, "--grid", "number=1:3", "--workers", "1")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
def test_output_to_a_full_disk(files):
    for command in (*files, (*files[0], "--json")):
        with open("/dev/full", "w") as full:  # noqa: PTH123
            ran = start(*command, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        assert_one_line(ran, "No space left on device")


def limit_files(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [1000, 20_000])
def test_a_disk_that_fills_during_an_ingest_leaves_the_old_version(tmp_path, daily_bundle, size):
    synthetic_bars(3, "2023-01-03", "2023-12-29", seed=9).to_csv(tmp_path / "bars.csv", index=False)
    bundle = tmp_path / "bundle"
    subprocess.run(["cp", "-r", daily_bundle, bundle], check=True)
    before = {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    script = (
        "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "from holdfast.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "ingest", tmp_path / "bars.csv", "--bundle", bundle]
    ran = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit_files(size))
    assert_one_line(ran)
    assert {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()} == before


def test_a_folder_where_a_file_is_expected_and_the_other_way_round(tmp_path, files):
    run, sweep = files
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "file").write_text("x")
    for command in (
        (*run, "--output", tmp_path / "folder.csv"),
        (*sweep, "--csv", tmp_path / "folder.csv"),
        (*sweep, "--resume", tmp_path / "folder.csv"),
        ("run", tmp_path / "folder.py", *run[2:]),
        ("ingest", tmp_path / "folder.csv", "--bundle", tmp_path / "b"),
        ("ingest", tmp_path / "file", "--bundle", tmp_path / "b"),
        ("synthesize", "--bundle", tmp_path / "file", *DATES),
        ("synthesize", "--bundle", tmp_path / "file" / "b", *DATES),
        (*run[:2], "--bundle", tmp_path / "file", *DATES),
        (*run[:2], "--bundle", tmp_path / ("x" * 300), *DATES),
    ):
        assert_one_line(holdfast(*command))
    assert list((tmp_path / "folder.csv").iterdir()) == []
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    ran = holdfast("synthesize", "--bundle", tmp_path / "closed" / "b", *DATES)
    assert_one_line(ran, "Permission denied")


@pytest.mark.parametrize(
    "error, words",
    [
        ("MemoryError()", "line 1, in <module>: MemoryError"),
        ("RecursionError('too deep')", "line 1, in <module>: RecursionError: too deep"),
    ],
)
def test_memory_and_recursion_of_a_strategy_name_its_line(tmp_path, files, error, words):
    (tmp_path / "run.py").write_text(f"raise {error}\n")
    ran = holdfast(*files[0])
    assert ran.returncode == 2 and words in ran.stderr and "Traceback" not in ran.stderr
