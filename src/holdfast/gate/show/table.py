"""A report as cells of text: what every table of it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from holdfast.gate.core.report import Report
from holdfast.gate.core.text import human, per_cent, plain
from holdfast.gate.core.verdict import FAILS, GOOD, WARNS, Row, Verdict

HEADER = ("verdict", "change", "before", "after", "benchmark")


_TONES = {"bad": FAILS, "warn": WARNS, "good": GOOD, "doubt": {Verdict.NOT_SURE}}


def verdict_line(report: Report) -> str:
    """Return the verdict in one line: the word, the commits, how many of each."""
    counted = [tally([row for row in report.rows if not row.waived])]
    if report.shift and report.shift.ratio:
        counted.insert(0, f"whole suite {per_cent(report.shift.ratio)}")
    if waived := sum(row.waived for row in report.rows):
        counted.append(f"{waived} waived")
    coarse = " (coarse: judged by three printed digits)" if report.coarse else ""
    commits = f"{plain(report.base[:8])} -> {plain(report.head[:8])}"
    return f"{report.verdict.upper()}  {commits}: {', '.join(filter(None, counted))}{coarse}"


def tally(rows: Sequence[Row]) -> str:
    """Return how many rows have which verdict, worst first: ``1 warn, 34 pass``."""
    counts = Counter(row.verdict for row in rows)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """Return a row as text: verdict, change, before, after, benchmark with its note."""
    change = "" if row.ratio is None else per_cent(row.ratio)
    before = after = ""
    if row.unit or row.before is not None or row.after is not None:
        absent = row.before is None and row.verdict in {Verdict.NEW, Verdict.NEWLY_FAILING}
        before = "-" if absent else human(row.before, row.unit)
        after = "-" if row.verdict is Verdict.REMOVED else human(row.after, row.unit)
    notes = "; ".join(filter(None, (row.note, row.owner and f"owner: {row.owner}")))
    name = row.label + (f"  [{notes}]" if notes and row.verdict is not Verdict.PASS else "")
    verdict = f"({row.verdict})" if row.waived else row.verdict.value
    return verdict, change, before, after, plain(name)


def tone(verdict: Verdict) -> str:
    """Return how a verdict is to be felt: bad, warn, good, doubt, or nothing."""
    return next((name for name, verdicts in _TONES.items() if verdict in verdicts), "")
