"""Measure two commits with asv, in rounds, and remember which process each sample came from.

asv does the measuring and keeps the results; this module decides what to ask it for, in two
stages: the whole suite first, then only what looks slower, judged on fresh samples alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from holdfast.gate.asv import register_machine, require_asv, run_asv
from holdfast.gate.load import Meter
from holdfast.gate.policy import Policy, Rule
from holdfast.gate.project import Project
from holdfast.gate.results import Key, Reading, Side, State, Suite, label, list_tree
from holdfast.gate.verdict import Verdict, judge_one

_SUSPICIOUS = 3.0  # per cent
_DOUBTS = {
    Verdict.WARN, Verdict.FAIL, Verdict.NOT_SURE, Verdict.NEWLY_FAILING, Verdict.FIXED
}  # fmt: skip


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


Taken = tuple[dict[Key, Reading], dict[Key, Reading]]
"""One round: the fresh samples of both commits."""


@dataclass(slots=True)
class Session:
    """One run of the gate: two commits, and every process's samples since it began."""

    project: Project
    plan: Plan
    commits: tuple[str, str]
    policy: Policy
    say: Callable[[str], None]
    meter: Meter = field(default_factory=Meter)
    sides: Sequence[Side] = ()
    suite: Suite = field(default_factory=Suite)
    taken: list[Taken] = field(default_factory=list)

    def rounds(
        self, count: int, bench: Sequence[str], share: float = 1.0, required: bool = False
    ) -> bool:
        """Measure ``count`` rounds of what ``bench`` selects; say whether the budget allowed it.

        ``share`` is its part of the suite. What is ``required`` the budget cannot end: without
        a first stage there is nothing to judge.
        """
        expected = self.meter.last * share
        for number in range(count):
            left = self.plan.budget - self.meter.elapsed
            if not required and expected > left:
                return False
            hint = f", about {expected:.0f} s" if expected else ""
            hint += f"; {left:.0f} s of the budget left" if left < math.inf else ""
            self.say(f"round {number + 1} of {count}{hint}")
            self._round(bench)
            expected = self.meter.last
        return True

    def since(self, first: int) -> list[dict[Key, Reading]]:
        """Return both commits' readings from round ``first`` on, one process per round."""
        return [merge([both[index] for both in self.taken[first:]]) for index in (0, 1)]

    def _round(self, bench: Sequence[str]) -> None:
        # Alternating the order cancels drift, and saves installing a commit per round.
        append = bool(self.taken)
        order = self.commits[::-1] if len(self.taken) % 2 else self.commits
        with self.meter:
            run_asv(self.project, order, self.plan.machine, bench, append=append)
        tree = list_tree(self.project.folder("results_dir"))
        places = (commit[:8] for commit in self.commits)
        old, self.suite = self.sides, tree.suite()
        self.sides = tree.sides(*places, machine=self.plan.machine, env=self.plan.environment)
        self.policy.require_matches(label(key) for key in self.suite.all_keys())
        wanted = list(selected(self.suite, bench))
        new: list[dict[Key, Reading]] = [{}, {}]
        for index, side in enumerate(self.sides):
            known = old[index].readings if old else {}
            for key in [key for key in wanted if key in side.readings]:
                new[index][key] = fresh(known.get(key), side.readings[key])
        self.taken.append((new[0], new[1]))


def measure(
    project: Project, base: str, head: str, plan: Plan, policy: Policy, say: Callable[[str], None]
) -> Measured:
    """Measure two commits (full hashes) of a project with asv, in two stages.

    The policy says which direction is worse; its rules must match something after the first
    round. ``say`` takes a line of progress.
    """
    require_asv(project)
    register_machine(plan.machine)
    session = Session(project, plan, (base, head), policy, say)
    say(f"stage 1: {base[:8]} and {head[:8]}, all benchmarks")
    session.rounds(plan.rounds, plan.bench, required=True)
    if session.meter.busy:
        # Two slow processes of the base would hide a regression; four hardly ever are.
        say("other programs keep the machine busy: the first stage again, if the budget allows")
        session.rounds(plan.rounds, plan.bench)
    first = session.since(0)
    suspects = [key for key in first[0] if is_suspect(key, policy.rule(label(key)), *first)]
    again, remarks = _measure_again(session, suspects, len(first[0]))
    sides = []
    for side, early, late in zip(session.sides, first, again, strict=True):
        # Without fresh samples a suspicion stays one: a lone sample is never judged.
        doubtful = {key: replace(early[key], lone=True) for key in suspects if key in early}
        sides.append(replace(side, readings={**early, **doubtful, **late}))
    return Measured(sides[0], sides[1], session.suite, (*remarks, *session.meter.remarks()))


def _measure_again(
    session: Session, suspects: Sequence[Key], total: int
) -> tuple[list[dict[Key, Reading]], list[str]]:
    """Return the suspects' fresh readings; what is still unclear gets more rounds."""
    done, wanted, again = len(session.taken), suspects, session.since(len(session.taken))
    for stage in (2, 3):
        if not wanted:
            break
        session.say(f"stage {stage}: {len(wanted)} of {total} may be slower, measured again")
        bench, share = [exactly(key) for key in wanted], len(wanted) / (total + 1)
        enough = session.rounds(session.plan.rounds_of_suspects, bench, share)
        again = session.since(done)
        if not enough:
            return again, [f"no time was left to measure {len(wanted)} suspects often enough"]
        wanted = [
            key for key in wanted
            if _judged(key, session.policy.rule(label(key)), *again) is Verdict.NOT_SURE
        ]  # fmt: skip
    return again, []


def is_suspect(
    key: Key, rule: Rule, base: Mapping[Key, Reading], head: Mapping[Key, Reading]
) -> bool:
    """Say whether stage 1 leaves any doubt that the benchmark is as fast as before."""
    verdict = _judged(key, replace(rule, warn=_SUSPICIOUS, fail=_SUSPICIOUS), base, head)
    return verdict in _DOUBTS


def _judged(
    key: Key, rule: Rule, base: Mapping[Key, Reading], head: Mapping[Key, Reading]
) -> Verdict:
    # Results that must be equal, or stay below a limit, do not change by measuring again.
    rule = replace(rule, exact=False, limit=None)
    return judge_one(key, base.get(key), head.get(key), "", rule).verdict


def selected(suite: Suite, bench: Sequence[str]) -> Iterator[Key]:
    """Yield what asv measures for these ``--bench`` expressions."""
    for key in suite.all_keys():
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
    # A value that is no number (a dict) cannot be joined: the last one stands for all.
    sampled = all(reading.state is State.MEASURED for reading in readings)
    value = min(map(min, processes)) if sampled else readings[-1].value
    return Reading(value, processes, version=readings[-1].version, lone=len(processes) == 1)
