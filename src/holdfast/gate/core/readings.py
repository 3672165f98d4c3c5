"""What a commit says of each benchmark: the values that everything else is made from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

Key = tuple[str, tuple[str, ...]]
"""A benchmark's name and the reprs of its parameters' values."""

_UNIT_BY_PREFIX = {"time": "seconds", "timeraw": "seconds", "peakmem": "bytes", "mem": "bytes"}

State = Enum("State", ["MEASURED", "FAILED", "SKIPPED", "ODD"])
"""What became of one benchmark; odd is a value that is not a finite number: a dict, Infinity."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one commit says of one benchmark with one set of parameters."""

    value: Any
    """asv's own number (the median of its samples), as stored."""
    processes: tuple[tuple[float, ...], ...] = ()
    """The samples, one tuple per process; stored results do not tell processes apart."""
    interval: tuple[float, float] | None = None
    """asv's 99 % confidence interval of the value."""
    version: str | None = None
    single_sample: bool = False
    """Whether the value rests on a single sample, which proves nothing."""
    error: str = ""
    """Why there is no value, in one line."""
    cpu: tuple[float, ...] = ()
    """The least CPU seconds of a call in each process, where they were noted."""
    calls: tuple[str, int, int] | None = None
    """Of a head: the function whose calls changed most, the base's count and its own; no name
    where every count is equal."""
    instructions: tuple[int, int] | None = None
    """Of a head: how many instructions a call takes of the base, and of its own."""

    @property
    def state(self) -> State:
        """What the value says: asv writes null for a failure, NaN for what was not run."""
        if self.value is None:
            return State.FAILED
        if isinstance(self.value, float) and math.isnan(self.value):
            return State.SKIPPED
        return State.MEASURED if is_number(self.value) else State.ODD


NOT_RUN = Reading(math.nan)
"""What asv would have written of a benchmark that it knows and was not asked to run."""


@dataclass(frozen=True, slots=True)
class Side:
    """All that was read of one commit, on one machine, in one environment."""

    commit: str
    machine: str
    environment: str
    hardware: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[Key, Reading] = field(default_factory=dict)
    path: Path = Path()
    profiles: Mapping[str, str] = field(default_factory=dict)
    """By benchmark, as asv stores them: of whatever parameters it ran last."""
    date: int = 0
    """When the commit was made, in milliseconds since 1970."""


class Benchmark(NamedTuple):
    """What benchmarks.json says of a benchmark."""

    unit: str
    param_names: tuple[str, ...] = ()
    params: tuple[tuple[str, ...], ...] = ()


class Suite(dict[str, Benchmark]):
    """The benchmarks that asv found in its last run, by name."""

    def all_keys(self) -> Iterator[Key]:
        """Yield every benchmark with every set of parameters."""
        return ((name, key) for name, known in self.items() for key in product(*known.params))

    def unit(self, name: str) -> str:
        """Return a benchmark's unit; one that left the suite is judged by its name's prefix."""
        prefix = name.rpartition(".")[2].partition("_")[0].lower()
        return self[name].unit if name in self else _UNIT_BY_PREFIX.get(prefix, "unit")


def label(key: Key) -> str:
    """Return ``name(param, ...)``, which is what asv matches ``--bench`` against."""
    name, params = key
    return f"{name}({', '.join(params)})" if params else name


def is_number(value: object) -> bool:
    """Say whether ``value`` is a finite number (and no bool)."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
