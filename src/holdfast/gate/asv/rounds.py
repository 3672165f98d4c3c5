"""Measure two commits with asv, in rounds that know which process each sample came from.

asv does the measuring and keeps the results; this module decides what to ask it for, in two
stages: the whole suite first, then only what looks slower, judged on fresh samples alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from holdfast.gate.asv.cpu_load import Meter
from holdfast.gate.asv.past import read_past
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import list_tree
from holdfast.gate.asv.run import prepare, run_asv
from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.policy import Policy, Rule
from holdfast.gate.core.readings import Key, Reading, Side, State, Suite, label
from holdfast.gate.core.report import Report, judge
from holdfast.gate.core.rules import judge_pair
from holdfast.gate.core.selection import exactly, selected
from holdfast.gate.core.verdict import Verdict

_ROUNDS, _ROUNDS_OF_SUSPECTS, _PROFILES = 2, 6, 3
_SUSPICIOUS = 3.0  # per cent
_DOUBTS = {Verdict.WARN, Verdict.FAIL, Verdict.NOT_SURE, Verdict.NEWLY_FAILING}

Readings = Mapping[Key, Reading]
Say = Callable[[str], None]
"""Takes a line of progress."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, where, by which rules, and for how long."""

    project: Project
    policy: Policy
    machine: str
    bench: Sequence[str] = ()
    environment: str | None = None
    budget: float = math.inf
    """Seconds; the first stage is measured even if it takes longer."""
    options: Sequence[str] = ()
    """Passed on to 'asv run'."""


@dataclass(slots=True)
class Session:
    """One run of the gate: some commits, and every process's samples since it began."""

    plan: Plan
    commits: tuple[str, ...]
    say: Say
    meter: Meter = field(default_factory=Meter)
    sides: Sequence[Side] = ()
    suite: Suite = field(default_factory=Suite)
    taken: list[Sequence[Readings]] = field(default_factory=list)
    """By round: the fresh samples of each commit."""

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
        """Return each commit's readings from round ``first`` on, one process per round."""
        places = range(len(self.commits))
        merged = [merge([taken[place] for taken in self.taken[first:]]) for place in places]
        # What asv measured of one commit, and of another says nothing of, has failed there.
        failed = {key: Reading(None) for readings in merged for key in readings}
        return [failed | readings for readings in merged]

    def _round(self, bench: Sequence[str]) -> None:
        # Alternating the order cancels drift, and saves installing a commit per round.
        order = self.commits[::-1] if len(self.taken) % 2 else self.commits
        with self.meter:
            run_asv(
                self.plan.project, order, self.plan.machine, bench,
                append=bool(self.taken), environment=self.plan.environment,
                options=self.plan.options,
            )  # fmt: skip
        tree = list_tree(self.plan.project.folder("results_dir"))
        self.suite, old = tree.suite(), [side.readings for side in self.sides]
        self.plan.policy.require_matches(map(label, self.suite.all_keys()))
        short = (commit[:8] for commit in self.commits)
        self.sides = tree.sides(*short, machine=self.plan.machine, env=self.plan.environment)
        wanted = set(selected(self.suite, bench))
        self.taken.append([
            {key: fresh(known.get(key), new) for key, new in side.readings.items() if key in wanted}
            for known, side in zip(old or [{}] * len(self.commits), self.sides, strict=True)
        ])  # fmt: skip


class Taken(NamedTuple):
    """What was measured of two commits; of suspects, the samples of the second stage alone."""

    base: Side
    head: Side
    suite: Suite
    remarks: Sequence[str]


def measure(plan: Plan, base: str, head: str, say: Say) -> Report:
    """Measure two commits (full hashes) with asv in two stages, and judge them.

    The policy's rules must match something after the first round.
    """
    taken, rule = take(plan, base, head, say), plan.policy.rule
    # Fresh samples of both commits say more than old ones, except of what strays by its nature.
    past = read_past(taken.base, taken.suite, taken.head)
    values = {key: one for key, one in past.values.items() if rule(label(key)).history}
    return judge(
        taken.base,
        taken.head,
        taken.suite,
        plan.policy,
        replace(past, values=values),
        taken.remarks,
        interleaved=True,
    )


def take(plan: Plan, base: str, head: str, say: Say) -> Taken:
    """Measure two commits with asv: everything first, then again what looks slower."""
    prepare(plan.project, plan.machine)
    session = Session(plan, (base, head), say)
    say(f"stage 1: {base[:8]} and {head[:8]}, all benchmarks")
    session.rounds(_ROUNDS, plan.bench, required=True)
    if session.meter.remarks:
        # Two slow processes of the base would hide a regression; four hardly ever are.
        say("other programs keep the machine busy: the first stage again, if the budget allows")
        session.rounds(_ROUNDS, plan.bench)
    first, start = session.since(0), len(session.taken)
    suspects = [key for key in first[0] if is_suspect(key, plan.policy.rule(label(key)), *first)]
    remarks = _measure_again(session, suspects, len(first[0])) + session.meter.remarks
    sides = []
    for side, early, late in zip(session.sides, first, session.since(start), strict=True):
        # Without fresh samples a suspicion stays one: a lone sample is never judged.
        doubtful = {
            key: replace(early[key], single_sample=True) for key in suspects if key in early
        }
        sides.append(replace(side, readings={**early, **doubtful, **late}))
    return Taken(sides[0], sides[1], session.suite, remarks)


def _measure_again(session: Session, wanted: Sequence[Key], total: int) -> tuple[str, ...]:
    """Measure suspects; what is still unclear then gets more rounds. Return what to remark."""
    start = len(session.taken)
    for stage in (2, 3):
        if not wanted:
            break
        session.say(f"stage {stage}: {len(wanted)} of {total} may be slower, measured again")
        share = len(wanted) / (total + 1)
        if not session.rounds(_ROUNDS_OF_SUSPECTS, list(map(exactly, wanted)), share):
            return (f"no time was left to measure {len(wanted)} suspects often enough",)
        late, rule = session.since(start), session.plan.policy.rule
        wanted = [key for key in wanted if judged(key, rule(label(key)), *late) is Verdict.NOT_SURE]
    return ()


def is_suspect(key: Key, rule: Rule, base: Readings, head: Readings) -> bool:
    """Say whether stage 1 leaves any doubt that the benchmark is as fast as before."""
    return judged(key, replace(rule, warn=_SUSPICIOUS, fail=_SUSPICIOUS), base, head) in _DOUBTS


def judged(key: Key, rule: Rule, base: Readings, head: Readings) -> Verdict:
    """Return what these readings alone say of a benchmark."""
    # Results that must be equal, or stay below a limit, do not change by measuring again; nor
    # does the past.
    rule = replace(rule, exact=False, limit=None, history=False)
    return judge_pair(Pair(key, base.get(key), head.get(key), "", rule)).verdict


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


def merge(rounds: Sequence[Readings]) -> dict[Key, Reading]:
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
    return Reading(
        value, processes, version=readings[-1].version, single_sample=len(processes) == 1
    )
