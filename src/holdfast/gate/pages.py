"""Write a report as a pull-request comment (Markdown), a page (HTML), a file for CI (JUnit XML)."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from holdfast.gate.blame import Blame
from holdfast.gate.flame import draw
from holdfast.gate.judgement import Report
from holdfast.gate.measure import exactly
from holdfast.gate.page import to_html_text as _text
from holdfast.gate.page import to_page
from holdfast.gate.report import HEADER, cells, tally, tone, verdict_line
from holdfast.gate.text import human, plain
from holdfast.gate.verdict import FAILS, WARNS, Row, Verdict

_LIMIT = 60_000  # GitHub refuses comments of 65,536 characters
_UNJUDGED = {Verdict.SKIPPED, Verdict.NOT_COMPARABLE, Verdict.BOTH_FAILING}
_SIDES = ("before", "after")
_WIDTH, _LEFT, _RIGHT = 900, 70, 20
_LEGEND = """
<p>A dot is a sample, a line of dots a process; the dashed lines are what was compared.</p>
"""
_LINE, _GAP = 7, 12
"""Between two processes, and between the two sides of a drawing."""


def to_markdown(report: Report) -> str:
    """Return the report for a pull-request comment of less than 60,000 characters."""
    head = [f"### {_shown(verdict_line(report))}", ""]
    head += [f"> {_shown(remark)}" for remark in report.remarks]
    place = f" on {_shown(report.place)}" if report.place else ""
    tail = ["", f"Compared {_shown(report.base)} and {_shown(report.head)}{place}."]
    tail += _details("How to reproduce, and to find the commit", _commands(report))
    room = _LIMIT - sum(map(len, (*head, *tail))) - 2000
    changed = ["", *_markdown_table(report.changed, room * 3 // 4)] if report.changed else []
    room -= sum(len(line) + 1 for line in changed)
    quiet = _markdown_table(report.quiet, room)
    folded = _details(tally(report.quiet), quiet) if report.quiet else []
    return "\n".join([*head, *changed, *folded, *tail]) + "\n"


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


def to_html(report: Report) -> str:
    """Return one self-contained page: every change with its samples, then what stayed."""
    body = [
        f"<p>{_text(report.place)}</p>",
        *(f"<p>{_text(remark)}</p>" for remark in report.remarks),
        _html_table(report.changed, report.blames),
        _LEGEND,
        f"<details><summary>{tally(report.quiet) or 'nothing else'}</summary>",
        _html_table(report.quiet),
        "</details>",
    ]
    return to_page(verdict_line(report), "\n".join(body), tone(report.verdict) or "good")


def _shown(text: str) -> str:
    """Return ``text`` so that Markdown only shows it: no table, no link, nobody mentioned."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for char in "\\`*_[]|~#":
        text = text.replace(char, f"\\{char}")
    # What GitHub makes a mention or a link of without being asked.
    return re.sub(r"(@|:(?=//)|www(?=\.))", "\\1\u200b", text, flags=re.IGNORECASE)


def _markdown_table(rows: Sequence[Row], room: int) -> list[str]:
    lines = [f"| {' | '.join(HEADER)} |", "|---|--:|--:|--:|---|"]
    for number, row in enumerate(rows):
        line = f"| {' | '.join(map(_shown, cells(row)))} |"
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
    lines = [f"    holdfast check {base} {head}"]
    # A row 'benchmark: function' warns of a function, which cannot be measured by itself.
    worse = [r for r in report.rows if r.verdict in FAILS | WARNS and ": " not in r.key[0]]
    for row in worse[:3]:
        regex, label = (shlex.quote(plain(text))[:500] for text in (exactly(row.key), row.label))
        lines += [f"    holdfast check {base} {head} --bench {regex}"]
        lines += [f"    holdfast {verb} {base} {head} {label}" for verb in ("blame", "bisect")]
    return lines


def _html_table(rows: Sequence[Row], blames: Mapping[str, Blame] | None = None) -> str:
    head = "".join(f"<th>{name}</th>" for name in HEADER)
    body = []
    for row in rows:
        texts = "".join(f"<td>{_text(text)}</td>" for text in cells(row))
        body.append(f'<tr class="{tone(row.verdict)}">{texts}</tr>')
        if drawing := _drawing(row, blames):
            body.append(f'<tr class="samples"><td colspan="5">{drawing}</td></tr>')
    return "\n".join([f"<table><tr>{head}</tr>", *body, "</table>"])


def _drawing(row: Row, blames: Mapping[str, Blame] | None) -> str:
    if blames is None:
        return ""
    blame = blames.get(row.key[0]) if row.fails else None
    why = f"<details><summary>where the time went</summary>{draw(blame)}</details>" if blame else ""
    return _strips(row) + why


def _strips(row: Row) -> str:
    """Draw the samples of both sides over one axis, a line of dots for each process."""
    values = [value for side in row.samples for process in side for value in process]
    low, high = min(values, default=0), max(values, default=0)
    if row.ratio is None or not all(row.samples) or not 0 < high - low < math.inf:
        return ""

    def x(value: float) -> str:
        return f"{_LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT):.1f}"

    y, parts = _GAP, []
    for name, side in zip(_SIDES, row.samples, strict=True):
        middle = y + _LINE * (len(side) - 1) / 2
        parts.append(f'<text x="12" y="{middle + 4}">{name}</text>')
        for process in side:
            dots = "".join(f"M{x(value)} {y}h0" for value in process)
            parts.append(f'<path class="{name}" d="{dots}"/>')
            y += _LINE
        y += _GAP
    for name, level in zip(_SIDES, (row.before, row.after), strict=True):
        parts.append(f'<line class="{name}" x1="{x(level)}" x2="{x(level)}" y1="4" y2="{y - 6}"/>')
    for end, anchor in ((low, "start"), (high, "end")):
        text = _text(human(end, row.unit))
        parts.append(f'<text x="{x(end)}" y="{y + 6}" text-anchor="{anchor}">{text}</text>')
    return f'<svg viewBox="0 0 {_WIDTH} {y + 14}" role="img">{"".join(parts)}</svg>'
