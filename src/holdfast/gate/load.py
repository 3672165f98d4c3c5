"""How long measuring took, and how busy other programs kept the machine meanwhile."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

import psutil

_NOTEWORTHY = 0.25  # cores


@dataclass(slots=True)
class Meter:
    """A context manager around each call of asv: sums up time, and the work of others."""

    began: float = field(default_factory=time.monotonic)
    last: float = 0.0
    """Seconds of the latest call."""
    total: float = 0.0
    foreign: float = 0.0
    """CPU seconds that other programs used during the calls."""
    _start: tuple[float, float] = (0.0, 0.0)

    @property
    def elapsed(self) -> float:
        """Seconds since the session began."""
        return time.monotonic() - self.began

    def remarks(self) -> tuple[str, ...]:
        """Return what the reader of a doubtful verdict should know."""
        cores = self.foreign / self.total if self.total else 0.0
        if cores < _NOTEWORTHY:
            return ()
        count = psutil.cpu_count() or 1
        return (f"other programs kept {cores:.1f} of {count} processors busy while measuring",)

    def __enter__(self) -> None:
        self._start = (time.monotonic(), _foreign_work())

    def __exit__(self, *_: object) -> None:
        started, foreign = self._start
        self.last = time.monotonic() - started
        self.total += self.last
        self.foreign += max(_foreign_work() - foreign, 0.0)


def _foreign_work() -> float:
    times, own = psutil.cpu_times(), os.times()
    kinds = ("user", "nice", "system", "irq", "softirq", "steal")
    everyone = sum(float(getattr(times, kind, 0.0)) for kind in kinds)
    return everyone - own.user - own.system - own.children_user - own.children_system
