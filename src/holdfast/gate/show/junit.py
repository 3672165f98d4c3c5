"""A report as JUnit XML, which CI servers read."""

from __future__ import annotations

from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.show.page import to_html_text as _text
from holdfast.gate.show.table import format_row

_UNJUDGED = {
    Verdict.SKIPPED,
    Verdict.NEWLY_SKIPPED,
    Verdict.NOT_COMPARABLE,
    Verdict.BOTH_FAILING,
}


def to_junit(report: Report) -> str:
    """Return JUnit XML, a test case per row: not judged is skipped, what may fail an error."""
    rows = report.all_rows
    kinds = [_find_kind(row) for row in rows]
    cases = [_format_case(row, kind) for row, kind in zip(rows, kinds, strict=True)]
    counts = f'failures="{kinds.count("failure")}" errors="{kinds.count("error")}"'
    suite = f'<testsuite name="holdfast" tests="{len(rows)}" {counts}>'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', suite, *cases, "</testsuite>\n"])


def _find_kind(row: Row) -> str:
    """Return the element that says what became of a row; what may fail could not be judged."""
    if row.fails:
        return "failure"
    if row.may_fail and not row.waived:
        return "error"
    return "skipped" if row.verdict in _UNJUDGED else ""


def _format_case(row: Row, kind: str) -> str:
    verdict, change, before, after, label = map(_text, format_row(row))
    message = f"{verdict} {change} ({before} to {after}) {label}"
    inner = f'<{kind} message="{message}"/>' if kind else f"<system-out>{message}</system-out>"
    name = f'classname="{_text(row.key[0].rpartition(".")[0])}" name="{_text(row.label)}"'
    return f"  <testcase {name}>{inner}</testcase>"
