"""The page that compares any two stored commits: one small script for each, no server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured
from holdfast.gate import Policy, Report, Suite, judge
from holdfast.gate.asv.past import read_past
from holdfast.gate.core.readings import Side
from holdfast.gate.core.verdict import Row
from holdfast.gate.show.headline import format_headline
from holdfast.gate.show.table import HEADER, count_verdicts, find_tone, format_row
from tools.dashboard.frame import read_body, write_framed

PAGE = "compare.html"
LATEST = 40
"""So many commits can be chosen from: each pair of them is judged beforehand."""


def write_compare(
    html: Path,
    sides: Sequence[Side],
    suite: Suite,
    policy: Policy,
    subjects: dict[str, tuple[str, str]],
) -> None:
    """Write the page, and the verdicts of every commit against each one before it.

    Parameters
    ----------
    html
        The folder of the pages.
    sides
        The measured commits of one machine, oldest first.
    subjects
        Date and subject of each commit, by its first 8 characters.
    """
    chosen = sides[-LATEST:]
    folder = html / "compare"
    folder.mkdir(exist_ok=True)
    for number, head in enumerate(chosen):
        pairs = {base.commit[:8]: _compare(base, head, suite, policy) for base in chosen[:number]}
        found = {base: one for base, one in pairs.items() if one is not None}
        _write_script(folder / f"{head.commit[:8]}.js", head.commit[:8], found)
    commits = [
        {"id": side.commit[:8], "date": date, "subject": subject}
        for side in reversed(chosen)
        for date, subject in [subjects.get(side.commit[:8], ("", ""))]
    ]
    script = f"window.holdfast = {_to_script({'commits': commits, 'header': HEADER})};\n"
    (folder / "index.js").write_text(script, "utf-8")
    write_framed(html / PAGE, "compare two commits", read_body("compare.html"))


def _compare(base: Side, head: Side, suite: Suite, policy: Policy) -> dict[str, Any] | None:
    try:
        report = judge(base, head, suite, policy, read_past(base, suite, head))
    except NothingMeasured:
        return None
    return _to_document(report)


def _to_document(report: Report) -> dict[str, Any]:
    return {
        "headline": format_headline(report),
        "tone": find_tone(report.verdict) or "good",
        "rows": [_to_cells(row) for row in report.changed],
        "quiet": [_to_cells(row) for row in report.quiet],
        "counted": count_verdicts(report.quiet),
    }


def _to_cells(row: Row) -> list[str]:
    return [find_tone(row.verdict), *format_row(row)]


def _write_script(path: Path, name: str, document: object) -> None:
    path.write_text(f'window.holdfast["{name}"] = {_to_script(document)};\n', "utf-8")


def _to_script(document: object) -> str:
    """Return JSON that may stand in a script, whatever a commit's subject says."""
    return json.dumps(document).replace("<", "\\u003c")
