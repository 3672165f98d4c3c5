"""Show a report as a table for the terminal, or as one JSON document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from holdfast.gate.judgement import Report
from holdfast.gate.text import human, per_cent, plain
from holdfast.gate.verdict import FAILS, GOOD, WARNS, Row, Verdict

HEADER = ("verdict", "change", "before", "after", "benchmark")
_TONES = {"bad": FAILS, "warn": WARNS, "good": GOOD, "doubt": {Verdict.NOT_SURE}}
_COLOURS = {"bad": 31, "warn": 33, "good": 32, "doubt": 36}
_FACTS = ("verdict", "waived", "ratio", "interval", "before", "after", "unit", "owner", "note")
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


def to_json(report: Report) -> str:
    """Return the report as one JSON document, schema 1; CONTRIBUTING.md describes it."""
    whole = ("base", "head", "machine", "environment", "coarse", "remarks")
    document = {
        "schema": 1,
        "verdict": report.verdict.value,
        **{name: getattr(report, name) for name in whole},
        "shift": report.shift and {"ratio": report.shift.ratio, "verdict": report.shift.verdict},
        "benchmarks": [
            {
                "name": row.key[0],
                "params": row.key[1],
                "param_names": report.param_names.get(row.key[0], ()),
                **{name: getattr(row, name) for name in _FACTS},
            }
            for row in report.rows
        ],
    }
    # NaN and Infinity are no JSON: they become null.
    sound = json.loads(json.dumps(document), parse_constant=lambda name: None)
    return json.dumps(sound, indent=2) + "\n"


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


def _align(texts: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (text.rjust(width) for text, width in zip(texts[1:4], widths[1:], strict=True))
    return "  ".join([texts[0].ljust(widths[0]), *numbers, texts[4]]).rstrip()


def _paint(line: str, row: Row) -> str:
    code = _COLOURS.get(tone(row.verdict))
    return f"\033[{code}m{line}\033[0m" if code else line
