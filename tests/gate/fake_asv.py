"""What asv leaves behind, without its measuring: it takes minutes, and no test may wait for it."""

import re
from collections.abc import Iterator
from itertools import count

import pytest

from holdfast.gate.asv import cpu_load as load
from holdfast.gate.asv import rounds as measure
from holdfast.gate.asv.project import Project
from holdfast.gate.core.policy import Policy

from .trees import BASE, row


class FakeAsv:
    """Stores results the way asv does: one list of samples per benchmark, replaced or appended."""

    def __init__(self, tree, speeds):
        self.tree, self.speeds, self.calls = tree, speeds, []
        self.limit = None
        self.samples = {}
        tree.suite(**dict.fromkeys(speeds[BASE], "seconds"))

    def __call__(self, project, commits, machine, bench, *, append):
        if len(self.calls) == self.limit:
            raise KeyboardInterrupt
        self.calls.append((list(commits), list(bench), append))
        for commit in commits:
            for name, speed in self.speeds[commit].items():
                if bench and not any(re.search(regex, name) for regex in bench):
                    continue
                old = self.samples.get((commit, name), []) if append else []
                value = next(speed) if isinstance(speed, Iterator) else speed
                self.samples[commit, name] = old + ([value, value * 2] if value else [])
            self.store(commit, machine)

    def store(self, commit, machine="m1"):
        rows = {
            name: row(min(values), samples=[values]) if values else row(None)
            for (stored, name), values in self.samples.items()
            if stored == commit
        }
        self.tree.store(commit, rows, machine=machine)


@pytest.fixture
def fake_asv(tree, monkeypatch):
    """Return a function that puts speeds in place of asv, and returns what was put and a plan."""

    def put(speeds, busy=False, **plan):
        work = count(step=1_000_000 * busy)
        fake = FakeAsv(tree, speeds)
        monkeypatch.setattr(measure, "run_asv", fake)
        monkeypatch.setattr(measure, "prepare", lambda project, machine: None)
        monkeypatch.setattr(load, "foreign_work", lambda: next(work))
        project = Project(tree.folder.parent / "asv.conf.json", {})
        return fake, measure.Plan(project, Policy(), "m1", **plan)

    return put
