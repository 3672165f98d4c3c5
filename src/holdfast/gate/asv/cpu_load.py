"""How long measuring took, and how busy other programs kept the machine meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

_NOTEWORTHY = 0.25  # cores
_CALM, _LOOK, _QUIET_LOOKS = 0.2, 1.0, 5
"""Part of the machine that others may take; seconds of a look; calm looks in a row."""
_WORK = ("user", "nice", "system", "irq", "softirq", "steal")


@dataclass(slots=True)
class Meter:
    """A context manager around each call of asv: sums up seconds, and the work of others."""

    now: Callable[[], float]
    """The clock, in seconds."""
    foreign_work: Callable[[], float]
    """The CPU seconds that other programs have used so far."""
    began: float = field(init=False)
    last: float = 0.0
    total: float = 0.0
    foreign: float = 0.0
    """CPU seconds that other programs used during the calls."""
    _start: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        self.began = self.now()

    @property
    def elapsed(self) -> float:
        """Seconds since the session began."""
        return self.now() - self.began

    @property
    def share(self) -> float:
        """Which part of the machine other programs took."""
        return self.foreign / self.total / (psutil.cpu_count() or 1) if self.total else 0.0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reader of a doubtful verdict should know: that the machine was busy."""
        cores = self.foreign / self.total if self.total else 0.0
        if cores < _NOTEWORTHY:
            return ()
        count = psutil.cpu_count() or 1
        return (f"other programs kept {cores:.1f} of {count} processors busy while measuring",)

    def __enter__(self) -> None:
        self._start = (self.now(), self.foreign_work())

    def __exit__(self, *_: object) -> None:
        self.last = self.now() - self._start[0]
        self.total += self.last
        self.foreign += max(self.foreign_work() - self._start[1], 0.0)


def foreign_work() -> float:
    """Return the CPU seconds that all programs but this one and its children have used."""
    times = psutil.cpu_times()
    # The fifth is the time on the clock.
    return sum(float(getattr(times, kind, 0.0)) for kind in _WORK) - sum(os.times()[:4])


def wait_for_calm(limit: float, progress: Callable[[str], None]) -> bool:
    """Wait until other programs leave the machine alone, for ``limit`` seconds at most."""
    began, quiet, said = time.monotonic(), 0, False
    while (left := limit - (time.monotonic() - began)) > 0:
        busy = psutil.cpu_percent(interval=min(_LOOK, left)) / 100
        quiet = quiet + 1 if busy < _CALM else 0
        if quiet == _QUIET_LOOKS:
            return True
        if quiet == 0 and not said:
            progress(f"other programs take {busy:.0%} of the machine; waiting up to {limit:.0f} s")
            said = True
    progress("the machine did not become calm; measuring all the same")
    return False
