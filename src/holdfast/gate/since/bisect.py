"""Find the commit that made a benchmark slower, and prove it against its parent."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.bench import open_bench
from holdfast.gate.asv.pairs import take
from holdfast.gate.asv.plan import Plan, Progress
from holdfast.gate.asv.rounds import Rounds, join
from holdfast.gate.asv.slots import CannotInstall
from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.ratios import summarise
from holdfast.gate.core.readings import Key, Reading, State, label
from holdfast.gate.core.report import sort_key
from holdfast.gate.core.rules import judge_pair
from holdfast.gate.core.selection import exactly
from holdfast.gate.core.text import format_change
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.since.looks import Looks, open_looks

_ROUNDS, _ROUNDS_OF_DOUBT = 2, 6
_CLEAR = 1 / 3
"""Within this part of the way from one end, a commit is like that end; else it is doubtful."""
_HALFWAY = 0.5
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


def find_culprit(
    plan: Plan, commits: Sequence[str], keys: Sequence[Key], progress: Progress
) -> Culprit:
    """Return which of ``commits`` made a benchmark slower; the first is good, the last is bad.

    Of several parameter sets the one that changed most is followed.

    Raises
    ------
    NothingMeasured
        When the ends do not differ, or no single commit can be proved to be it.
    """
    good, bad = commits[0], commits[-1]
    plan = replace(plan, compare_suites=False)
    progress(f"first, whether {good[:8]} and {bad[:8]} differ at all")
    ends = _compare(plan, good, bad, keys, progress)
    if ends.verdict not in _SLOWER:
        raise NothingMeasured(f"no regression between {good[:8]} and {bad[:8]}: {_finding(ends)}")
    progress(_finding(ends))
    looks = open_looks(plan, good, bad, ends.key)
    for _ in range(2 if looks.known else 1):
        low, high = search(len(commits), _looker(plan, commits, ends.key, looks, progress))
        parent, commit = commits[low], commits[high]
        progress(f"to confirm: {commit[:8]} against {parent[:8]}")
        step = _compare(plan, parent, commit, [ends.key], progress)
        looks.clear()
        if step.verdict in _SLOWER:
            return Culprit(parent, commit, step, commits[low + 1 : high])
        progress("not confirmed; earlier results are left aside now")
    raise NothingMeasured(
        f"no single commit between {good[:8]} and {bad[:8]} can be proved: all of them together "
        f"are {_finding(ends)}; most likely it is {commit[:8]}, which is {_finding(step)}"
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

    Asked twice, of the quiet processes and of the middle ones.
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


def _compare(plan: Plan, base: str, head: str, keys: Sequence[Key], progress: Progress) -> Row:
    """Measure two commits until it is clear; return the worst of the parameter sets."""
    exact = replace(plan, bench=list(map(exactly, keys)))
    found = take(exact, base, head, progress, prove=True)
    rows = []
    for key in keys:
        # A waiver excuses a regression; the question here is where it came from.
        rule = replace(plan.policy.rule(label(key)), waiver="")
        before, after = found.base.readings.get(key), found.head.readings.get(key)
        rows.append(
            judge_pair(Pair(key, before, after, found.suite.unit(key[0]), rule, interleaved=True))
        )
    return min(rows, key=sort_key)


def _finding(row: Row) -> str:
    change = format_change(row.ratio) if row.ratio is not None else "of unknown size"
    return f"{row.label} {change} ({'; '.join(filter(None, (row.verdict, row.note)))})"


def _looker(plan: Plan, commits: Sequence[str], key: Key, looks: Looks, progress: Progress) -> Look:
    def look(low: int, middle: int, high: int) -> bool | None:
        commit = commits[middle]
        builds = math.ceil(math.log2(high - low))
        between = f"{high - low - 1} between fast and slow, about {builds} to build"
        progress(f"{between}; now {commit[:8]}")
        stored = commit in looks.known
        if not stored:
            ends = (commits[0], commit, commits[-1])
            looks.note(commit, _measure_between(plan, ends, key, progress))
        words = {None: "cannot be measured, skipped", True: "slow", False: "fast"}
        progress(f"{commit[:8]}: {words[looks.known[commit]]}{' (as stored)' if stored else ''}")
        return looks.known[commit]

    return look


def _measure_between(
    plan: Plan, commits: Sequence[str], key: Key, progress: Progress
) -> bool | None:
    """Measure good, middle and bad in turn; what is doubtful is decided by fresh rounds."""
    statistic = plan.policy.rule(label(key)).statistic
    try:
        with (plan.open or open_bench)(plan, commits, progress) as bench:
            rounds = Rounds(bench, math.inf, progress)
            rounds.take([key])
            if not _all_measured(rounds.taken[key]):
                return None
            for _ in range(_ROUNDS - 1):
                rounds.take([key])
            slow = clearly_slow(way_gone(join(rounds.taken[key]), statistic))
            if slow is not None:
                return slow
            for _ in range(_ROUNDS_OF_DOUBT):
                rounds.take([key])
            return way_gone(join(rounds.taken[key][_ROUNDS:]), statistic)[0] > _HALFWAY
    except CannotInstall:
        return None


def _all_measured(pairs: Sequence[Sequence[Reading]]) -> bool:
    return all(reading.state is State.MEASURED for pair in pairs for reading in pair)
