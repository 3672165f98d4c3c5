"""Find the commit that made a benchmark slower, and prove it against its parent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.results import list_tree
from holdfast.gate.asv.rounds import Plan, Say, Session, take
from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.ratios import summarise
from holdfast.gate.core.readings import Key, Reading, State, label
from holdfast.gate.core.report import sort_key
from holdfast.gate.core.rules import judge_pair
from holdfast.gate.core.selection import exactly
from holdfast.gate.core.text import format_change
from holdfast.gate.core.verdict import Row, Verdict

_ROUNDS, _ROUNDS_OF_DOUBT = 2, 6
_CLEAR = 1 / 3
"""Within this part of the way from one end, a commit is like that end; else it is doubtful."""
_SLOWER = {Verdict.WARN, Verdict.FAIL}

Look = Callable[[int, int, int], bool | None]
"""Takes places: one that is fast, the one to look at, one that is slow. Says whether that one is
slow, or None where it cannot be measured."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """The commit that made a benchmark slower, and what was measured to prove it."""

    parent: str
    commit: str
    row: Row
    skipped: Sequence[str]
    """What lies between the two and cannot be measured: it may as well be one of these."""


def find_culprit(plan: Plan, commits: Sequence[str], keys: Sequence[Key], say: Say) -> Culprit:
    """Return which of ``commits`` made a benchmark slower; the first is good, the last is bad.

    Of several parameter sets the one that changed most is followed.

    Raises
    ------
    NothingMeasured
        When the ends do not differ, or no single commit can be proved to be it.
    """
    good, bad = commits[0], commits[-1]
    say(f"first, whether {good[:8]} and {bad[:8]} differ at all")
    ends = _compare(plan, good, bad, keys, say)
    if ends.verdict not in _SLOWER:
        raise NothingMeasured(f"no regression between {good[:8]} and {bad[:8]}: {_finding(ends)}")
    say(_finding(ends))
    memory = _remembered(plan, commits, ends.key)
    for known in (memory, {}) if memory else ({},):
        low, high = search(len(commits), _looker(plan, commits, ends.key, known, say))
        parent, commit = commits[low], commits[high]
        say(f"to confirm: {commit[:8]} against {parent[:8]}")
        step = _compare(plan, parent, commit, [ends.key], say)
        if step.verdict in _SLOWER:
            return Culprit(parent, commit, step, commits[low + 1 : high])
        if known:
            say("not confirmed; earlier results are left aside now")
    raise NothingMeasured(
        f"no single commit between {good[:8]} and {bad[:8]} can be proved: all of them together "
        f"are {_finding(ends)}; the nearest, {commit[:8]}, is {_finding(step)}"
    )


def search(count: int, look: Look) -> tuple[int, int]:
    """Return the last fast and the first slow of ``count`` commits, of which the last is slow.

    Only what cannot be measured lies between the two.
    """
    low, high, broken = 0, count - 1, set[int]()
    while candidates := [place for place in range(low + 1, high) if place not in broken]:
        middle = min(candidates, key=lambda place: abs(2 * place - low - high))
        slow = look(low, middle, high)
        if slow is None:
            broken.add(middle)
        elif slow:
            high = middle
        else:
            low = middle
    return low, high


def way_gone(readings: Sequence[Reading], statistic: str = "") -> list[float]:
    """Return how far the middle one is on the way from good to bad: 0 is like good, 1 like bad.

    Asked twice, of the best processes and of the middle ones.
    """
    sides = [
        [summarise(samples, statistic) for samples in reading.processes] or [reading.value]
        for reading in readings
    ]
    ways = []
    for low, here, high in (map(min, sides), map(median, sides)):
        ways.append((here - low) / (high - low) if high != low else 0.5)
    return ways


def clearly_slow(ways: Sequence[float]) -> bool | None:
    """Say whether a commit is slow, or None where the two answers leave a doubt."""
    if max(ways) < _CLEAR:
        return False
    return True if min(ways) > 1 - _CLEAR else None


def _compare(plan: Plan, base: str, head: str, keys: Sequence[Key], say: Say) -> Row:
    """Measure two commits in both stages; return the worst of the parameter sets."""
    found = take(replace(plan, bench=list(map(exactly, keys))), base, head, say)
    rows = []
    for key in keys:
        # A waiver excuses a regression; the question here is where it came from.
        rule = replace(plan.policy.rule(label(key)), waiver="")
        before, after = found.base.readings.get(key), found.head.readings.get(key)
        rows.append(judge_pair(Pair(key, before, after, found.suite.unit(key[0]), rule)))
    return min(rows, key=sort_key)


def _finding(row: Row) -> str:
    change = format_change(row.ratio) if row.ratio is not None else "of unknown size"
    return f"{row.label} {change} ({'; '.join(filter(None, (row.verdict, row.note)))})"


def _looker(
    plan: Plan, commits: Sequence[str], key: Key, known: Mapping[int, bool], say: Say
) -> Look:
    def look(low: int, middle: int, high: int) -> bool | None:
        builds = math.ceil(math.log2(high - low))
        between = f"{high - low - 1} between fast and slow, about {builds} to build"
        say(f"{between}; now {commits[middle][:8]}")
        if middle in known:
            slow: bool | None = known[middle]
        else:
            slow = _measure_between(plan, commits[0], commits[middle], commits[-1], key, say)
        words = {None: "cannot be measured, skipped", True: "slow", False: "fast"}
        say(f"{commits[middle][:8]}: {words[slow]}{' (as stored)' if middle in known else ''}")
        return slow

    return look


def _measure_between(
    plan: Plan, good: str, middle: str, bad: str, key: Key, say: Say
) -> bool | None:
    """Measure a commit against both ends, in turn; what is doubtful is decided by fresh rounds."""
    session, bench = Session(plan, (good, middle, bad), say), [exactly(key)]
    statistic = plan.policy.rule(label(key)).statistic

    def ways(first: int) -> list[float] | None:
        readings = [taken.get(key, Reading(None)) for taken in session.since(first)]
        sound = all(reading.state is State.MEASURED for reading in readings)
        return way_gone(readings, statistic) if sound else None

    session.rounds(1, bench, required=True)
    if ways(0) is None:
        return None
    session.rounds(_ROUNDS - 1, bench, required=True)
    slow = clearly_slow(ways(0) or [0.5])
    if slow is None:
        session.rounds(_ROUNDS_OF_DOUBT, bench, required=True)
        slow = (ways(_ROUNDS) or [0.0])[0] > 0.5
    return slow


def _remembered(plan: Plan, commits: Sequence[str], key: Key) -> dict[int, bool]:
    """Return what asv's results tell of the commits between the ends, where they are clear."""
    tree = list_tree(plan.project.folder("results_dir"))
    ends, known = (commits[0][:8], commits[-1][:8]), {}
    for place, commit in enumerate(commits[1:-1], start=1):
        try:
            good, bad, side = tree.sides(
                *ends, commit[:8], machine=plan.machine, env=plan.environment
            )
        except NothingMeasured:
            continue
        readings = [one.readings.get(key, Reading(None)) for one in (good, side, bad)]
        same = len({reading.version for reading in readings}) == 1 and not readings[1].single_sample
        if same and all(reading.state is State.MEASURED for reading in readings):
            slow = clearly_slow(way_gone(readings))
            if slow is not None:
                known[place] = slow
    return known
