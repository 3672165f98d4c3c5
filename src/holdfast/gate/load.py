"""How long measuring took, and how busy other programs kept the machine meanwhile."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

import psutil

_NOTEWORTHY = 0.25  # cores


@dataclass(slots=True)
class Meter:
    """A context manager around each call of asv: sums up seconds, and the work of others."""

    began: float = field(default_factory=time.monotonic)
    last: float = 0.0
    total: float = 0.0
    foreign: float = 0.0
    """CPU seconds that other programs used during the calls."""
    _start: tuple[float, float] = (0.0, 0.0)

    @property
    def elapsed(self) -> float:
        """Seconds since the session began."""
        return time.monotonic() - self.began

    @property
    def busy(self) -> bool:
        """Whether other programs may have disturbed the measurement."""
        return self.foreign > 0 and self.foreign >= _NOTEWORTHY * self.total

    def remarks(self) -> tuple[str, ...]:
        """Return what the reader of a doubtful verdict should know."""
        if not self.busy or not self.total:
            return ()
        cores, count = self.foreign / self.total, psutil.cpu_count() or 1
        return (f"other programs kept {cores:.1f} of {count} processors busy while measuring",)

    def __enter__(self) -> None:
        self._start = (time.monotonic(), foreign_work())

    def __exit__(self, *_: object) -> None:
        self.last = time.monotonic() - self._start[0]
        self.total += self.last
        self.foreign += max(foreign_work() - self._start[1], 0.0)


def foreign_work() -> float:
    """Return the CPU seconds that all programs but this one and its children have used."""
    times, own = psutil.cpu_times(), os.times()
    kinds = ("user", "nice", "system", "irq", "softirq", "steal")
    everyone = sum(float(getattr(times, kind, 0.0)) for kind in kinds)
    return everyone - own.user - own.system - own.children_user - own.children_system
