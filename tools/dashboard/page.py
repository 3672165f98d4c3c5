"""Write the page of verdicts, and the tables of the first page: one file, which loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from statistics import median
from string import Template
from typing import Any

from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.table import HEADER, count_verdicts, find_tone, format_row
from tools.dashboard.facts import Facts, Judged
from tools.dashboard.frame import read_body, write_framed

PAGE = "verdicts.html"
MET = {True: ("good", "met"), False: ("bad", "missed"), None: ("doubt", "not measured")}
NO_PEERS = "<p>No comparison is stored in <code>results/peers.json</code>.</p>"
Cells = Sequence[object]


def write_page(html: Path, facts: Facts) -> None:
    """Write the page into ``html``."""
    verdicts = "\n".join(map(_verdict, facts.verdicts)) or "<p>Nothing is measured yet.</p>"
    body = Template(read_body("page.html")).substitute(verdicts=verdicts)
    write_framed(html / PAGE, "verdicts", body)


def _verdict(judged: Judged) -> str:
    report = judged.report
    rows = [(find_tone(row.verdict), format_row(row)) for row in report.changed]
    link = f'<a href="{escape(judged.page)}">{escape(report.base[:8])} → {report.head[:8]}</a>'
    table = format_table(HEADER, rows, "rows") if rows else ""
    opened = " open" if report.verdict is not Verdict.PASS else ""
    word = f'<b class="{find_tone(report.verdict) or "good"}">{report.verdict}</b>'
    return (
        f"<details{opened}><summary>{word} "
        f"{escape(judged.date)} {escape(judged.subject)} <small>{link} on "
        f"{escape(report.machine)}</small></summary>{table}"
        f"<p>{count_verdicts(report.quiet)}</p></details>"
    )


def format_targets(document: dict[str, Any]) -> str:
    """Return the targets of one commit as a table."""
    rows = []
    for row in document["targets"]:
        colour, word = MET[row["met"]]
        measured = "" if row["value"] is None else _shown(row["value"], row["unit"])
        rows.append((colour, (word, row["target"], measured, row["name"])))
    where = f"{document['commit'][:8]} on {document['machine']}"
    return f"<h3>{escape(where)}</h3>{format_table(('', 'target', 'measured', 'what'), rows)}"


def format_peers(document: dict[str, Any]) -> str:
    """Return the comparison with other engines as a table."""
    if not document:
        return NO_PEERS
    rows = []
    measured = document.get("measured", {})
    days = {row["scenario"]: measured.get(row["scenario"], document) for row in document["rows"]}
    for row in document["rows"]:
        samples = row["samples"]
        seconds = f"{median(sample['run'] for sample in samples):.3g} s" if samples else ""
        trades = samples[0]["trades"] if samples else ""
        texts = (row["scenario"], row["engine"], seconds, trades, row["failed"] or row["agrees"])
        rows.append(("doubt" if row["failed"] else "", texts))
    head = ("scenario", "engine", "CPU time; of a sweep, on the clock", "trades", "agrees")
    about = {
        f"{', '.join(name for name in days if days[name] == one)}: {one['date']}, median of "
        f"{one['runs']} runs."
        for one in days.values()
    }
    return f"<p>{escape(' '.join(sorted(about)))}</p>{format_table(head, rows)}"


def _shown(value: float, unit: str) -> str:
    if unit == "less":
        return f"{value:.2%} less"
    if unit == "seconds":
        return f"{value * 1e3:.3g} ms"
    if unit == "bytes":
        return f"{value / 1e6:.3g} MB"
    return f"{value:.4g} {unit}"


def format_table(head: Cells, rows: Iterable[tuple[str, Cells]], kind: str = "") -> str:
    """Return a table of a kind that the style knows; each row has a tone and its cells."""
    lines = [f"<tr>{''.join(f'<th>{escape(str(name))}</th>' for name in head)}</tr>"]
    for colour, texts in rows:
        drawn = "".join(f"<td>{escape(str(text))}</td>" for text in texts)
        lines.append(f'<tr class="{colour}">{drawn}</tr>')
    table = f'<table class="{kind}">' if kind else "<table>"
    return f'<div class="scroll">{table}\n' + "\n".join(lines) + "\n</table></div>"
