"""What earlier commits gave on this machine: read from the results beside the base's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

from holdfast.errors import HoldfastError
from holdfast.gate.asv.results import read_side
from holdfast.gate.core.past import Past, PastValues
from holdfast.gate.core.readings import Key, Side, State, Suite
from holdfast.gate.core.suite import ENOUGH_BENCHMARKS

_DATE = re.compile(rb'"date": (\d+)')
_COMMITS = 10
_ENOUGH = 5
_SURE_OF_STEP = 3
_STEP = 1.1


def read_past(base: Side, suite: Suite, head: Side | None = None) -> Past:
    """Return what each benchmark gave up to ``base``.

    Counts the commits with the same machine, environment and version of the benchmark. Fewer
    than five before the base tell nothing of its noise.

    Parameters
    ----------
    base
        The commit that is compared with; it is the newest of its past.
    suite
        Tells which benchmarks are times: those are corrected by what their commit's whole
        suite was slower than the base's.
    head
        Skipped: after a rebase it can carry the base's date.
    """
    before = islice(list_earlier(base, head), _COMMITS)
    sides = [base, *before]
    shifts = [find_shift(base, side, suite) for side in sides]
    known: dict[Key, list[float]] = {}
    ran: set[Key] = set()
    for side, shift in zip(sides, shifts, strict=True):
        for key, reading in side.readings.items():
            if reading.state is not State.MEASURED:
                continue
            ran.add(key)
            if _same_version(base, key, reading.version):
                timed = suite.unit(key[0]) == "seconds"
                known.setdefault(key, []).append(reading.value / (shift if timed else 1.0))
    levels = {key: cut_at_step(seen) for key, seen in known.items()}
    values = {key: summarise_past(seen) for key, seen in levels.items() if len(seen) > _ENOUGH}
    return Past(values, frozenset(ran), find_shift_noise(shifts))


def summarise_past(values: Sequence[float]) -> PastValues:
    """Return the middle and the spread of a benchmark's values."""
    return PastValues(median(values), spread(values), len(values), min(values), max(values))


def cut_at_step(values: Sequence[float]) -> Sequence[float]:
    """Return the values since a benchmark last changed for good; ``values`` are newest first.

    What it gave before says nothing of today's noise. A change is for good when at least three
    values on either side of it do not overlap, with a tenth between them: one bad day is noise.
    """
    for place in range(_SURE_OF_STEP, len(values) - _SURE_OF_STEP + 1):
        newer, older = values[:place], values[place : place + _SURE_OF_STEP]
        gap = max(min(newer) / max(older), min(older) / max(newer)) if min(values) > 0 else 0.0
        if gap > _STEP:
            return newer
    return values


def spread(values: Sequence[float]) -> float:
    """Return the median absolute deviation, as a part of the median."""
    middle = median(values)
    return median(abs(value - middle) for value in values) / abs(middle) if middle else 0.0


def find_shift(base: Side, other: Side, suite: Suite) -> float:
    """Return how much slower ``other``'s whole suite is than the base's: the median over times.

    A benchmark counts once, however many parameters it has; with few of them the answer is 1.
    """
    ratios: dict[str, list[float]] = {}
    for key, reading in other.readings.items():
        known = base.readings.get(key)
        if known is None or suite.unit(key[0]) != "seconds" or known.version != reading.version:
            continue
        if known.state is reading.state is State.MEASURED and known.value > 0 < reading.value:
            ratios.setdefault(key[0], []).append(reading.value / known.value)
    if len(ratios) < ENOUGH_BENCHMARKS:
        return 1.0
    return median(median(seen) for seen in ratios.values())


def find_shift_noise(shifts: Sequence[float]) -> float:
    """Return how far the suite as a whole usually moves from one commit to the next."""
    if len(shifts) <= _ENOUGH:
        return 0.0
    return median(abs(new / old - 1) for new, old in pairwise(shifts))


def list_earlier(base: Side, head: Side | None = None) -> Iterator[Side]:
    """Yield what is stored beside ``base``, of its environment and older, newest first."""
    # A check measures beside asv's results, which need not hold the two commits.
    if not base.path.name or not base.path.parent.is_dir():
        return
    paths = {path for path in base.path.parent.iterdir() if path.name[8:] == base.path.name[8:]}
    others = paths - {base.path, head.path if head else base.path}
    dated = sorted(((_read_date(path), path) for path in others), reverse=True)
    for date, path in dated:
        if 0 < date <= base.date:
            try:
                yield read_side(path)
            except HoldfastError:
                continue  # A damaged file of the past must not hide the present.


def _same_version(base: Side, key: Key, version: str | None) -> bool:
    known = base.readings.get(key)
    return known is not None and known.version == version


def _read_date(path: Path) -> int:
    # asv writes the date near the top: no need to parse thousands of files to sort them.
    with path.open("rb") as file:
        match = _DATE.search(file.read(2048))
    return int(match[1]) if match else 0
