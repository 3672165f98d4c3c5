"""Write a report as a pull-request comment: verdict first, then only what changed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from holdfast.gate.judgement import Report
from holdfast.gate.measure import exactly
from holdfast.gate.report import HEADER, cells, plain, verdict_line
from holdfast.gate.verdict import FAILS, WARNS, Row

_LIMIT = 60_000  # GitHub refuses comments of 65,536 characters


def to_markdown(report: Report) -> str:
    """Return the report for a pull-request comment of less than 60,000 characters."""
    lines = [f"### {escape(verdict_line(report))}", ""]
    lines += [f"> {escape(remark)}" for remark in report.remarks]
    tail = _details("How to reproduce, and to find the commit", _commands(report))
    changed = report.changed
    room = _LIMIT - sum(map(len, (*lines, *tail))) - 2000
    if changed:
        lines += ["", *_table(changed, room * 3 // 4)]
    quiet = report.quiet
    if quiet:
        room -= sum(len(line) + 1 for line in lines)
        summary = f"{len(quiet)} as before"
        lines += _details(summary, _table(quiet, room))
    where = " in ".join(filter(None, (report.machine, report.environment)))
    lines += ["", f"Measured on {escape(where)}." if where else ""]
    return "\n".join([*lines, *tail]) + "\n"


def escape(text: str) -> str:
    """Return ``text`` so that Markdown only shows it: no table, no link, nobody mentioned."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for char in "\\`*_[]|~#":
        text = text.replace(char, f"\\{char}")
    return text.replace("@", "@\u200b").replace("://", ":\u200b//")


def _table(rows: Sequence[Row], room: int) -> list[str]:
    lines = [f"| {' | '.join(HEADER)} |", "|---|--:|--:|--:|---|"]
    for number, row in enumerate(rows):
        line = f"| {' | '.join(map(escape, cells(row)))} |"
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
