"""A report as one self-contained page, with the samples drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from holdfast.gate.core.report import Report
from holdfast.gate.core.text import format_value
from holdfast.gate.core.verdict import Row
from holdfast.gate.show.flame import draw
from holdfast.gate.show.page import to_html_text as _text
from holdfast.gate.show.page import to_page
from holdfast.gate.show.table import HEADER, count_verdicts, find_tone, format_row, format_verdict
from holdfast.gate.why.blame import Blame

_SIDES = ("before", "after")


_WIDTH, _LEFT, _RIGHT = 900, 70, 20


_LEGEND = """
<p>A dot is a sample, a line of dots a process; the dashed lines are what was compared.</p>
"""


_LINE, _GAP = 7, 12
"""Between two processes, and between the two sides of a drawing."""


def to_html(report: Report, blames: Mapping[str, Blame] | None = None) -> str:
    """Return one self-contained page: every change with its samples, then what stayed."""
    body = [
        f"<p>{_text(report.place)}</p>",
        *(f"<p>{_text(remark)}</p>" for remark in report.remarks),
        _format_table(report.changed, blames or {}),
        _LEGEND,
        f"<details><summary>{count_verdicts(report.quiet) or 'nothing else'}</summary>",
        _format_table(report.quiet),
        "</details>",
    ]
    return to_page(format_verdict(report), "\n".join(body), find_tone(report.verdict) or "good")


def _format_table(rows: Sequence[Row], blames: Mapping[str, Blame] | None = None) -> str:
    head = "".join(f"<th>{name}</th>" for name in HEADER)
    body = []
    for row in rows:
        texts = "".join(f"<td>{_text(text)}</td>" for text in format_row(row))
        body.append(f'<tr class="{find_tone(row.verdict)}">{texts}</tr>')
        if drawing := _draw_row(row, blames):
            body.append(f'<tr class="samples"><td colspan="5">{drawing}</td></tr>')
    return "\n".join([f"<table><tr>{head}</tr>", *body, "</table>"])


def _draw_row(row: Row, blames: Mapping[str, Blame] | None) -> str:
    if blames is None:
        return ""
    blame = blames.get(row.key[0]) if row.fails else None
    why = f"<details><summary>where the time went</summary>{draw(blame)}</details>" if blame else ""
    return _draw_samples(row) + why


def _draw_samples(row: Row) -> str:
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
        text = _text(format_value(end, row.unit))
        parts.append(f'<text x="{x(end)}" y="{y + 6}" text-anchor="{anchor}">{text}</text>')
    return f'<svg viewBox="0 0 {_WIDTH} {y + 14}" role="img">{"".join(parts)}</svg>'
