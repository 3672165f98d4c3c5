"""Show a report: a table for the terminal, one JSON document; and how values are written."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from holdfast.errors import UsageError
from holdfast.gate.judgement import Report
from holdfast.gate.verdict import FAILS, GOOD, WARNS, Row, Verdict

HEADER = ("verdict", "change", "before", "after", "benchmark")
_COLOURS = {"bad": 31, "warn": 33, "good": 32, "doubt": 36}
_FACTS = (
    "verdict", "waived", "ratio", "interval", "before", "after", "unit", "owner", "note"
)  # fmt: skip
_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_MANY = 40


def to_terminal(report: Report, *, colour: bool) -> str:
    """Return the table, worst first, and the verdict as its last line."""
    shown = [*report.changed, *report.quiet]
    if len(shown) > _MANY:
        shown = report.changed
    table = [HEADER, *(cells(row) for row in shown)]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    lines = [_align(HEADER, widths)]
    for row, texts in zip(shown, table[1:], strict=True):
        line = _align(texts, widths)
        lines.append(_paint(line, row.verdict) if colour else line)
    hidden = len(report.rows) + bool(report.shift) - len(shown)
    if hidden:
        lines.append(f"... and {hidden} as before")
    lines += ["", *(f"note: {plain(remark)}" for remark in report.remarks)]
    return "\n".join([*lines, verdict_line(report)]) + "\n"


def verdict_line(report: Report) -> str:
    """Return the verdict in one line: the word, the commits, how many of each."""
    counts = Counter(row.verdict for row in report.rows if not row.waived)
    counted = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    waived = sum(row.waived for row in report.rows)
    if report.shift and report.shift.ratio:
        counted.insert(0, f"whole suite {(report.shift.ratio - 1) * 100:+.1f} %")
    counted += [f"{waived} waived"] if waived else []
    coarse = " (coarse: judged by three printed digits)" if report.coarse else ""
    commits = f"{plain(report.base[:8])} -> {plain(report.head[:8])}"
    return f"{report.verdict.upper()}  {commits}: {', '.join(counted)}{coarse}"


def to_json(report: Report) -> str:
    """Return the report as one JSON document, schema 1."""
    document = {
        "schema": 1,
        "verdict": report.verdict.value,
        "base": report.base,
        "head": report.head,
        "machine": report.machine,
        "environment": report.environment,
        "coarse": report.coarse,
        "shift": report.shift and {key: getattr(report.shift, key) for key in ("ratio", "verdict")},
        "remarks": report.remarks,
        "benchmarks": [_entry(row, report.param_names.get(row.key[0], ())) for row in report.rows],
    }
    return json.dumps(_without_nan(document), indent=2, allow_nan=False) + "\n"


def wants_colour(stream: IO[str]) -> bool:
    """Say whether to colour: only on a terminal, never with NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def write_file(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def plain(text: str) -> str:
    """Return ``text`` without what a terminal would obey: line breaks, escapes, lone surrogates."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """Return a row as text: verdict, change, before, after, benchmark with its note."""
    change = "" if row.ratio is None else f"{(row.ratio - 1) * 100:+.1f} %"
    before = after = ""
    if row.unit or row.before is not None or row.after is not None:
        absent = row.before is None and row.verdict in {Verdict.NEW, Verdict.NEWLY_FAILING}
        before = "-" if absent else human(row.before, row.unit)
        after = "-" if row.verdict is Verdict.REMOVED else human(row.after, row.unit)
    notes = [plain(text) for text in (row.note, row.owner and f"owner: {row.owner}") if text]
    note = f"  [{'; '.join(notes)}]" if notes and row.verdict is not Verdict.PASS else ""
    verdict = f"({row.verdict})" if row.waived else row.verdict.value
    return verdict, change, before, after, plain(row.label) + note


def tone(verdict: Verdict) -> str:
    """Return how a verdict is to be felt: bad, warn, good, doubt, or nothing."""
    known = {"bad": FAILS, "warn": WARNS, "good": GOOD, "doubt": {Verdict.NOT_SURE}}
    return next((name for name, verdicts in known.items() if verdict in verdicts), "")


def human(value: Any, unit: str) -> str:
    """Return a value with its unit, in three digits."""
    if value is None:
        return "failed"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain(json.dumps(value))[:20]
    if not math.isfinite(value):
        return "n/a" if math.isnan(value) else str(value)
    if unit == "fingerprint" and float(value).is_integer():
        return str(int(value))
    steps: Sequence[tuple[float, str]] = {"seconds": _TIMES, "bytes": _SIZES}.get(unit, ())
    for size, name in steps:
        if abs(value) >= size * 0.9995:
            return f"{_three_digits(value / size)} {name}"
    return f"{_three_digits(value / steps[-1][0])} {steps[-1][1]}" if steps else f"{value:.6g}"


def _entry(row: Row, param_names: Sequence[str]) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in _FACTS}
    return {"name": row.key[0], "params": row.key[1], "param_names": param_names, **facts}


def _three_digits(value: float) -> str:
    return f"{value:.{2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0}f}"


def _align(texts: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (text.rjust(width) for text, width in zip(texts[1:4], widths[1:], strict=True))
    return "  ".join([texts[0].ljust(widths[0]), *numbers, texts[4]]).rstrip()


def _paint(line: str, verdict: Verdict) -> str:
    code = _COLOURS.get(tone(verdict))
    return f"\033[{code}m{line}\033[0m" if code else line


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _without_nan(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_without_nan(item) for item in value]
    return value
