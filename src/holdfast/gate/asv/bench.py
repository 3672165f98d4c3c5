"""Commits side by side, ready to be measured: who runs what, in which process."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from holdfast.gate.asv.clocks import both_clocks, read_cpu
from holdfast.gate.asv.cpu_load import foreign_work
from holdfast.gate.asv.discovery import Discovered, discover, discover_at_base
from holdfast.gate.asv.instructions import count_instructions
from holdfast.gate.asv.keep import add_to_results
from holdfast.gate.asv.library import open_asv
from holdfast.gate.asv.machine import note_machine
from holdfast.gate.asv.options import Options, read_options
from holdfast.gate.asv.packages import diff_packages, list_packages
from holdfast.gate.asv.plan import Bench, Plan, Progress
from holdfast.gate.asv.processes import Runner, make_caches, to_reading
from holdfast.gate.asv.slots import Installed, install
from holdfast.gate.core.readings import Key, Reading, Side, Suite

_BRIEF = {"repeat": (1, 10, 0.1), "sample_time": 0.002, "warmup_time": 0.02}
_USUAL = {"repeat": (1, 30, 0.4), "sample_time": 0.002, "warmup_time": 0.1}
"""At least one sample beside the call that finds the number: a slow benchmark is called twice, as
often as asv calls it."""
_AT_LEAST = 5
"""Samples of a benchmark that is known to be quick enough for them."""
_QUICK = 2.0
"""Seconds that so many samples may take."""


@contextlib.contextmanager
def open_bench(plan: Plan, commits: Sequence[str], progress: Progress) -> Iterator[Bench]:
    """Install commits side by side, list the suite once, and give what measures them."""
    with open_asv(plan.project) as config:
        machine = note_machine(plan.machine)
        installed = install(plan, config, commits, progress)
        folder = plan.project.folder("benchmark_dir")
        timeout = float(config.default_benchmark_timeout)
        environment = installed[-1].environment.name
        if environment not in plan.listed:
            progress("listing the benchmarks")
            plan.listed[environment] = discover(installed[-1], folder, timeout)
        base = None
        if plan.compare_suites:
            base = discover_at_base(plan.project, installed[0], folder, timeout)
        options = read_options(plan.options)
        bench = AsvBench(plan, options, installed, plan.listed[environment], base, folder, machine)
        try:
            with both_clocks() as bench.clocks:
                yield bench
            if plan.keep:
                for place, each in enumerate(installed):
                    mine = [one[1:] for one in bench.outcomes if one[0] == place]
                    add_to_results(plan, config, each, bench.found.entries, mine)
        finally:
            bench.remove_caches()


def list_suite(plan: Plan, commit: str, progress: Progress) -> Suite:
    """Return the benchmarks, as they are listed with one commit."""
    plan = replace(plan, compare_suites=False)
    with (plan.open or open_bench)(plan, [commit], progress) as bench:
        return bench.suite


@dataclass(slots=True)
class AsvBench:
    """Commits that are measured by asv's own runner."""

    plan: Plan
    options: Options
    installed: Sequence[Installed]
    found: Discovered
    base: Discovered | None
    folder: Path
    machine: Mapping[str, str] = field(default_factory=dict)
    """What asv knows of the machine."""
    launch: str = ""
    clocks: Path | None = None
    """Where each process leaves its CPU times."""
    outcomes: list[tuple[int, str, int, Any]] = field(default_factory=list)
    """asv's own results: of which commit, which benchmark, which parameter set."""
    _runners: list[Runner] = field(default_factory=list)
    _caches: dict[tuple[int, str], tuple[str | None, str]] = field(default_factory=dict)
    _quick: set[Key] = field(default_factory=set)
    """What is quick enough for several samples in each process."""
    _found_quick: set[Key] = field(default_factory=set)
    """The same, of this round: both commits of a pair are sampled in the same way."""

    @property
    def suite(self) -> Suite:
        """What the suite of the working tree holds."""
        return self.found.suite

    @property
    def base_suite(self) -> Suite | None:
        """What the base's own suite holds, None where it is the same."""
        return self.base.suite if self.base else None

    @property
    def sides(self) -> Sequence[Side]:
        """A side for each commit, without readings."""
        return [self._side(each) for each in self.installed]

    @property
    def remarks(self) -> Sequence[str]:
        """In what the packages of base and head differ, if they do."""
        project = str(self.plan.project.settings.get("project", ""))
        base, head = (
            list_packages(self.installed[place].environment, project) for place in (0, -1)
        )
        return [one] if (one := diff_packages(base, head)) else []

    @contextlib.contextmanager
    def new_round(self) -> Iterator[None]:
        """Start the servers anew: children of one share the layout of its memory."""
        self._quick |= self._found_quick
        wanted = self.options.launch_method or self.plan.policy.measure.get("launch", "auto")
        try:
            self._start_runners(self.launch or wanted)
            yield
        finally:
            for runner in self._runners:
                runner.close()
            self._runners.clear()

    def _start_runners(self, launch: str) -> None:
        """Start a runner for each commit, all at once; all of them fork, or none does."""
        with ThreadPoolExecutor(len(self.installed)) as pool:
            start = partial(Runner, folder=self.folder, launch=launch)
            self._runners += pool.map(start, self.installed)
        if launch == "auto" and not all(runner.forks for runner in self._runners):
            self.launch = "spawn"
            while self._runners:
                self._runners.pop().close()
            self._start_runners("spawn")

    def run(self, place: int, key: Key, *, brief: bool = False) -> Reading:
        """Measure one benchmark in a new process of the commit at that place."""
        entry = self.found.entries[key[0]]
        cache, error = self._cache(place, entry)
        if error:
            return Reading(None, version=self._version(place, key[0]), error=error)
        index = self._index(key)
        began = time.monotonic()
        outcome = self._runners[place].run(entry, index, self._attributes(key, brief), cache)
        self.outcomes.append((place, key[0], index, outcome))
        reading = self._add_cpu(to_reading(outcome, index, entry), outcome.number[index])
        self._note_speed(key, reading, time.monotonic() - began)
        return replace(reading, version=self._version(place, key[0]))

    def now(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def foreign_work(self) -> float:
        """Return the CPU seconds that other programs have used so far."""
        return foreign_work()

    def profile(self, place: int, keys: Sequence[Key]) -> str:
        """Profile the parameter sets of one benchmark; return it as asv would store it."""
        from asv.runner import Spawner, run_benchmark

        entry = self.found.entries[keys[0][0]]
        cache, error = self._cache(place, entry)
        if error:
            return ""
        spawner = Spawner(self.installed[place].environment, str(self.folder))
        chosen = set(map(self._index, keys)) if entry["params"] else None
        attributes = self._attributes(keys[0], brief=True)
        with _fixed_hashes():
            outcome = run_benchmark(entry, spawner, True, chosen, attributes, cache)
        return base64.b64encode(zlib.compress(outcome.profile)).decode() if outcome.profile else ""

    def count_instructions(self, place: int, key: Key, calls: int) -> int | None:
        """Count the instructions of some calls under valgrind."""
        entry = self.found.entries[key[0]]
        cache, error = self._cache(place, entry)
        if error or entry.get("type") != "time":
            return None
        environment = self.installed[place].environment
        return count_instructions(environment, self.folder, entry, self._index(key), calls, cache)

    def remove_caches(self) -> None:
        """Remove what the suite's ``setup_cache`` functions wrote."""
        for folder, _ in self._caches.values():
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _attributes(self, key: Key, brief: bool) -> dict[str, Any]:
        """Return how to sample: the gate's own way, but for what the benchmark sets itself."""
        wanted: dict[str, Any] = dict(_BRIEF if brief else _USUAL)
        if not brief and key in self._quick:
            wanted["repeat"] = (_AT_LEAST, *wanted["repeat"][1:])
        own = self.found.own_attributes(key[0])
        ours = {name: value for name, value in wanted.items() if name not in own}
        return {**ours, **self.options.attributes}

    def _add_cpu(self, reading: Reading, number: int | None) -> Reading:
        if not (self.clocks and number and reading.processes):
            return reading
        cpu = read_cpu(self.clocks, reading.processes[0], number)
        return reading if cpu is None else replace(reading, cpu=(cpu,))

    def _note_speed(self, key: Key, reading: Reading, seconds: float) -> None:
        taken = len(reading.processes[0]) if reading.processes else 0
        if 0 < taken < _AT_LEAST and seconds * _AT_LEAST / taken < _QUICK:
            self._found_quick.add(key)

    def _cache(self, place: int, entry: Mapping[str, Any]) -> tuple[str | None, str]:
        """Return the folder of a benchmark's setup_cache, made once for each commit."""
        name = entry.get("setup_cache_key")
        if name is None:
            return None, ""
        if (place, name) not in self._caches:
            # A suite's setup_cache may write where another's does, so only if the policy says so.
            together = self.plan.policy.measure.get("caches") == "together"
            places = range(len(self.installed)) if together else [place]
            made = make_caches([self.installed[each] for each in places], self.folder, entry)
            self._caches |= {(each, name): one for each, one in zip(places, made, strict=True)}
        return self._caches[place, name]

    def _index(self, key: Key) -> int:
        sets = product(*self.found.suite[key[0]].params)
        return next(index for index, params in enumerate(sets) if params == key[1])

    def _version(self, place: int, name: str) -> str:
        if place == 0 and self.base and name in self.base.entries:
            return self.base.version(name)
        return self.found.version(name)

    def _side(self, installed: Installed) -> Side:
        from asv.results import get_filename

        environment = installed.environment
        facts = {**self.machine, **environment.requirements}
        facts["python"] = environment.python
        name = get_filename(self.plan.machine, installed.commit, environment.name)
        path = self.plan.project.folder("results_dir") / name
        return Side(
            installed.commit, self.plan.machine, environment.name, facts,
            path=path, date=installed.date,
        )  # fmt: skip


@contextlib.contextmanager
def _fixed_hashes() -> Iterator[None]:
    """Give the sets of a profiled process one order, or what it calls would differ by chance."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = "0"
    try:
        yield
    finally:
        del os.environ["PYTHONHASHSEED"]
        if before is not None:
            os.environ["PYTHONHASHSEED"] = before
