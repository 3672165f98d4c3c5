"""Judge two commits as a whole: pair their benchmarks, judge each and the suite, sum up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from holdfast.errors import NothingMeasured
from holdfast.gate.core.pairs import (
    Pair,
    is_peak,
    mark_not_run,
    match,
    same_hardware,
    subtract_imports,
)
from holdfast.gate.core.past import NO_PAST, Past
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Side, Suite, label
from holdfast.gate.core.rules import judge_pair
from holdfast.gate.core.suite import common_shift, judge_suite, ratios_by_name
from holdfast.gate.core.verdict import FAILS, LOST, QUIET, WARNS, Row, Verdict

_JUDGED = FAILS | {
    Verdict.WARN, Verdict.IMPROVED, Verdict.PERHAPS_FASTER, Verdict.PASS, Verdict.NOT_SURE,
}  # fmt: skip
_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Report:
    """Two commits, compared: rows, worst first."""

    base: str
    head: str
    machine: str
    environment: str
    rows: Sequence[Row]
    shift: Row | None = None
    """The suite as a whole: the geometric mean of its benchmarks' ratios."""
    remarks: Sequence[str] = ()
    param_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    coarse: bool = False
    """The numbers come from printed text, with three digits."""
    strict: bool = False
    """Whether what the head lost fails, instead of warning."""
    options: Sequence[str] = ()
    """What another command must be told to mean the same project, as words: ``--set=...``."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the rows, as fail, undecided, warn or pass."""
        counted = [row for row in self.all_rows if not row.waived]
        verdicts = {row.verdict for row in counted}
        if verdicts & (FAILS | LOST if self.strict else FAILS):
            return Verdict.FAIL
        if any(row.may_fail for row in counted):
            return Verdict.UNDECIDED
        return Verdict.WARN if verdicts & WARNS else Verdict.PASS

    @property
    def all_rows(self) -> list[Row]:
        """The suite as a whole, if it could be judged, then the rows."""
        return [*([self.shift] if self.shift else []), *self.rows]

    @property
    def changed(self) -> list[Row]:
        """What is worth a line of its own: the suite if it changed, then every change."""
        return [row for row in self.all_rows if row.verdict not in QUIET]

    @property
    def quiet(self) -> list[Row]:
        """What is as it was."""
        return [row for row in self.rows if row.verdict in QUIET]

    @property
    def place(self) -> str:
        """Machine and environment, as far as they are known."""
        return " in ".join(filter(None, (self.machine, self.environment)))


def judge(
    base: Side,
    head: Side,
    suite: Suite,
    policy: Policy,
    past: Past = NO_PAST,
    remarks: Sequence[str] = (),
    *,
    interleaved: bool = False,
) -> Report:
    """Judge every benchmark that either commit has, and return the rows worst first.

    Parameters
    ----------
    base, head
        The readings of the two commits.
    suite
        The benchmarks of the head. What the head has no result of is gone when its suite does
        not have it either.
    policy
        The limits.
    past
        What earlier commits gave.
    remarks
        What the reader should know about the measurement.
    interleaved
        Whether both commits were measured in turn, process by process. Then nothing is
        subtracted from a row; of separate runs a change must show beside the suite's, too.

    Raises
    ------
    NothingMeasured
        When no benchmark could be judged at all.
    """
    pairs = _make_pairs(base, head, suite, policy, past, interleaved)
    by_name = ratios_by_name(pairs)
    shift = Fraction(1) if interleaved else common_shift(by_name)
    rows = [judge_pair(replace(pair, shift=shift)) for pair in pairs]
    _require_judged(rows)
    rules = [pair.rule for pair in pairs if pair.key[0] in by_name]
    whole = judge_suite(by_name, rules, 0.0 if interleaved else past.shift_noise)
    remarks = (*remarks, *_remark_imports(base, head, pairs, policy))
    names = {name: benchmark.param_names for name, benchmark in suite.items()}
    rows.sort(key=sort_key)
    place = (head.machine, head.environment)
    return Report(
        base.commit, head.commit, *place, rows, whole, remarks, names, strict=policy.strict
    )


def combine(reports: Sequence[Report]) -> Report:
    """Return one report of several environments or machines, with one verdict.

    Each row names its environment; what the whole suite did in each is a row, too.
    """
    first = reports[0]
    if len(reports) == 1:
        return first
    machines = list(dict.fromkeys(report.machine for report in reports))
    rows = [
        replace(row, environment=report.environment if len(machines) == 1 else report.place)
        for report in reports
        for row in report.all_rows
    ]
    remarks = dict.fromkeys(remark for report in reports for remark in report.remarks)
    return replace(
        first,
        machine=", ".join(machines),
        environment=", ".join(dict.fromkeys(report.environment for report in reports)),
        rows=sorted(rows, key=sort_key),
        shift=None,
        remarks=tuple(remarks),
        param_names={name: n for report in reports for name, n in report.param_names.items()},
    )


def sort_key(row: Row) -> tuple[bool, int, bool, float, tuple[str, tuple[str, ...]]]:
    """Return what sorts rows, the worst first."""
    change = 0.0 if row.ratio is None else abs(row.ratio - 1)
    return row.waived, _ORDER[row.verdict], not row.may_fail, -change, row.key


def _make_pairs(
    base: Side, head: Side, suite: Suite, policy: Policy, past: Past, interleaved: bool
) -> list[Pair]:
    matched = mark_not_run(match(base.readings, head.readings), suite)
    same_machine = same_hardware(base, head)
    pairs = [
        Pair(
            key,
            before,
            after,
            unit=suite.unit(key[0]),
            rule=policy.rule(label(key)),
            past=past.values.get(key),
            ran=key in past.ran,
            same_machine=same_machine,
            interleaved=interleaved,
        )
        for key, before, after in matched
    ]
    if not policy.memory_baseline:
        return pairs
    return subtract_imports(pairs, base, head, policy.memory_baseline)


def _require_judged(rows: Sequence[Row]) -> None:
    if any(row.verdict in _JUDGED for row in rows):
        return
    reasons = sorted({row.note or row.verdict.value for row in rows}) or ["no results"]
    raise NothingMeasured(
        f"none of {len(rows)} benchmarks can be judged ({'; '.join(reasons[:3])}); "
        "measure both commits in the same way"
    )


def _remark_imports(base: Side, head: Side, pairs: Sequence[Pair], policy: Policy) -> list[str]:
    name = policy.memory_baseline
    known = all((name, ()) in side.readings for side in (base, head))
    if not name or known or not any(is_peak(pair.key, "") for pair in pairs):
        return []
    return [f"peak memory includes the imports: {name} has no result here"]
