"""Measure two commits with asv, in rounds, and remember which process each sample came from.

asv does the measuring and keeps the results; this module decides what to ask it for, in two
stages: the whole suite first, then only what looks slower, judged on fresh samples alone.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from holdfast.errors import HoldfastError, NothingMeasured, UsageError
from holdfast.gate.evidence import weigh
from holdfast.gate.load import Meter
from holdfast.gate.policy import Policy, Rule
from holdfast.gate.project import Project
from holdfast.gate.results import (
    Key,
    Reading,
    Side,
    State,
    Suite,
    Tree,
    is_number,
    label,
    list_tree,
)
from holdfast.gate.verdict import Verdict, compare

# '-P': a folder named asv where the user happens to be must not be taken for asv.
_ASV = (sys.executable, "-P", "-m", "asv")
_ATTRIBUTES = ("rounds=1", "repeat=5,30,0.15", "sample_time=0.002", "warmup_time=0.1")
_SUSPICIOUS = 1.03
_SOME_FAILED = 2  # asv's exit code when a benchmark failed: that is a result, too
_STDERR = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, how often, and for how long."""

    machine: str
    bench: Sequence[str] = ()
    environment: str | None = None
    rounds: int = 2
    rounds_of_suspects: int = 6
    budget: float = math.inf
    """Seconds; the first stage is measured even if it takes longer."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of both commits: suspects with fresh samples only."""

    base: Side
    head: Side
    suite: Suite
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class Session:
    """One run of the gate: two commits, and every process's samples since it began."""

    project: Project
    plan: Plan
    commits: tuple[str, str]
    policy: Policy
    say: Callable[[str], None]
    meter: Meter = field(default_factory=Meter)
    sides: tuple[Side, Side] | None = None
    suite: Suite = field(default_factory=Suite)
    rounds_done: int = 0

    def rounds(
        self, count: int, bench: Sequence[str], share: float = 1.0
    ) -> tuple[Side, Side, int]:
        """Measure up to ``count`` rounds; return both commits, one process per round, and how many.

        ``share`` is the part of the suite that ``bench`` selects. Only for a part may the budget
        end it early: without the first stage there is nothing to judge.
        """
        taken: list[tuple[dict[Key, Reading], ...]] = []
        expected = self.meter.last * share
        for number in range(count):
            left = self.plan.budget - self.meter.elapsed
            if share < 1 and expected > left:
                break
            hint = f", about {expected:.0f} s" if expected else ""
            hint += f"; {left:.0f} s of the budget left" if left < math.inf else ""
            self.say(f"round {number + 1} of {count}{hint}")
            taken.append(self._round(bench))
            expected = self.meter.last
        assert self.sides is not None
        base, head = (
            replace(side, readings=merge([both[index] for both in taken]))
            for index, side in enumerate(self.sides)
        )
        return base, head, len(taken)

    def _round(self, bench: Sequence[str]) -> tuple[dict[Key, Reading], ...]:
        # Alternating the order cancels drift, and saves installing a commit per round.
        order = self.commits if self.rounds_done % 2 == 0 else self.commits[::-1]
        with self.meter:
            run_asv(self.project, order, self.plan.machine, bench, append=self.rounds_done > 0)
        self.rounds_done += 1
        old, tree = self.sides, list_tree(self.project.results)
        self.suite, self.sides = tree.suite(), self._read(tree)
        self.policy.require_matches(label(key) for key in self.suite.keys_of_all())
        wanted = list(selected(self.suite, bench))
        before = [side.readings for side in old] if old else [{}, {}]
        return tuple(
            {
                key: fresh(known.get(key), side.readings[key])
                for key in wanted
                if key in side.readings
            }
            for known, side in zip(before, self.sides, strict=True)
        )

    def _read(self, tree: Tree) -> tuple[Side, Side]:
        base, head = (commit[:8] for commit in self.commits)
        machine = tree.machine(self.plan.machine, None, base, head)
        environment = tree.environment(self.plan.environment, machine, base, head)
        return tree.side(machine, base, environment), tree.side(machine, head, environment)


def measure(
    project: Project, base: str, head: str, plan: Plan, policy: Policy, say: Callable[[str], None]
) -> Measured:
    """Measure two commits with asv.

    Parameters
    ----------
    project : Project
        Where the suite is.
    base, head : str
        Full hashes.
    plan : Plan
        What, how often, how long.
    policy : Policy
        Which direction is worse; its rules must match something after the first round.
    say : callable
        Takes a line of progress.
    """
    require_asv(project)
    register_machine(plan.machine)
    session = Session(project, plan, (base, head), policy, say)
    say(f"stage 1: {base[:8]} and {head[:8]}, all benchmarks")
    *sides, _ = session.rounds(plan.rounds, plan.bench)
    if session.meter.busy:
        # Two slow processes of the base would hide a regression; four hardly ever are.
        say("other programs keep the machine busy, so the first stage takes as long again")
        *more, _ = session.rounds(plan.rounds, plan.bench)
        sides = [_with_more(*both) for both in zip(sides, more, strict=True)]
    suspects = [
        key for key in sides[0].readings if is_suspect(key, policy.rule(label(key)), *sides)
    ]
    sides, remarks = _measure_again(session, sides, suspects)
    return Measured(sides[0], sides[1], session.suite, (*remarks, *session.meter.remarks()))


def _with_more(side: Side, more: Side) -> Side:
    return replace(side, readings=merge([side.readings, more.readings]))


def _measure_again(
    session: Session, sides: list[Side], suspects: list[Key]
) -> tuple[list[Side], list[str]]:
    """Replace the suspects' readings by fresh ones; what is still unclear gets more rounds."""
    # Without fresh samples a suspicion stays one: a count of 1 is never judged.
    readings: list[dict[Key, Reading]] = [
        {key: replace(side.readings[key], count=1) for key in suspects if key in side.readings}
        for side in sides
    ]
    total, planned, wanted = len(sides[0].readings), session.plan.rounds_of_suspects, suspects
    taken: tuple[list[Mapping[Key, Reading]], ...] = ([], [])
    remarks = []
    for stage in (2, 3):
        if not wanted:
            break
        session.say(f"stage {stage}: {len(wanted)} of {total} may be slower, measured again")
        bench = [exactly(key) for key in wanted]
        *new, rounds = session.rounds(planned, bench, len(wanted) / (total + 1))
        for index, side in enumerate(new):
            taken[index].append(side.readings)
            readings[index].update(merge(taken[index]))
        if rounds < planned:
            remarks.append(f"no time was left to measure {len(wanted)} suspects often enough")
            break
        wanted = [
            key for key in wanted if is_unclear(key, session.policy.rule(label(key)), *readings)
        ]
    updated = [
        replace(side, readings={**side.readings, **new})
        for side, new in zip(sides, readings, strict=True)
    ]
    return updated, remarks


def is_unclear(
    key: Key, rule: Rule, base: Mapping[Key, Reading], head: Mapping[Key, Reading]
) -> bool:
    """Say whether more rounds could settle what these leave open."""
    before, after = base.get(key), head.get(key)
    if before is None or after is None or before.state is not after.state:
        return False
    found = weigh(before, after, rule.statistic) if before.state is State.MEASURED else None
    return found is not None and compare(found, rule)[0] is Verdict.NOT_SURE


def is_suspect(key: Key, rule: Rule, base: Side, head: Side) -> bool:
    """Say whether stage 1 leaves any doubt that the benchmark is as fast as before."""
    before, after = base.readings.get(key), head.readings.get(key)
    if before is None or after is None:
        return False
    if before.state is not after.state or 1 in (before.count, after.count):
        return True
    if before.state is not State.MEASURED:
        return False
    found = weigh(before, after, rule.statistic)
    if found is not None and rule.direction == "higher":
        found = found.mirrored()
    return found is None or max(found.ratios) > _SUSPICIOUS


def run_asv(
    project: Project, commits: Iterable[str], machine: str, bench: Sequence[str], *, append: bool
) -> None:
    """Run the benchmarks once for each commit, in that order; a failing benchmark is no error."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as hashes:
        hashes.write("\n".join(commits) + "\n")
        hashes.flush()
        options = [f"HASHFILE:{hashes.name}", "--machine", machine, "--interleave-rounds"]
        options.append("--append-samples" if append else "--record-samples")
        for attribute in _ATTRIBUTES:
            options += ["-a", attribute]
        for regex in bench:
            options += ["--bench", regex]
        # asv's progress is for the user, but standard output is for the verdict.
        command = [*_ASV, "run", "--config", str(project.config), *options]
        code = subprocess.run(command, stdout=_STDERR, check=False).returncode
    if code not in (0, _SOME_FAILED):
        raise NothingMeasured(f"'asv run' stopped with exit code {code}; its output above says why")


def require_asv(project: Project) -> None:
    """Make sure that what measures is installed."""
    needed = ["asv"]
    if project.settings.get("environment_type", "virtualenv") == "virtualenv":
        needed.append("virtualenv")
    for module in needed:
        if not is_installed(module):
            raise UsageError(f"{module} is not installed; pip install 'holdfast[bench]'")


def is_installed(module: str) -> bool:
    """Say whether this Python could import ``module``."""
    return importlib.util.find_spec(module) is not None


def register_machine(machine: str) -> None:
    """Tell asv about this machine, unless it knows it: asv would ask, or take another name's."""
    try:
        known = json.loads((Path.home() / ".asv-machine.json").read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    if machine in known:
        return
    command = [*_ASV, "machine", "--machine", machine, "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HoldfastError(f"'asv machine' cannot note {machine!r}: {done.stderr.strip()[-200:]}")


def selected(suite: Suite, bench: Sequence[str]) -> Iterator[Key]:
    """Yield what asv measures for these ``--bench`` expressions."""
    for key in suite.keys_of_all():
        if not bench or any(re.search(regex, label(key)) for regex in bench):
            yield key


def exactly(key: Key) -> str:
    """Return the ``--bench`` expression that selects one set of parameters."""
    return f"^{re.escape(label(key))}$"


def fresh(old: Reading | None, new: Reading) -> Reading:
    """Return what ``new`` says beyond ``old``: asv keeps all processes' samples in one list."""
    if new.state is not State.MEASURED:
        return new
    if not new.processes:
        return replace(new, processes=((new.value,),))
    known = old.processes[0] if old and old.processes else ()
    samples = new.processes[0]
    appended = samples[len(known) :] if samples[: len(known)] == known else samples
    return replace(new, processes=(appended,) if appended else ())


def merge(rounds: Sequence[Mapping[Key, Reading]]) -> dict[Key, Reading]:
    """Join the rounds: one process each; a benchmark failed only if it never succeeded."""
    merged = {}
    for key in {key: None for taken in rounds for key in taken}:
        readings = [taken[key] for taken in rounds if key in taken]
        measured = [reading for reading in readings if reading.processes]
        merged[key] = _joined(measured) if measured else readings[-1]
    return merged


def _joined(readings: Sequence[Reading]) -> Reading:
    processes = tuple(process for reading in readings for process in reading.processes)
    numbers = [value for process in processes for value in process if is_number(value)]
    value = min(numbers) if numbers else readings[-1].value
    count = 1 if len(processes) == 1 else None
    return Reading(State.MEASURED, value, processes, count=count, version=readings[-1].version)
