"""A report as one self-contained page, with the samples drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row
from holdfast.gate.show.flame import draw
from holdfast.gate.show.page import to_html_text as _text
from holdfast.gate.show.page import to_page
from holdfast.gate.show.strip import draw_samples
from holdfast.gate.show.table import HEADER, count_verdicts, find_tone, format_row, format_verdict
from holdfast.gate.why.blame import Blame

_WIDTHS = {"wide": 900, "narrow": 340}
_LEGEND = """
<p>A dot is a sample, a line of dots a process; the dashed lines are what was compared. What lies
far beyond the rest is counted at the edge.</p>
"""


def to_html(
    report: Report, blames: Mapping[str, Blame] | None = None, about: Sequence[str] = ()
) -> str:
    """Return one self-contained page: every change with its samples, then what stayed.

    Parameters
    ----------
    about
        Lines on what was compared: the project, and of each commit its date and subject. The first
        one stands in the title, too.
    """
    body = [
        *(f"<p>{_text(line)}</p>" for line in about),
        f"<p>{_text(report.place)}</p>",
        *(f"<p>{_text(remark)}</p>" for remark in report.remarks),
        _format_table(report.changed, blames or {}),
        _LEGEND if any(_is_drawn(row) for row in report.changed) else "",
        f"<details><summary>{count_verdicts(report.quiet) or 'nothing else'}</summary>",
        _format_table(report.quiet),
        "</details>",
    ]
    title = format_verdict(report)
    tone = find_tone(report.verdict) or "good"
    tab = f"{about[0]}: {title}" if about else title
    return to_page(title, "\n".join(body), tone, tab=tab)


def _format_table(rows: Sequence[Row], blames: Mapping[str, Blame] | None = None) -> str:
    head = "".join(f"<th>{name}</th>" for name in HEADER)
    body = []
    for row in rows:
        texts = "".join(f"<td>{_text(text)}</td>" for text in format_row(row))
        body.append(f'<tr class="{find_tone(row.verdict)}">{texts}</tr>')
        if drawing := _draw_row(row, blames):
            body.append(f'<tr class="samples"><td colspan="5">{drawing}</td></tr>')
    return "\n".join([f"<table><tr>{head}</tr>", *body, "</table>"])


def _is_drawn(row: Row) -> bool:
    return bool(_draw_samples(row))


def _draw_row(row: Row, blames: Mapping[str, Blame] | None) -> str:
    if blames is None:
        return ""
    blame = blames.get(row.key[0]) if row.fails else None
    why = f"<details><summary>where the time went</summary>{draw(blame)}</details>" if blame else ""
    return _draw_samples(row) + why


def _draw_samples(row: Row) -> str:
    """Draw the samples of both sides, for a wide window and for a phone."""
    values = [value for side in row.samples for process in side for value in process]
    if row.ratio is None or not all(row.samples) or not all(map(math.isfinite, values)):
        return ""
    if min(values) == max(values):
        return ""
    drawn = (draw_samples(row, width) for width in _WIDTHS.values())
    return "".join(
        f'<div class="{name}">{one}</div>' for name, one in zip(_WIDTHS, drawn, strict=True)
    )
