"""A report as a table for the terminal."""

from __future__ import annotations

from holdfast.escapes import escape
from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.show.table import (
    HEADER,
    count_verdicts,
    find_tone,
    format_row,
    format_table,
    format_verdict,
)

_COLOURS = {"bad": 31, "warn": 33, "good": 32, "doubt": 36}
_FEW = 10
"""Up to so many rows are shown in full; of more, what is as it was is counted only."""
_UNDECIDED = (
    "undecided: what may fail was not settled; measure it again with a larger --budget, "
    "or while less else is running"
)


def to_terminal(report: Report, *, colour: bool) -> str:
    """Return the table, worst first, and the verdict as its last line."""
    shown = [*report.changed, *report.quiet]
    if len(shown) > _FEW:
        shown = report.changed
    lines = []
    if shown:
        lines = format_table(HEADER, [format_row(row) for row in shown], "lrrrl")
    if colour:
        lines[1:] = [_paint(line, row) for line, row in zip(lines[1:], shown, strict=True)]
    hidden = [row for row in report.quiet if row not in shown]
    if hidden:
        lines.append(f"... and {count_verdicts(hidden)}" if shown else count_verdicts(hidden))
    lines += ["", *(f"note: {escape(remark)}" for remark in report.remarks)]
    if report.verdict is Verdict.UNDECIDED:
        lines.append(f"note: {_UNDECIDED}")
    return "\n".join([*lines, format_verdict(report)]) + "\n"


def _paint(line: str, row: Row) -> str:
    code = _COLOURS.get(find_tone(row.verdict))
    return f"\033[{code}m{line}\033[0m" if code else line
