"""A report in one sentence: the verdict, how many, and which is the worst."""

from __future__ import annotations

from holdfast.escapes import escape
from holdfast.gate.core.report import Report
from holdfast.gate.core.text import format_change
from holdfast.gate.core.verdict import FAILS, LOST, WARNS, Row, Verdict

_SAID = {
    Verdict.FAIL: ("1 benchmark fails", "{} benchmarks fail"),
    Verdict.UNDECIDED: ("1 benchmark may fail, unsettled", "{} benchmarks may fail, unsettled"),
    Verdict.WARN: ("1 benchmark warns", "{} benchmarks warn"),
}
_LONGEST = 120
"""Characters of a benchmark's label; parameters can be of any length."""


def format_headline(report: Report) -> str:
    """Return the verdict as a sentence: ``FAIL: 2 benchmarks fail; io.time_read +31.0 % ...``."""
    word = report.verdict.upper()
    rows = list_decisive(report)
    if not rows:
        return f"{word}: nothing exceeds its limits"
    one, many = _SAID[report.verdict]
    said = one if len(rows) == 1 else many.format(len(rows))
    most = " most of all" if rows[1:] else ""
    return f"{word}: {said}; {_format_worst(rows[0])}{most}"


def list_decisive(report: Report) -> list[Row]:
    """Return the rows that give the report its verdict, worst first."""
    counted = [row for row in report.all_rows if not row.waived]
    match report.verdict:
        case Verdict.FAIL:
            wanted = FAILS | LOST if report.strict else FAILS
            return [row for row in counted if row.verdict in wanted]
        case Verdict.UNDECIDED:
            return [row for row in counted if row.may_fail]
        case Verdict.WARN:
            return [row for row in counted if row.verdict in WARNS]
    return []


def _format_worst(row: Row) -> str:
    name = escape(row.label)
    name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return (
        f"{name} {format_change(row.ratio)}"
        if row.ratio is not None
        else f"{name} is {row.verdict}"
    )
