"""A report as JUnit XML, which CI servers read."""

from __future__ import annotations

from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.page import to_html_text as _text
from holdfast.gate.show.table import cells

_UNJUDGED = {Verdict.SKIPPED, Verdict.NOT_COMPARABLE, Verdict.BOTH_FAILING}


def to_junit(report: Report) -> str:
    """Return JUnit XML: one test case per row; what was not judged is skipped."""
    rows = report.all_rows
    cases = []
    for row in rows:
        verdict, change, before, after, label = map(_text, cells(row))
        message = f"{verdict} {change} ({before} to {after}) {label}"
        inner = f"<system-out>{message}</system-out>"
        if row.fails or row.verdict in _UNJUDGED:
            inner = f'<{"failure" if row.fails else "skipped"} message="{message}"/>'
        name = f'classname="{_text(row.key[0].rpartition(".")[0])}" name="{_text(row.label)}"'
        cases.append(f"  <testcase {name}>{inner}</testcase>")
    failures = sum(row.fails for row in rows)
    suite = f'<testsuite name="holdfast" tests="{len(rows)}" failures="{failures}">'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', suite, *cases, "</testsuite>\n"])
