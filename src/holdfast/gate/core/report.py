"""Judge two commits as a whole: pair their benchmarks, remove what moved all of them, sum up."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from statistics import median

from holdfast.errors import NothingMeasured
from holdfast.gate.core.policy import Policy, Rule
from holdfast.gate.core.ratios import Evidence, to_float, weigh
from holdfast.gate.core.readings import NOT_RUN, Key, Past, Reading, Side, State, Suite, label
from holdfast.gate.core.verdict import FAILS, QUIET, WARNS, Row, Verdict, compare, judge_one

_JUDGED = FAILS | {Verdict.WARN, Verdict.IMPROVED, Verdict.PASS}
_SLOWER = {Verdict.WARN, Verdict.FAIL}
_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}
_ENOUGH_FOR_A_SHIFT = 8
_SMALLEST_SHIFT = Fraction(2, 100)
_PEAK_MEMORY_BLUR = 0.02  # peak memory of equal code repeats to about 1 %, imports included
_ELSEWHERE = re.compile(r" at 0x[0-9a-fA-F]+|[^'\"( ]*[/\\]")
"""Addresses and folders in the repr of a parameter: they differ from run to run."""

Pair = tuple[Key, Reading | None, Reading | None]


@dataclass(frozen=True, slots=True)
class Report:
    """Two commits, compared: rows, worst first."""

    base: str
    head: str
    machine: str
    environment: str
    rows: Sequence[Row]
    shift: Row | None = None
    """The change that all benchmarks share, removed from each and judged by itself."""
    remarks: Sequence[str] = ()
    param_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    coarse: bool = False
    """The numbers come from printed text, with three digits."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the rows, as pass, warn or fail."""
        verdicts = {row.verdict for row in self.all_rows if not row.waived}
        if verdicts & FAILS:
            return Verdict.FAIL
        return Verdict.WARN if verdicts & WARNS else Verdict.PASS

    @property
    def all_rows(self) -> list[Row]:
        """The shift, if there is one, then the rows."""
        return [*([self.shift] if self.shift else []), *self.rows]

    @property
    def changed(self) -> list[Row]:
        """What is worth a line of its own: the shift, then every change."""
        return [row for row in self.all_rows if row.verdict not in QUIET]

    @property
    def quiet(self) -> list[Row]:
        """What is as it was."""
        return [row for row in self.all_rows if row.verdict in QUIET]

    @property
    def place(self) -> str:
        """Machine and environment, as far as they are known."""
        return " in ".join(filter(None, (self.machine, self.environment)))


def judge(
    base: Side,
    head: Side,
    suite: Suite,
    policy: Policy,
    past: Mapping[Key, Past] | None = None,
    remarks: Sequence[str] = (),
) -> Report:
    """Judge every benchmark that either commit has, and return the rows worst first.

    What the later commit has no result of is gone when the ``suite`` does not have it either.
    ``past`` is what each benchmark gave before, ``remarks`` what the reader should know about
    the measurement. Raises ``NothingMeasured`` when no benchmark could be judged at all.
    """
    pairs = list(pair(base.readings, head.readings))
    comparable = _same_hardware(base, head)
    shift = common_shift(pairs, suite) if comparable else Fraction(1)
    imports = [_import_size(side, policy.memory_baseline) for side in (base, head)]
    there = set(map(_essence, suite.all_keys()))
    rows = []
    for key, before, after in pairs:
        unit, rule = suite.unit(key[0]), policy.rule(label(key))
        timed = unit == "seconds"
        if after is None and _essence(key) in there:
            after = NOT_RUN
        if all(imports) and _is_peak(key, policy.memory_baseline):
            rule = _with_blur(rule, before, after)
            before, after = _less(before, imports[0]), _less(after, imports[1])
        look = partial(judge_one, key, before, after, unit, rule, past=(past or {}).get(key))
        row = look(shift=shift) if timed else look()
        if timed and row.ratio is not None and not comparable:
            note = "the two commits were timed on different processors"
            row = replace(row, verdict=Verdict.NOT_COMPARABLE, note=note)
        if row.verdict in _SLOWER and timed and shift < 1 and look().verdict not in _SLOWER:
            note = "as fast as it was, while the suite as a whole became faster"
            row = replace(row, verdict=Verdict.NOT_SURE, note=note)
        rows.append(row)
    if not any(row.verdict in _JUDGED for row in rows):
        reasons = sorted({row.note or row.verdict.value for row in rows}) or ["no results"]
        raise NothingMeasured(
            f"none of {len(rows)} benchmarks can be judged ({'; '.join(reasons[:3])}); "
            "measure both commits in the same way, for example with 'holdfast check'"
        )
    if policy.memory_baseline and not all(imports) and any(_is_peak(row.key, "") for row in rows):
        unknown = f"peak memory includes the imports: {policy.memory_baseline} has no result here"
        remarks = (*remarks, unknown)
    names = {name: benchmark.param_names for name, benchmark in suite.items()}
    rows.sort(key=badness)
    place = (head.machine, head.environment)
    return Report(base.commit, head.commit, *place, rows, _shift_row(shift), remarks, names)


def pair(before: Mapping[Key, Reading], after: Mapping[Key, Reading]) -> Iterator[Pair]:
    """Yield what belongs together, also when a parameter's repr holds a folder or an address."""
    old = _by_essence(before.keys() - after.keys())
    new = _by_essence(after.keys() - before.keys())
    moved = {new[essence]: old[essence] for essence in old.keys() & new.keys()}
    for key in sorted((before.keys() | after.keys()) - set(moved.values())):
        yield key, before.get(moved.get(key, key)), after.get(key)


def common_shift(pairs: Sequence[Pair], suite: Suite) -> Fraction:
    """Return by how much the suite as a whole became slower: the median over its benchmarks.

    A benchmark counts once, however many parameters it has. Few benchmarks, or a shift of two
    per cent, tell nothing.
    """
    by_name: dict[str, list[Fraction]] = {}
    for (name, _), before, after in pairs:
        found = _weighed(before, after) if suite.unit(name) == "seconds" else None
        if found:
            by_name.setdefault(name, []).append(median(found.ratios))
    if len(by_name) < _ENOUGH_FOR_A_SHIFT:
        return Fraction(1)
    shift = median(map(median, by_name.values()))
    return shift if abs(shift - 1) > _SMALLEST_SHIFT else Fraction(1)


def _weighed(before: Reading | None, after: Reading | None) -> Evidence | None:
    if before is None or after is None or before.version != after.version:
        return None
    both = before.state is after.state is State.MEASURED
    found = weigh(before, after) if both else None
    usable = found and to_float(min(found.ratios)) > 0 and to_float(max(found.ratios)) < math.inf
    return found if usable else None


def _shift_row(shift: Fraction) -> Row | None:
    if shift == 1:
        return None
    verdict, _ = compare(Evidence(1.0, float(shift), (shift,)), Rule())
    note = "removed from each benchmark; the code that all of them share, or the machine"
    return Row(("(the whole suite)", ()), verdict, "", ratio=float(shift), note=note)


def _import_size(side: Side, name: str) -> float:
    """Return the memory of interpreter and imports, which hides what a benchmark itself needs."""
    known = side.readings.get((name, ()))
    return float(known.value) if known and known.state is State.MEASURED else 0.0


def _is_peak(key: Key, baseline: str) -> bool:
    return key[0].rpartition(".")[2].lower().startswith("peakmem") and key[0] != baseline


def _with_blur(rule: Rule, *readings: Reading | None) -> Rule:
    # What remains keeps the absolute noise of the whole, so changes within it do not count.
    whole = max((r.value for r in readings if r and r.state is State.MEASURED), default=0)
    return replace(rule, floor=max(rule.floor, _PEAK_MEMORY_BLUR * whole))


def _less(reading: Reading | None, size: float) -> Reading | None:
    if reading is None or reading.state is not State.MEASURED:
        return reading
    processes = tuple(tuple(max(v - size, 0) for v in process) for process in reading.processes)
    return replace(reading, value=max(reading.value - size, 0), processes=processes)


def _same_hardware(base: Side, head: Side) -> bool:
    facts = [(base.hardware.get(key), head.hardware.get(key)) for key in ("arch", "cpu", "num_cpu")]
    return all(old == new for old, new in facts if old and new)


def _essence(key: Key) -> Key:
    name, params = key
    return name, tuple(_ELSEWHERE.sub("", value) for value in params)


def _by_essence(keys: set[Key]) -> dict[Key, Key]:
    found: dict[Key, list[Key]] = {}
    for key in keys:
        found.setdefault(_essence(key), []).append(key)
    return {essence: same[0] for essence, same in found.items() if len(same) == 1}


def badness(row: Row) -> tuple[bool, int, float, Key]:
    """Return what sorts rows, the worst first."""
    change = 0.0 if row.ratio is None else abs(row.ratio - 1)
    return row.waived, _ORDER[row.verdict], -change, row.key
