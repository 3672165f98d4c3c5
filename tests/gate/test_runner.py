"""asv's own runner as the gate uses it: real processes of a small suite, forked and spawned."""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from holdfast.gate.asv.bench import AsvBench
from holdfast.gate.asv.clocks import both_clocks
from holdfast.gate.asv.discovery import discover_at_base
from holdfast.gate.asv.keep import add_to_results
from holdfast.gate.asv.library import open_asv
from holdfast.gate.asv.machine import note_machine
from holdfast.gate.asv.options import Options
from holdfast.gate.asv.plan import Plan
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import read_side
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import State
from holdfast.gate.trust.laboratory import Repository
from needs import needs_asv

pytestmark = [needs_asv, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SUITE = {
    "__init__.py": "",
    "heavy.py": "BALLAST = bytearray(b'x') * 300_000_000\n",
    "b.py": """
        import os, threading, time
        from pathlib import Path

        def note(what):
            with open(os.environ["NOTES"], "a") as file:
                file.write(f"{what} {os.getpid()}\\n")

        def time_quick():
            sum(range(100))

        def time_slow():
            note("slow")
            end = time.monotonic() + 0.6
            while time.monotonic() < end:
                pass

        def time_fails():
            raise ValueError("no such thing")

        def time_endless():
            while True:
                pass
        time_endless.timeout = 0.5

        def time_kills_its_group():
            os.killpg(os.getpgrp(), 9)

        def time_skipped():
            pass
        def skip():
            raise NotImplementedError
        time_skipped.setup = skip

        def peakmem_little():
            return bytearray(b'x') * 20_000_000

        def track_pid():
            return os.getpid()

        def timeraw_fresh():
            return "import sys; assert not any('heavy' in name for name in sys.modules)"

        def time_waits():
            threading.Event().wait(0.02)

        class Own:
            repeat, number, warmup_time = 3, 7, 0
            params = [[1, 2], ["a", "b"]]
            def time_it(self, n, s):
                sum(range(n))

        class Cached:
            def setup_cache(self):
                note("cache")
                return [1, 2, 3]
            def time_it(self, cache):
                assert cache == [1, 2, 3]

        class Broken:
            def setup_cache(self):
                raise RuntimeError("the cache cannot be made")
            def time_it(self, cache):
                pass
    """,
}


@pytest.fixture
def make_bench(tmp_path, monkeypatch):
    """Return a function that gives the suite a bench in this very Python, twice."""
    from asv.config import Config
    from asv.environment import ExistingEnvironment

    from holdfast.gate.asv.discovery import discover
    from holdfast.gate.asv.slots import Installed

    notes = tmp_path / "notes"
    notes.touch()
    monkeypatch.setenv("NOTES", str(notes))
    # Where numpy is installed, asv_runner imports it, and its BLAS starts a thread per core.
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)

    def make(launch, measure=None, **more):
        folder = tmp_path / "suite"
        folder.mkdir()
        for name, text in {**SUITE, **more}.items():
            (folder / name).write_text(textwrap.dedent(text))
        config = Config.from_json({"repo": "."})
        environment = ExistingEnvironment(config, "same", {}, {})
        installed = [Installed(commit * 40, 0, environment) for commit in "ab"]
        found = discover(installed[0], folder, 60.0)
        plan = Plan(
            Project(tmp_path / "asv.conf.json", {}),
            Policy(measure={"launch": launch, **(measure or {})}),
            "m",
        )
        return AsvBench(plan, Options({}), installed, found, None, folder), notes

    return make


LAUNCHES = ["spawn", pytest.param("forkserver", marks=pytest.mark.skipif(
    sys.platform != "linux", reason="forked on Linux alone"))]  # fmt: skip


def own_peak():
    """Return the bytes that this process has held at most; 0 where nobody inherits them."""
    if sys.platform == "win32":
        return 0
    import resource

    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("launch", LAUNCHES)
def test_each_kind_of_benchmark_is_measured_right(make_bench, launch):
    others = psutil.Process().children()  # such as the tracker that a sweep's tests leave
    bench, notes = make_bench(launch)

    def run(name, params=(), place=0):
        return bench.run(place, (f"b.{name}", params))

    with bench.new_round():
        quick = run("time_quick")
        assert quick.state is State.MEASURED
        assert len(quick.processes) == 1
        assert quick.value == min(quick.processes[0])
        # asv calls a slow benchmark twice, and the gate no more often.
        assert len(run("time_slow").processes[0]) == 1
        assert notes.read_text().count("slow") == 2
        assert run("time_fails").error == "ValueError: no such thing"
        assert run("time_endless").error == "timeout after 0.5 s"
        assert run("time_skipped").state is State.SKIPPED
        # Forked from the server it would hold the 300 MB that another module imports.
        # A process starts with the peak of the one that started it: of these tests.
        most = max(200e6, 1.1 * own_peak())
        assert 20e6 < run("peakmem_little").value < most
        pids = {run("track_pid").value, run("track_pid", place=1).value}
        assert len(pids) == 2
        assert run("timeraw_fresh").state is State.MEASURED
        assert len(run("Own.time_it", ("2", "'b'")).processes[0]) == 3
        for place in (0, 1, 0, 1):
            assert run("Cached.time_it", place=place).state is State.MEASURED
        assert notes.read_text().count("cache") == 2
        broken = run("Broken.time_it")
        assert broken.error == "setup_cache: RuntimeError: the cache cannot be made"
    bench.remove_caches()
    assert psutil.Process().children() == others


@pytest.mark.parametrize("launch", LAUNCHES)
def test_the_same_samples_say_what_the_processor_did(make_bench, launch):
    bench, _ = make_bench(launch)
    with both_clocks() as bench.clocks, bench.new_round():
        for name, params in (("time_quick", ()), ("Own.time_it", ("2", "'b'"))):
            reading = bench.run(0, (f"b.{name}", params))
            (cpu,) = reading.cpu
            # The samples of a process that was never interrupted are its CPU time.
            assert 0 < cpu <= min(reading.processes[0]) * 1.2
        waits = bench.run(0, ("b.time_waits", ()))
        assert waits.cpu[0] < min(waits.processes[0]) / 4
        assert bench.run(0, ("b.track_pid", ())).cpu == ()
        assert bench.run(0, ("b.timeraw_fresh", ())).cpu == ()
        assert list(bench.clocks.iterdir()) == []
    assert not any(name.startswith("HOLDFAST_") for name in os.environ)


@pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux alone")
def test_a_benchmark_that_kills_its_server_leaves_the_others_alone(make_bench):
    bench, _ = make_bench("forkserver")
    with bench.new_round():
        assert bench.run(0, ("b.time_kills_its_group", ())).state is State.FAILED
        assert bench.run(0, ("b.time_quick", ())).state is State.MEASURED


@pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux alone")
@pytest.mark.parametrize("threads", [0, 1])
def test_a_suite_that_starts_threads_is_not_forked(make_bench, threads):
    start = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"
    bench, _ = make_bench("auto", **{"starts.py": start * threads, "heavy.py": ""})
    with bench.new_round():
        assert [runner.forks for runner in bench._runners] == [not threads] * 2


def test_setup_caches_of_both_commits_can_be_made_at_once(make_bench):
    bench, notes = make_bench("spawn", measure={"caches": "together"})
    with bench.new_round():
        assert bench.run(0, ("b.Cached.time_it", ())).state is State.MEASURED
        assert notes.read_text().count("cache") == 2
        assert bench.run(1, ("b.Cached.time_it", ())).state is State.MEASURED
        assert bench.run(1, ("b.Broken.time_it", ())).error.endswith("cannot be made")
    assert notes.read_text().count("cache") == 2
    assert len({folder for folder, _ in bench._caches.values() if folder}) == 2
    bench.remove_caches()


def test_what_a_benchmark_sets_itself_is_left_to_it(make_bench):
    bench, _ = make_bench("spawn")
    assert bench.found.own_attributes("b.Own.time_it") == {"repeat", "warmup_time"}
    assert bench.found.own_attributes("b.time_quick") == set()
    assert bench.found.entries["b.time_endless"]["timeout"] == 0.5
    assert bench.found.entries["b.time_quick"]["timeout"] == 60.0


def test_what_is_kept_is_added_to_asvs_own_results(make_bench, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    bench, _ = make_bench("spawn")
    project = Project(tmp_path / "asv.conf.json", {"repo": "."})
    project.config.write_text('{"version": 1, "repo": ".", "results_dir": "results"}')
    note_machine("m")
    with bench.new_round():
        readings = [
            bench.run(0, (f"b.{name}", ())) for name in ("time_quick", "time_fails", "time_quick")
        ]
    outcomes = [one[1:] for one in bench.outcomes]
    with open_asv(project) as config:
        for _ in range(2):
            add_to_results(bench.plan, config, bench.installed[0], bench.found.entries, outcomes)
    (path,) = (tmp_path / "results" / "m").glob("aaaaaaaa-*.json")
    side = read_side(path)
    taken = [sample for reading in (*readings, *readings) for one in reading.processes
             for sample in one]  # fmt: skip
    stored = json.loads(path.read_text())
    row = dict(zip(stored["result_columns"], stored["results"]["b.time_quick"], strict=False))
    assert row["samples"] == [taken]
    assert side.readings["b.time_fails", ()].state is State.FAILED


def test_the_bases_own_suite_is_listed_where_it_differs(make_bench, tmp_path):
    repository = Repository(tmp_path)
    bench, _ = make_bench("spawn", **{"gone.py": "def time_gone(): pass\n"})
    folder = tmp_path / "suite"
    first = repository.commit("a suite")
    installed = replace(bench.installed[0], commit=first)
    project = Project(tmp_path / "asv.conf.json", {"repo": "."})
    assert discover_at_base(project, installed, folder, 60.0) is None
    (folder / "gone.py").write_text("def time_new(): pass\n")
    found = discover_at_base(project, installed, folder, 60.0)
    assert found is not None
    assert "gone.time_gone" in found.suite
    assert "gone.time_new" not in found.suite
    # A base whose suite cannot be imported, or that has none, says nothing of it.
    (folder / "b.py").write_text("import nothing_of_this_name\n")
    broken = replace(installed, commit=repository.commit("a suite that cannot be imported"))
    (folder / "b.py").write_text("")
    assert discover_at_base(project, broken, folder, 60.0) is None
    assert discover_at_base(project, installed, tmp_path / "elsewhere", 60.0) is None


STOPPED = """
import sys
from pathlib import Path
from holdfast.gate.asv.library import open_asv
from holdfast.gate.asv.processes import Runner
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.slots import Installed

folder, launch = Path(sys.argv[1]), sys.argv[2]
with open_asv(Project(folder / "asv.conf.json", {"repo": "."})) as config:
    from asv.environment import ExistingEnvironment
    installed = Installed("a" * 40, 0, ExistingEnvironment(config, "same", {}, {}))
    runner = Runner(installed, folder / "suite", launch)
    entry = {"name": "b.time_endless", "params": [], "timeout": 300.0, "type": "time"}
    runner.run(entry, 0, {}, None)
"""
ENDLESS = """
import os, pathlib, signal

def time_endless():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path(os.environ["NOTES"]).write_text(str(os.getpid()))
    while True:
        pass
"""


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def temporary():
    # The path of a socket must be short.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a process is ended without a word")
@pytest.mark.parametrize("launch", LAUNCHES)
@pytest.mark.parametrize(("signal", "code"), [("terminate", 143), ("interrupt", 130)])
def test_a_signal_ends_all_processes_and_leaves_no_file(tmp_path, temporary, launch, signal, code):
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "__init__.py").touch()
    (tmp_path / "suite" / "b.py").write_text(ENDLESS)
    (tmp_path / "asv.conf.json").write_text('{"version": 1, "repo": "."}')
    notes = tmp_path / "notes"
    environment = {**os.environ, "NOTES": str(notes), "TMPDIR": str(temporary)}
    program = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(tmp_path), launch], env=environment, cwd=tmp_path,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: notes.exists() and notes.read_text())
    benchmark = psutil.Process(int(notes.read_text()))
    program.send_signal({"terminate": 15, "interrupt": 2}[signal])
    _, said = program.communicate(timeout=60)
    assert program.returncode == (code if signal == "terminate" else -2), said
    assert not benchmark.is_running() or benchmark.status() == psutil.STATUS_ZOMBIE
    assert [path.name for path in temporary.iterdir() if "holdfast" in path.name] == []
