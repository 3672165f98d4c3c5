"""A report as cells of text, and the one writer of plain tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tabulate import tabulate

from holdfast.escapes import escape
from holdfast.gate.core.report import Report
from holdfast.gate.core.text import format_change, format_value
from holdfast.gate.core.verdict import DOUBTFUL, FAILS, GOOD, WARNS, Row, Verdict

HEADER = ("verdict", "change", "before", "after", "benchmark")
_TONES = {"bad": FAILS, "warn": WARNS, "good": GOOD, "doubt": DOUBTFUL | {Verdict.UNDECIDED}}


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: str) -> list[str]:
    """Return a table as lines without trailing blanks.

    Parameters
    ----------
    header, rows
        Cells of text.
    numbers
        A letter for each column, ``r`` where its cells are aligned to the right, else ``l``.
    """
    align = tuple("right" if letter == "r" else "left" for letter in numbers)
    # As a row, for tabulate makes a column two wider than its header.
    table = [header, *rows]
    text = tabulate(table, tablefmt="plain", colalign=align, disable_numparse=True)
    return [line.rstrip() for line in text.splitlines()]


def format_row(row: Row) -> tuple[str, str, str, str, str]:
    """Return a row as text: verdict, change, before, after, benchmark with its note."""
    change = "" if row.ratio is None else format_change(row.ratio)
    before = after = ""
    if row.unit or row.before is not None or row.after is not None:
        absent = row.before is None and row.verdict in {Verdict.NEW, Verdict.NEWLY_FAILING}
        before = "-" if absent else format_value(row.before, row.unit)
        after = "-" if row.verdict is Verdict.REMOVED else format_value(row.after, row.unit)
    name = f"{row.environment}: {row.label}" if row.environment else row.label
    notes = "; ".join(_list_notes(row))
    text = name + (f"  [{notes}]" if notes and row.verdict is not Verdict.PASS else "")
    verdict = f"({row.verdict})" if row.waived else row.verdict.value
    return verdict, change, before, after, escape(text)


def format_verdict(report: Report) -> str:
    """Return the verdict in one line: the word, the commits, how many of each."""
    counted = [count_verdicts([row for row in report.rows if not row.waived])]
    if report.shift and report.shift.ratio:
        counted.insert(0, f"whole suite {format_change(report.shift.ratio)}")
    if undecided := sum(row.may_fail and not row.waived for row in report.rows):
        counted.append(f"{undecided} may fail")
    if waived := sum(row.waived for row in report.rows):
        counted.append(f"{waived} waived")
    coarse = " (coarse: judged by three printed digits)" if report.coarse else ""
    commits = f"{escape(report.base[:8])} -> {escape(report.head[:8])}"
    return f"{report.verdict.upper()}  {commits}: {', '.join(filter(None, counted))}{coarse}"


def count_verdicts(rows: Sequence[Row]) -> str:
    """Return how many rows have which verdict, worst first: ``1 warn, 34 pass``."""
    counts = Counter(row.verdict for row in rows)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])


def find_tone(verdict: Verdict) -> str:
    """Return how a verdict is coloured: bad, warn, good, doubt, or not at all."""
    return next((name for name, verdicts in _TONES.items() if verdict in verdicts), "")


def _list_notes(row: Row) -> list[str]:
    notes = [f"may fail: {row.note}" if row.may_fail else row.note]
    if row.ratio is not None and row.noise:
        notes.append(f"{abs(row.ratio - 1) / row.noise:.1f}x noise")
    if row.owner:
        notes.append(f"owner: {row.owner}")
    return [note for note in notes if note]
