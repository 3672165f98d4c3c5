"""Commits that run as fast as a test says: what decides is tested without minutes of measuring."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from holdfast.gate.asv.plan import Plan
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.slots import CannotInstall
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Benchmark, Reading, Side, Suite

from .trees import BASE

SAMPLES = (1.0, 2.0)


@dataclass
class FakeBench:
    """A bench over a table of speeds; a speed of 0 fails, one of None cannot be installed."""

    speeds: dict
    units: dict = field(default_factory=dict)
    base_suite: Suite | None = None
    calls: list = field(default_factory=list)
    """Every process: the commit, and the benchmark's name."""
    opened: list = field(default_factory=list)
    limit: int | None = None
    seconds: dict = field(default_factory=dict)
    """By name: what a process takes; "" is the start of a round."""
    time: float = 0.0
    commits: tuple = ()
    folder: Path = Path()
    work: Iterator = field(default_factory=lambda: count(step=0))

    @contextlib.contextmanager
    def __call__(self, plan, commits, progress):
        if any(None in self.speeds[commit].values() for commit in commits):
            raise CannotInstall(f"{commits} cannot be installed")
        self.commits = tuple(commits)
        self.opened.append(self.commits)
        yield self

    @property
    def suite(self):
        names = self.speeds[self.commits[-1]]
        return Suite({name: Benchmark(self.units.get(name, "seconds")) for name in names})

    @property
    def sides(self):
        return [Side(commit, "m1", "env-py3") for commit in self.commits]

    @property
    def remarks(self):
        return ()

    @contextlib.contextmanager
    def new_round(self):
        self.time += self.seconds.get("", 0.0)
        yield

    def run(self, place, key, *, brief=False):
        if len(self.calls) == self.limit:
            raise KeyboardInterrupt
        commit = self.commits[place]
        self.calls.append((commit, key[0]))
        self.time += self.seconds.get(key[0], 1.0) * (0.5 if brief else 1.0)
        speed = self.speeds[commit].get(key[0], 0)
        value = next(speed) if isinstance(speed, Iterator) else speed
        if not value:
            return Reading(None, version="v1", error="ZeroDivisionError: division by zero")
        samples = tuple(value * sample for sample in SAMPLES)
        return Reading(samples[0], (samples,), version="v1")

    def profile(self, place, keys):
        return ""

    def now(self):
        return self.time

    def foreign_work(self):
        return next(self.work)

    def rounds(self, name):
        """Return in how many rounds a benchmark was measured."""
        return sum(each == name for _, each in self.calls) // len(self.commits)


@pytest.fixture
def fake_bench(tmp_path):
    """Return a function that makes a bench of such speeds, and a plan that uses it."""

    def make(speeds, units=None, base_suite=None, busy=False, seconds=None, **plan):
        work = count(step=1_000_000 * busy)
        bench = FakeBench(
            speeds, units or {}, base_suite, folder=tmp_path, work=work, seconds=seconds or {}
        )
        project = Project(tmp_path / "asv.conf.json", {})
        return bench, Plan(project, Policy(), "m1", open=bench, **plan)

    return make


__all__ = ["BASE", "FakeBench", "fake_bench"]
