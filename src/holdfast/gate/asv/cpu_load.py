"""How long measuring took, and how busy other programs kept the machine meanwhile."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

import psutil

_NOTEWORTHY = 0.25  # cores
_WORK = ("user", "nice", "system", "irq", "softirq", "steal")


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
    def remarks(self) -> tuple[str, ...]:
        """What the reader of a doubtful verdict should know: that the machine was busy."""
        cores = self.foreign / self.total if self.total else 0.0
        if cores < _NOTEWORTHY:
            return ()
        count = psutil.cpu_count() or 1
        return (f"other programs kept {cores:.1f} of {count} processors busy while measuring",)

    def __enter__(self) -> None:
        self._start = (time.monotonic(), foreign_work())

    def __exit__(self, *_: object) -> None:
        self.last = time.monotonic() - self._start[0]
        self.total += self.last
        self.foreign += max(foreign_work() - self._start[1], 0.0)


def foreign_work() -> float:
    """Return the CPU seconds that all programs but this one and its children have used."""
    times = psutil.cpu_times()
    # The fifth is the time on the clock.
    return sum(float(getattr(times, kind, 0.0)) for kind in _WORK) - sum(os.times()[:4])
