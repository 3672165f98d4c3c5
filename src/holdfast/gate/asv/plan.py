"""What to measure, where, by which rules, for how long, and what does the measuring."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from holdfast.gate.asv.project import Project
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Key, Reading, Side, Suite

Progress = Callable[[str], None]
"""Takes a line of progress."""


class Bench(Protocol):
    """Commits that stand side by side, ready to be measured."""

    @property
    def suite(self) -> Suite:
        """What is measured: the suite of the working tree."""
        ...

    @property
    def base_suite(self) -> Suite | None:
        """What the first commit's own suite holds, None where it is the same."""
        ...

    @property
    def sides(self) -> Sequence[Side]:
        """A side for each commit, still without readings."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """What the reader should know of the commits' environments."""
        ...

    def new_round(self) -> AbstractContextManager[None]:
        """Open a round: within it, processes may be forked from one server."""
        ...

    def run(self, place: int, key: Key, *, brief: bool = False) -> Reading:
        """Measure one benchmark in a new process of the commit at ``place``."""
        ...

    def now(self) -> float:
        """Return the time in seconds, by the clock that the budget goes by."""
        ...

    def foreign_work(self) -> float:
        """Return the CPU seconds that other programs have used so far."""
        ...

    def profile(self, place: int, keys: Sequence[Key]) -> str:
        """Profile the parameter sets of one benchmark; return it as asv would store it."""
        ...

    def count_instructions(self, place: int, key: Key, calls: int) -> int | None:
        """Return how many instructions a call takes, of so many; None if that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, where, by which rules, and for how long."""

    project: Project
    policy: Policy
    machine: str
    bench: Sequence[str] = ()
    environment: str | None = None
    budget: float = math.inf
    """Seconds of measuring; environments are created and installed before they count."""
    options: Sequence[str] = ()
    """Options of 'asv run' that are passed on: --cpu-affinity, --launch-method."""
    wait: float = 0.0
    """For how many seconds to wait for a calm machine."""
    keep: bool = False
    """Whether to add what was measured to asv's own results."""
    compare_suites: bool = True
    """Whether to look what the base's own suite says of the benchmarks."""
    open: Opener | None = None
    """What gives a bench; None is asv."""
    listed: dict[str, Any] = field(default_factory=dict, compare=False)
    """The suite as it was listed, by environment: commands that measure often list it once."""


Opener = Callable[[Plan, Sequence[str], Progress], AbstractContextManager[Bench]]
"""Takes a plan and commits (full hashes)."""
