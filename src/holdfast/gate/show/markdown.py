"""A report as a pull-request comment in Markdown, and as annotations of a workflow."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from holdfast.escapes import escape
from holdfast.gate.core.report import Report
from holdfast.gate.core.selection import exactly
from holdfast.gate.core.verdict import FAILS, WARNS, Row, Verdict
from holdfast.gate.show.headline import format_headline
from holdfast.gate.show.table import HEADER, count_verdicts, format_row, format_verdict

_LIMIT = 60_000  # GitHub refuses comments of 65,536 characters
_MOST_OPTIONS, _LONGEST_OPTION = 10, 200


def to_markdown(report: Report) -> str:
    """Return the report for a pull-request comment of less than 60,000 characters."""
    # One headline, then what it counts.
    head = [f"### {escape_markdown(format_headline(report))}", ""]
    head += [f"{escape_markdown(format_verdict(report).partition('  ')[2])}", ""]
    head += [f"> {escape_markdown(remark)}" for remark in report.remarks]
    place = f" on {escape_markdown(report.place)}" if report.place else ""
    tail = [
        "",
        f"Compared {escape_markdown(report.base)} and {escape_markdown(report.head)}{place}.",
    ]
    tail += _list_next_steps(report)
    room = _LIMIT - sum(map(len, (*head, *tail))) - 2000
    changed = ["", *_markdown_table(report.changed, room * 3 // 4)] if report.changed else []
    room -= sum(len(line) + 1 for line in changed)
    quiet = _markdown_table(report.quiet, room)
    folded = _fold(count_verdicts(report.quiet), quiet) if report.quiet else []
    return "\n".join([*head, *changed, *folded, *tail]) + "\n"


def escape_markdown(text: str) -> str:
    """Return ``text`` so that Markdown only shows it: no table, no link, nobody mentioned."""
    text = escape(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for char in "\\`*_[]|~#":
        text = text.replace(char, f"\\{char}")
    # What GitHub makes a mention or a link of without being asked.
    return re.sub(r"(@|:(?=//)|www(?=\.))", "\\1\u200b", text, flags=re.IGNORECASE)


def _markdown_table(rows: Sequence[Row], room: int) -> list[str]:
    lines = [f"| {' | '.join(HEADER)} |", "|---|--:|--:|--:|---|"]
    for number, row in enumerate(rows):
        line = f"| {' | '.join(map(escape_markdown, format_row(row)))} |"
        room -= len(line) + 1
        if room < 0:
            return [*lines, "", f"... and {len(rows) - number} more."]
        lines.append(line)
    return lines


def _fold(summary: str, lines: Iterable[str]) -> list[str]:
    return ["", f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]


def _list_next_steps(report: Report) -> list[str]:
    """Return the commands that go on from here; they stand open where something must be done."""
    commands = _list_commands(report)
    if report.verdict is Verdict.PASS:
        return _fold("How to reproduce", commands)
    said = (
        "**What next:** reproduce it, see which functions grew (`blame`), find the commit "
        "(`bisect`). What is meant to be slower gets a `waiver` in the policy."
    )
    return ["", said, "", *commands]


def _list_commands(report: Report) -> list[str]:
    # Indented code: no name can end it, since none keeps its line breaks.
    base, head = shlex.quote(escape(report.base)), shlex.quote(escape(report.head))
    options = [word for word in report.options if len(word) <= _LONGEST_OPTION][:_MOST_OPTIONS]
    given = _join_words(options)
    # How to measure is nothing that a command which explains must know.
    others = [word for word in options if not word.startswith(("--asv=", "--bench="))]
    lines = [f"    holdfast check {base} {head}{given}"]
    # A row 'benchmark: function' warns of a function, which cannot be measured by itself.
    worse = [
        r
        for r in report.rows
        if (r.may_fail or r.verdict in FAILS | WARNS) and ": " not in r.key[0]
    ]
    for row in worse[:3]:
        same = _join_words(others, row.environment)
        regex, label = (shlex.quote(escape(text))[:500] for text in (exactly(row.key), row.label))
        lines += [f"    holdfast check {base} {head} --bench {regex}{same}"]
        lines += [
            f"    holdfast {verb} {base} {head} {label}{same}" for verb in ("blame", "bisect")
        ]
    return lines


def _join_words(words: Sequence[str], environment: str = "") -> str:
    """Return options as they are typed, for one environment where there are several."""
    if environment:
        words = [word for word in words if not word.startswith("--env=")]
        # Of several machines it reads "machine in environment".
        words = [*words, f"--env={environment.rpartition(' in ')[2]}"]
    return "".join(f" {shlex.quote(escape(word))[:500]}" for word in words)


def to_annotations(report: Report) -> str:
    """Return a workflow command of GitHub's for each row that fails or may fail, a line each."""
    failed = [row for row in report.all_rows if row.fails or (row.may_fail and not row.waived)]
    lines = []
    for row in failed:
        verdict, change, before, after, label = format_row(row)
        text = f"{label}: {verdict} {change} ({before} to {after})".replace("%", "%25")
        lines.append(f"::error title=Benchmark::{text}\n")
    return "".join(lines)
