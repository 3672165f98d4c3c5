"""Write a report as a page to open (HTML, the samples drawn) or a file for CI (JUnit XML)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from holdfast.gate.judgement import Report
from holdfast.gate.report import HEADER, cells, human, plain, verdict_line
from holdfast.gate.verdict import FAILS, WARNS, Row, Verdict

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .2em .8em .2em 0; border-bottom: 1px solid #ddd; text-align: left; }
td:nth-child(n+2):nth-child(-n+4) { text-align: right; white-space: nowrap; }
td:last-child, h2 { overflow-wrap: anywhere; }
.bad { color: #b00020; } .warn { color: #9a6200; } .good { color: #1a7f37; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #555; }
h2 { font-size: 1em; margin: 2em 0 0; }
"""
_WIDTH, _LEFT = 900, 60
_GOOD = {Verdict.IMPROVED, Verdict.FIXED}


def to_html(report: Report) -> str:
    """Return one self-contained page: the table, and the samples of every change."""
    title = escape(verdict_line(report))
    notes = "".join(f"<p>{_text(remark)}</p>" for remark in report.remarks)
    quiet = report.quiet
    where = _text(" in ".join(filter(None, (report.machine, report.environment))))
    drawn = "".join(_drawing(row) for row in report.changed if all(row.samples))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><h1 class='{_class(report.verdict)}'>{title}</h1>{notes}<p>{where}</p>\n"
        f"{_table(report.changed)}{drawn}\n"
        f"<details><summary>{len(quiet)} as before</summary>{_table(quiet)}</details>"
        "</body></html>\n"
    )


def to_junit(report: Report) -> str:
    """Return JUnit XML: one test case per row; what was not judged is skipped."""
    failures = sum(row.verdict in FAILS and not row.waived for row in report.all_rows)
    cases = "\n".join(_case(row) for row in report.all_rows)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuite name="holdfast" tests="{len(report.all_rows)}" failures="{failures}">\n'
        f"{cases}\n</testsuite>\n"
    )


def _case(row: Row) -> str:
    verdict, change, before, after, label = map(_text, cells(row))
    message = f"{verdict} {change} ({before} to {after}) {label}"
    inner = f"<system-out>{message}</system-out>"
    if row.verdict in FAILS and not row.waived:
        inner = f'<failure message="{message}"/>'
    elif row.verdict in {Verdict.SKIPPED, Verdict.NOT_COMPARABLE, Verdict.BOTH_FAILING}:
        inner = f'<skipped message="{message}"/>'
    group = _text(row.key[0].rpartition(".")[0])
    return f'  <testcase classname="{group}" name="{_text(row.label)}">{inner}</testcase>'


def _table(rows: Sequence[Row]) -> str:
    head = "".join(f"<th>{name}</th>" for name in HEADER)
    body = "".join(
        f"<tr class='{_class(row.verdict)}'>"
        + "".join(f"<td>{_text(text)}</td>" for text in cells(row))
        + "</tr>\n"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def _drawing(row: Row) -> str:
    values = [value for side in row.samples for value in side if _drawable(value)]
    if not values:
        return ""
    low, high = min(values), max(values)
    scale = (_WIDTH - _LEFT - 20) / ((high - low) or 1)
    rows = "".join(
        f"<text x='0' y='{y + 4}'>{name}</text>"
        + "".join(
            f"<circle cx='{_LEFT + (value - low) * scale:.1f}' cy='{y}' r='4' fill='{colour}' "
            "fill-opacity='.35'/>"
            for value in side
            if _drawable(value)
        )
        for name, side, y, colour in zip(
            ("before", "after"), row.samples, (16, 40), ("#0b62c4", "#b00020"), strict=True
        )
    )
    ends = (
        f"<text x='{_LEFT}' y='66'>{_text(human(low, row.unit))}</text>"
        f"<text x='{_WIDTH - 20}' y='66' text-anchor='end'>{_text(human(high, row.unit))}</text>"
    )
    picture = f"<svg viewBox='0 0 {_WIDTH} 72' role='img' aria-label='samples'>{rows}{ends}</svg>"
    return f"<h2>{_text(row.label)}</h2>{picture}\n"


def _drawable(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _class(verdict: Verdict) -> str:
    known = (("bad", FAILS), ("warn", WARNS), ("good", _GOOD))
    return next((name for name, verdicts in known if verdict in verdicts), "")


def _text(text: str) -> str:
    return escape(plain(text))
