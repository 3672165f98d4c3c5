"""Bring the readings of two commits together: one value per benchmark and parameter set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from holdfast.gate.core.past import PastValues
from holdfast.gate.core.policy import DEFAULT_RULE, Rule
from holdfast.gate.core.readings import NOT_RUN, Key, Reading, Side, State, Suite

_PEAK_MEMORY_NOISE = 0.02  # peak memory of equal code repeats to about 1 %, imports included
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_BEFORE_A_NAME = "'\"( "
"""What can stand before a folder in the repr of a parameter."""

Matched = tuple[Key, Reading | None, Reading | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One benchmark with one set of parameters in both commits, and how it is to be judged."""

    key: Key
    before: Reading | None
    """None where the base knows nothing of it."""
    after: Reading | None
    unit: str = "seconds"
    rule: Rule = DEFAULT_RULE
    past: PastValues | None = None
    ran: bool = False
    """Whether an earlier commit has a result of it."""
    shift: Fraction = Fraction(1)
    """By how much the suite as a whole changed; 1 where the commits were measured in turn."""
    same_machine: bool = True
    interleaved: bool = False
    """Whether the processes of both commits were measured in turn."""

    @property
    def measured(self) -> bool:
        """Whether both commits have a number."""
        return all(one is not None and one.state is State.MEASURED for one in self.readings)

    @property
    def same_version(self) -> bool:
        """Whether both numbers are of the same benchmark, as far as asv noted its version."""
        versions = {one.version for one in self.readings if one is not None and one.version}
        return len(versions) < 2

    @property
    def readings(self) -> tuple[Reading | None, Reading | None]:
        """Both readings, the base's first."""
        return self.before, self.after


def match(before: Mapping[Key, Reading], after: Mapping[Key, Reading]) -> Iterator[Matched]:
    """Yield what belongs together, also when a parameter's repr holds a folder or an address."""
    old = _by_normalised(before.keys() - after.keys())
    new = _by_normalised(after.keys() - before.keys())
    moved = {new[key]: old[key] for key in old.keys() & new.keys()}
    for key in sorted((before.keys() | after.keys()) - set(moved.values())):
        yield key, before.get(moved.get(key, key)), after.get(key)


def mark_not_run(matched: Iterable[Matched], suite: Suite) -> Iterator[Matched]:
    """Tell what the later commit was not asked to run from what its suite has lost."""
    known = {_normalise(key) for key in suite.all_keys()}
    for key, before, after in matched:
        missing = after is None and _normalise(key) in known
        yield key, before, NOT_RUN if missing else after


def subtract_imports(pairs: Sequence[Pair], base: Side, head: Side, name: str) -> list[Pair]:
    """Subtract what interpreter and imports need from peak memory, where both commits tell it."""
    sizes = [_import_size(side, name) for side in (base, head)]
    if not all(sizes):
        return list(pairs)
    return [_subtract(pair, *sizes) if is_peak(pair.key, name) else pair for pair in pairs]


def is_peak(key: Key, baseline: str) -> bool:
    """Return whether a benchmark measures peak memory, and is not itself the ``baseline``."""
    return key[0].rpartition(".")[2].lower().startswith("peakmem") and key[0] != baseline


def same_hardware(base: Side, head: Side) -> bool:
    """Return whether both commits were measured on one kind of processor, as far as is known."""
    facts = [(base.hardware.get(key), head.hardware.get(key)) for key in ("arch", "cpu", "num_cpu")]
    return all(old == new for old, new in facts if old and new)


def _subtract(pair: Pair, old_size: float, new_size: float) -> Pair:
    # What remains keeps the absolute noise of the whole, so changes within it do not count.
    whole = max(
        (one.value for one in pair.readings if one and one.state is State.MEASURED), default=0
    )
    rule = replace(pair.rule, floor=max(pair.rule.floor, _PEAK_MEMORY_NOISE * whole))
    before, after = _minus(pair.before, old_size), _minus(pair.after, new_size)
    return replace(pair, rule=rule, before=before, after=after)


def _minus(reading: Reading | None, size: float) -> Reading | None:
    if reading is None or reading.state is not State.MEASURED:
        return reading
    processes = tuple(tuple(max(v - size, 0) for v in process) for process in reading.processes)
    return replace(reading, value=max(reading.value - size, 0), processes=processes)


def _import_size(side: Side, name: str) -> float:
    """Return the memory of interpreter and imports, which hides what a benchmark itself needs."""
    known = side.readings.get((name, ()))
    return float(known.value) if known and known.state is State.MEASURED else 0.0


def _normalise(key: Key) -> Key:
    """Leave out of a key what differs from run to run: addresses, and the folders of paths."""
    name, params = key
    return name, tuple(_strip_folders(_ADDRESS.sub("", value)) for value in params)


def _strip_folders(text: str) -> str:
    """Cut every path down to its last part; one pass, however long the text is."""
    kept: list[str] = []
    start = 0
    for place, char in enumerate(text):
        if char in _BEFORE_A_NAME:
            kept.append(text[start : place + 1])
            start = place + 1
        elif char in "/\\":
            start = place + 1
    return "".join([*kept, text[start:]])


def _by_normalised(keys: set[Key]) -> dict[Key, Key]:
    found: dict[Key, list[Key]] = {}
    for key in keys:
        found.setdefault(_normalise(key), []).append(key)
    return {name: same[0] for name, same in found.items() if len(same) == 1}
