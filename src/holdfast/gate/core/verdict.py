"""The answers of the gate: verdicts, and the row that carries one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from holdfast.gate.core.readings import Key, label


class Verdict(StrEnum):
    """Every answer the gate can give, worst first."""

    FAIL = "fail"
    NEWLY_FAILING = "newly failing"
    UNDECIDED = "undecided"
    """Of a report as a whole: a benchmark may exceed its fail limit, and that is not settled."""
    WARN = "warn"
    REMOVED = "removed"
    NEWLY_SKIPPED = "newly skipped"
    NOT_COMPARABLE = "not comparable"
    NOT_SURE = "not sure"
    BOTH_FAILING = "both failing"
    IMPROVED = "improved"
    PERHAPS_FASTER = "perhaps faster"
    FIXED = "fixed"
    NEW = "new"
    SKIPPED = "skipped"
    PASS = "pass"


FAILS = {Verdict.FAIL, Verdict.NEWLY_FAILING}
LOST = {Verdict.REMOVED, Verdict.NEWLY_SKIPPED, Verdict.NOT_COMPARABLE}
"""What the base could judge and the head cannot: a warning, or a failure of a strict policy."""
WARNS = {Verdict.WARN} | LOST
GOOD = {Verdict.IMPROVED, Verdict.FIXED}
DOUBTFUL = {Verdict.NOT_SURE, Verdict.PERHAPS_FASTER}
QUIET = {Verdict.PASS, Verdict.SKIPPED, Verdict.BOTH_FAILING}
"""What is as it was: shown last, and not at all in a long table."""

Samples = tuple[tuple[float, ...], ...]
"""One tuple per process."""


class Finding(NamedTuple):
    """What a rule answers."""

    verdict: Verdict
    note: str = ""
    may_fail: bool = False
    """Whether the truth may lie beyond the fail limit, though that is not shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: a benchmark with one set of parameters, and its verdict.

    Where there is a ratio, ``after`` is ``before`` times the ratio: three numbers that agree.
    """

    key: Key
    verdict: Verdict
    unit: str
    before: Any = None
    after: Any = None
    ratio: float | None = None
    """After by before: the estimate nearest to no change, or the middle one of a doubtful row."""
    interval: tuple[float, float] | None = None
    """Between which ratios the truth may lie, where the samples say so."""
    note: str = ""
    owner: str = ""
    waived: bool = False
    """A known regression: listed, but it does not count."""
    may_fail: bool = False
    """Whether it may exceed its fail limit, which is not settled."""
    noise: float | None = None
    """How far equal code strays from pair to pair, as a part: the change's own measure."""
    measured: tuple[Any, Any] = (None, None)
    """The two commits' own values, as they were measured."""
    samples: tuple[Samples, Samples] = ((), ())
    environment: str = ""
    """Of which environment the row is, in a report of several."""

    @property
    def label(self) -> str:
        """The benchmark's name with its parameters."""
        return label(self.key)

    @property
    def fails(self) -> bool:
        """Whether this row alone makes the whole fail."""
        return self.verdict in FAILS and not self.waived
