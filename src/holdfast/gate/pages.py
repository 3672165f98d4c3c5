"""Write a report as a pull-request comment (Markdown), a page (HTML), a file for CI (JUnit XML)."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Sequence
from html import escape

from holdfast.gate.judgement import Report
from holdfast.gate.measure import exactly
from holdfast.gate.report import HEADER, cells, human, plain, tone, verdict_line
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
_LIMIT = 60_000  # GitHub refuses comments of 65,536 characters
_WIDTH, _LEFT = 900, 60


def to_markdown(report: Report) -> str:
    """Return the report for a pull-request comment of less than 60,000 characters."""
    lines = [f"### {escape_markdown(verdict_line(report))}", ""]
    lines += [f"> {escape_markdown(remark)}" for remark in report.remarks]
    tail = _details("How to reproduce, and to find the commit", _commands(report))
    changed = report.changed
    room = _LIMIT - sum(map(len, (*lines, *tail))) - 2000
    if changed:
        lines += ["", *_markdown_table(changed, room * 3 // 4)]
    if quiet := report.quiet:
        room -= sum(len(line) + 1 for line in lines)
        summary = f"{len(quiet)} as before"
        lines += _details(summary, _markdown_table(quiet, room))
    lines += ["", f"Measured on {escape_markdown(report.place)}." if report.place else ""]
    return "\n".join([*lines, *tail]) + "\n"


def escape_markdown(text: str) -> str:
    """Return ``text`` so that Markdown only shows it: no table, no link, nobody mentioned."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for char in "\\`*_[]|~#":
        text = text.replace(char, f"\\{char}")
    return text.replace("@", "@\u200b").replace("://", ":\u200b//")


def _markdown_table(rows: Sequence[Row], room: int) -> list[str]:
    lines = [f"| {' | '.join(HEADER)} |", "|---|--:|--:|--:|---|"]
    for number, row in enumerate(rows):
        line = f"| {' | '.join(map(escape_markdown, cells(row)))} |"
        room -= len(line) + 1
        if room < 0:
            return [*lines, "", f"... and {len(rows) - number} more."]
        lines.append(line)
    return lines


def _details(summary: str, lines: Iterable[str]) -> list[str]:
    return ["", f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]


def _commands(report: Report) -> list[str]:
    # Indented code: no name can end it, since none keeps its line breaks.
    base, head = shlex.quote(plain(report.base)), shlex.quote(plain(report.head))
    worst = [row for row in report.rows if row.verdict in FAILS | WARNS][:3]
    lines = [f"    holdfast check {base} {head}"]
    for row in worst:
        regex = shlex.quote(plain(exactly(row.key)))[:500]
        lines += [f"    holdfast check {base} {head} --bench {regex}"]
        lines += [f"    asv find {base}..{head} {regex}"]
    return lines


def to_html(report: Report) -> str:
    """Return one self-contained page: the table, and the samples of every change."""
    title = escape(verdict_line(report))
    notes = "".join(f"<p>{_text(remark)}</p>" for remark in report.remarks)
    drawn = "".join(_drawing(row) for row in report.changed if all(row.samples))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><h1 class='{tone(report.verdict)}'>{title}</h1>{notes}\n"
        f"<p>{_text(report.place)}</p>{_table(report.changed)}{drawn}\n"
        f"<details><summary>{len(report.quiet)} as before</summary>{_table(report.quiet)}</details>"
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
        f"<tr class='{tone(row.verdict)}'>"
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


def _text(text: str) -> str:
    return escape(plain(text))
