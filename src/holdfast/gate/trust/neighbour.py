"""A neighbour on the same machine, who works in bursts: what a calibration can be disturbed by."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator

SHORTEST, LONGEST = 25.0, 55.0
"""Seconds of a burst, and of the pause after it."""
_SLICE = 0.05
"""Seconds after which the end of a burst is looked for, and the end of who started this."""
_SIZE = 100_000
"""Numbers that are sorted: more than a processor's nearest caches hold."""


@contextlib.contextmanager
def keep_busy(count: int, seed: int) -> Iterator[list[int]]:
    """Start so many neighbours, each a process with bursts of its own; give their process ids.

    They end with the block, and with this process, however that ends.
    """
    command = [sys.executable, __file__, str(os.getpid())]
    started = [subprocess.Popen([*command, str(seed), str(number)]) for number in range(count)]
    try:
        yield [each.pid for each in started]
    finally:
        for each in started:
            each.kill()
            each.wait()


def plan_bursts(seed: int, number: int) -> Iterator[tuple[bool, float]]:
    """Yield whether to work, and for how many seconds: the same for the same seed and number."""
    chance = random.Random(f"{seed}/{number}")
    working = chance.random() < 0.5
    while True:
        yield working, chance.uniform(SHORTEST, LONGEST)
        working = not working


def live(parent: int, seed: int, number: int) -> None:
    """Work in bursts, as long as the parent process is there."""
    values = random.Random(seed).sample(range(_SIZE * 10), _SIZE)
    for working, seconds in plan_bursts(seed, number):
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if os.getppid() != parent:
                return
            if working:
                sorted(values)
            else:
                time.sleep(min(_SLICE, end - now))


if __name__ == "__main__":
    live(*map(int, sys.argv[1:]))
