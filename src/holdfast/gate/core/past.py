"""What earlier commits gave: how noisy each benchmark is, and the suite as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from holdfast.gate.core.readings import Key


@dataclass(frozen=True, slots=True)
class PastValues:
    """What one benchmark gave in the base and up to ten commits before it.

    Each value of a time is divided by how much its commit's whole suite was slower than the
    base's: a slow day of the machine is not the benchmark's noise.
    """

    middle: float
    """Their median, in the benchmark's unit."""
    noise: float
    """Their median absolute deviation, as a part of the median."""
    count: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Past:
    """What the commits up to the base gave, on the same machine and in the same environment."""

    values: Mapping[Key, PastValues] = field(default_factory=dict)
    """Only of benchmarks with enough earlier results."""
    ran: frozenset[Key] = frozenset()
    """What was measured at any of them."""
    shift_noise: float = 0.0
    """How far the suite as a whole usually moves from one commit to the next, as a part."""


NO_PAST = Past()
