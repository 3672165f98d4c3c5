"""What a project expects of its benchmarks: limits, targets, and what to measure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from holdfast.errors import UsageError


@dataclass(frozen=True, slots=True)
class Rule:
    """How one benchmark is judged; the defaults are the gate's."""

    warn: float = 5.0
    fail: float = 20.0
    """Per cent worse than the base; the limit itself still passes."""
    statistic: str = ""
    """What stands for the samples; empty: asv's median, or the minima of processes."""
    direction: str = "lower"
    """Which values are better."""
    floor: float = 0.0
    """A change of at most this much, in the benchmark's unit, does not count."""
    limit: float | None = None
    """A value worse than this, in the benchmark's unit, fails whatever it was before."""
    history: bool = False
    """Compare with the median of earlier commits; for noisy benchmarks."""
    exact: bool = False
    """Any change at all fails; so does one of a benchmark whose unit is "fingerprint"."""
    owner: str = ""
    waiver: str = ""
    """Why a known regression does not count, until a date."""
    until: datetime.date | None = None


DEFAULT_RULE = Rule()
Kind = Literal["less", "below", "above"]
KINDS: tuple[Kind, ...] = ("less", "below", "above")


@dataclass(frozen=True, slots=True)
class Clause:
    """One ``[[rule]]``: what it matches, what it sets, and its file and line."""

    pattern: re.Pattern[str]
    settings: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class FunctionLimit:
    """One ``[[function]]``: how much a function's own time may grow."""

    pattern: re.Pattern[str]
    warn: float
    """Per cent."""
    floor: float = 0.0
    """Growth of up to so many seconds does not count."""
    owner: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One ``[[target]]``: what a commit's stored results must reach."""

    name: str
    benchmark: str
    kind: Kind
    """``less``: the part of the time that the parameters ``on`` save of that of ``off``."""
    limit: float
    """A part for ``less``, else in the benchmark's unit."""
    params: tuple[Any, ...] = ()
    """Which parameter set ``below`` and ``above`` look at."""
    off: tuple[Any, ...] = ()
    on: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a project; of several that match, later ones override earlier ones."""

    clauses: Sequence[Clause] = ()
    bench: Sequence[str] = ()
    """asv's --bench: what 'check' measures when the command line does not say."""
    memory_baseline: str = ""
    """The benchmark whose peak memory (interpreter and imports) is subtracted from the others'."""
    function_limits: Sequence[FunctionLimit] = ()
    targets: Sequence[Target] = ()
    strict: bool = False
    """Whether what the head lost (removed, skipped, not comparable) fails, instead of warning."""
    measure: Mapping[str, Any] = field(default_factory=dict)
    """The other keys of ``[measure]``, checked: how to measure."""

    def rule(self, label: str) -> Rule:
        """Return the rule for ``name(params)``."""
        rule = Rule()
        for clause in self.clauses:
            if clause.pattern.search(label):
                rule = replace(rule, **clause.settings)
        return rule

    def function_limit(self, function: str) -> FunctionLimit | None:
        """Return the limit of ``module.Class.function``, the last one that matches, if any."""
        found = (
            limit for limit in reversed(self.function_limits) if limit.pattern.search(function)
        )
        return next(found, None)

    def require_matches(self, labels: Iterable[str]) -> None:
        """Refuse a rule that matches nothing: a renamed benchmark must not lose its limits."""
        known = list(labels)
        if self.memory_baseline and self.memory_baseline not in known:
            raise UsageError(
                f"the policy's memory_baseline {self.memory_baseline!r} is not a benchmark; "
                "correct it or remove it"
            )
        for clause in self.clauses:
            if not any(map(clause.pattern.search, known)):
                raise UsageError(
                    f"{clause.place}: {clause.pattern.pattern!r} matches no benchmark; "
                    "correct it or remove the rule"
                )
