"""What a benchmark gave on this machine before, and how noisy it was: earlier commits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from holdfast.errors import HoldfastError
from holdfast.gate.asv.results import read_side
from holdfast.gate.core.readings import Key, Past, Side, State

_DATE = re.compile(rb'"date": (\d+)')
_COMMITS = 10
_ENOUGH = 5


def past(base: Side, head: Side | None = None) -> dict[Key, Past]:
    """Return what each benchmark gave up to ``base``.

    The ``head`` that is to be judged is no past, though a rebase dates both alike. Counts the
    commits with the same machine, environment and version of the benchmark. Fewer
    than five before the base tell nothing.
    """
    values: dict[Key, list[float]] = {}
    for side in [base, *islice(earlier(base.path, head.path if head else None), _COMMITS)]:
        for key, reading in side.readings.items():
            known = base.readings.get(key)
            if known and reading.state is State.MEASURED and reading.version == known.version:
                values.setdefault(key, []).append(float(reading.value))
    return {
        key: Past(median(seen), spread(seen), len(seen))
        for key, seen in values.items()
        if len(seen) > _ENOUGH
    }


def spread(values: list[float]) -> float:
    """Return the median absolute deviation, as a part of the median."""
    middle = median(values)
    return median(abs(value - middle) for value in values) / abs(middle) if middle else 0.0


def earlier(base: Path, head: Path | None = None) -> Iterator[Side]:
    """Yield what is stored beside ``base``, of its environment and older, newest first."""
    paths = {path for path in base.parent.iterdir() if path.name[8:] == base.name[8:]}
    dated = sorted(((_date(path), path) for path in paths - {base, head}), reverse=True)
    newest = _date(base)
    for date, path in dated:
        if 0 < date <= newest:
            try:
                yield read_side(path)
            except HoldfastError:
                continue  # A damaged file of the past must not hide the present.


def _date(path: Path) -> int:
    # asv writes the date near the top: no need to parse thousands of files to sort them.
    with path.open("rb") as file:
        match = _DATE.search(file.read(2048))
    return int(match[1]) if match else 0
