"""Which measured commits made something slower that is slower still."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from holdfast.errors import NothingMeasured
from holdfast.gate import Policy, Report, Row, Side, Suite, judge
from holdfast.gate.asv.packages import list_changes
from holdfast.gate.asv.past import read_past
from holdfast.gate.core.verdict import FAILS, WARNS

Judge = Callable[[Side, Side], Report | None]


@dataclass(frozen=True, slots=True)
class Guilty:
    """One commit, the one measured before it, and what became slower and stayed so."""

    base: str
    head: str
    rows: Sequence[Row]
    packages: str
    """What differs between the two environments, or nothing."""


@dataclass(frozen=True, slots=True)
class Night:
    """What is known after a night."""

    guilty: Sequence[Guilty]
    shifts: Sequence[Report]
    """Pairs in which the suite as a whole moved: the machine's doing, and nobody's commit."""
    since_release: Report | None
    """The newest commit against the release."""
    since_yesterday: Report | None
    """The newest commit against the one that was the newest a night ago."""


def stored_judge(suite: Suite, policy: Policy) -> Judge:
    """Return the function that judges two stored commits; None where they share no benchmark."""

    def compare(base: Side, head: Side) -> Report | None:
        try:
            return judge(base, head, suite, policy, read_past(base, suite, head))
        except NothingMeasured:
            return None

    return compare


def review(sides: Sequence[Side], compare: Judge, release: str, yesterday: str) -> Night:
    """Return what a night has found.

    Parameters
    ----------
    sides
        The measured commits of one machine and environment, oldest first.
    compare
        Judges two of them.
    release, yesterday
        Commits; where none of the sides is one, there is nothing to compare with.
    """
    if not sides:
        return Night((), (), None, None)
    newest = sides[-1]
    by_commit = {side.commit: number for number, side in enumerate(sides)}
    first = by_commit.get(release, 0)
    guilty, shifts = [], []
    for base, head in pairwise(sides[first:]):
        report = compare(base, head)
        if report is None:
            continue
        if is_shift(report):
            shifts.append(report)
        elif rows := _still_slower(report, base, newest, compare):
            guilty.append(Guilty(base.commit, head.commit, rows, diff_requirements(base, head)))
    against = {
        name: compare(sides[by_commit[name]], newest)
        for name in (release, yesterday)
        if name in by_commit and name != newest.commit
    }
    return Night(guilty, shifts, against.get(release), against.get(yesterday))


def is_shift(report: Report) -> bool:
    """Whether the suite as a whole became slower: one commit rarely does that, a machine does."""
    return report.shift is not None and report.shift.verdict in FAILS | WARNS


def list_slower(report: Report) -> list[Row]:
    """Return the rows that fail or warn, and are not waived."""
    return [row for row in report.rows if row.verdict in FAILS | WARNS and not row.waived]


def _still_slower(report: Report, base: Side, newest: Side, compare: Judge) -> list[Row]:
    rows = list_slower(report)
    if not rows or report.head == newest.commit:
        return rows
    now = compare(base, newest)
    slower = {row.key for row in list_slower(now)} if now else set()
    return [row for row in rows if row.key in slower]


def diff_requirements(base: Side, head: Side) -> str:
    """Return which of the packages that asv installed differ."""
    old, new = (_read_requirements(side.path) for side in (base, head))
    return ", ".join(list_changes(old, new, missing="-"))


def _read_requirements(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8")).get("requirements", {})
    except (OSError, ValueError, AttributeError):
        return {}
    return {str(name): str(version) for name, version in found.items()}
