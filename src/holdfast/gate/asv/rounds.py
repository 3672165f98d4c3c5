"""Rounds of pairs: each benchmark in every commit within seconds, as long as the budget lasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean

from holdfast.gate.asv.cpu_load import Meter
from holdfast.gate.asv.plan import Bench, Progress
from holdfast.gate.core.readings import Key, Reading, State

_PASSES = 2
"""How often everything is measured, if the budget allows it."""
_ROUNDS = {0: "everything", 1: "a second pair"}
"""What a round is for, by how many there were before it."""
_ENOUGH_TO_GUESS = 5
_SILENCE = 20.0
"""Seconds after which a long round says how far it is."""


@dataclass(slots=True)
class Rounds:
    """What was taken of some commits, and the clock of the budget, which has started."""

    bench: Bench
    budget: float
    progress: Progress
    taken: dict[Key, list[tuple[Reading, ...]]] = field(default_factory=dict)
    """By benchmark: a reading of each commit, one process each."""
    meter: Meter = field(init=False)
    brief: bool = False
    """Whether processes take fewer samples, for a budget that is small."""
    count: int = 0
    _seconds: dict[Key, float] = field(default_factory=dict)
    _said: float = 0.0
    _start: float = 0.0
    """Seconds that the last round took before its first benchmark."""

    def __post_init__(self) -> None:
        self.meter = Meter(self.bench.now, self.bench.foreign_work)

    @property
    def left(self) -> float:
        """Seconds of the budget."""
        return max(self.budget - self.meter.elapsed, 0.0)

    def take(self, keys: Sequence[Key]) -> bool:
        """Measure each benchmark once in every commit; return False when time ran out."""
        if self._start + min(map(self._expected, keys)) > self.left:
            return False
        self._announce(keys)
        began = self.bench.now()
        with self.meter, self.bench.new_round():
            self._start = self.bench.now() - began
            done = [self._take_one(key, number, keys) for number, key in enumerate(keys)]
        self.count += 1
        return any(done)

    def values(self, key: Key) -> tuple[float, ...]:
        """Return the least of each commit's values, nothing where there are none."""
        columns = zip(*self.taken.get(key, ()), strict=True)
        numbers = [[min(one.processes[0]) for one in column if one.processes] for column in columns]
        return tuple(map(min, numbers)) if numbers and all(numbers) else ()

    def _take_one(self, key: Key, number: int, keys: Sequence[Key]) -> bool:
        if self._expected(key) > self.left or self.left <= 0:
            return False
        self._shrink(number, len(keys))
        self._report(number, keys)
        count = len(self.bench.sides)
        # Each in turn goes first: what drifts meets both alike.
        order = range(count) if (self.count + number) % 2 == 0 else range(count - 1, -1, -1)
        began = self.bench.now()
        readings: dict[int, Reading] = {}
        for place in order:
            if readings and self.left <= 0:
                return False  # half a pair proves nothing
            readings[place] = self.bench.run(place, key, brief=self.brief)
        self._seconds[key] = self.bench.now() - began
        self.taken.setdefault(key, []).append(tuple(readings[place] for place in range(count)))
        return True

    def _expected(self, key: Key) -> float:
        return self._seconds.get(key, 0.0)

    def _shrink(self, number: int, total: int) -> None:
        """Take fewer samples where two passes at this pace would not fit into the budget."""
        if self.count == 0 and number >= _ENOUGH_TO_GUESS and not self.brief:
            pace = mean(self._seconds.values())
            self.brief = self.meter.elapsed + pace * (_PASSES * total - number) > self.budget

    def _announce(self, keys: Sequence[Key]) -> None:
        if self.count > _PASSES and self.bench.now() - self._said < _SILENCE:
            return  # rounds of a second each, of the last that is in doubt
        known = [self._seconds[key] for key in keys if key in self._seconds]
        what = _ROUNDS.get(self.count, "what is in doubt")
        about = f", about {self._start + sum(known):.0f} s" if known else ""
        left = f"; {self.left:.0f} s of the budget left" if self.budget < math.inf else ""
        many = "1 benchmark" if len(keys) == 1 else f"{len(keys)} benchmarks"
        self.progress(f"round {self.count + 1}, {what}: {many}{about}{left}")
        self._said = self.bench.now()

    def _report(self, number: int, keys: Sequence[Key]) -> None:
        if self.bench.now() - self._said > _SILENCE:
            self._said = self.bench.now()
            self.progress(f"{number} of {len(keys)} done")


def join(pairs: Sequence[Sequence[Reading]]) -> list[Reading]:
    """Join the processes of each commit; one failed only if it never succeeded.

    Where every commit was measured in some pairs, those alone count, so that the processes of
    the commits stay paired.
    """
    whole = [pair for pair in pairs if all(one.processes for one in pair)]
    return [_join(column) for column in zip(*(whole or pairs), strict=True)]


def _join(readings: Sequence[Reading]) -> Reading:
    measured = [one for one in readings if one.processes]
    if not measured:
        return readings[-1]
    processes = tuple(process for one in measured for process in one.processes)
    # A value that is not a number (a dict) cannot be joined: the last one stands for all.
    sampled = all(one.state is State.MEASURED for one in measured)
    value = min(map(min, processes)) if sampled else measured[-1].value
    cpu = tuple(time for one in measured for time in one.cpu)
    return Reading(
        value,
        processes,
        version=measured[-1].version,
        single_sample=len(processes) == 1,
        cpu=cpu if len(cpu) == len(processes) else (),
    )
