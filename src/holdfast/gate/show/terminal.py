"""Show a report as a table for the terminal, or as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.gate.core.report import Report
from holdfast.gate.core.text import plain
from holdfast.gate.core.verdict import Row
from holdfast.gate.show.table import HEADER, cells, tally, tone, verdict_line

_COLOURS = {"bad": 31, "warn": 33, "good": 32, "doubt": 36}
_MANY = 40


def to_terminal(report: Report, *, colour: bool) -> str:
    """Return the table, worst first, and the verdict as its last line."""
    shown = [*report.changed, *report.quiet]
    if len(shown) > _MANY:
        shown = report.changed
    table = [HEADER, *map(cells, shown)]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    lines = [_align(texts, widths) for texts in table]
    if colour:
        lines[1:] = [_paint(line, row) for line, row in zip(lines[1:], shown, strict=True)]
    if len(shown) < len(report.all_rows):
        lines.append(f"... and {tally(report.quiet)}")
    lines += ["", *(f"note: {plain(remark)}" for remark in report.remarks)]
    return "\n".join([*lines, verdict_line(report)]) + "\n"


def _align(texts: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (text.rjust(width) for text, width in zip(texts[1:4], widths[1:], strict=True))
    return "  ".join([texts[0].ljust(widths[0]), *numbers, texts[4]]).rstrip()


def _paint(line: str, row: Row) -> str:
    code = _COLOURS.get(tone(row.verdict))
    return f"\033[{code}m{line}\033[0m" if code else line
