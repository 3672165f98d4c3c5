"""Show a report: a table for the terminal, one JSON document, Markdown for a pull request."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from holdfast.errors import UsageError
from holdfast.gate.verdict import FAILS, WARNS, Report, Row, Verdict

_COLOURS = {Verdict.IMPROVED: "32", Verdict.FIXED: "32", Verdict.NOT_SURE: "36"}
_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_QUIET = {Verdict.PASS, Verdict.SKIPPED}
_MANY = 40


def to_terminal(report: Report, *, colour: bool) -> str:
    """Return the table, worst first, and the verdict as its last line."""
    shown = report.rows
    if len(shown) > _MANY:
        shown = [row for row in shown if row.verdict not in _QUIET]
    header = ("verdict", "change", "before", "after", "benchmark")
    table = [header, *(_cells(row) for row in shown)]
    widths = [max(len(cells[column]) for cells in table) for column in range(4)]
    lines = [_align(header, widths)]
    for row, cells in zip(shown, table[1:], strict=True):
        line = _align(cells, widths)
        lines.append(_paint(line, row.verdict) if colour else line)
    if len(shown) < len(report.rows):
        lines.append(f"... and {len(report.rows) - len(shown)} that passed or were skipped")
    return "\n".join([*lines, "", verdict_line(report)]) + "\n"


def verdict_line(report: Report) -> str:
    """Return the verdict in one line: the word, the commits, how many of each."""
    counts = Counter(row.verdict for row in report.rows)
    tally = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    coarse = " (coarse: judged by three printed digits)" if report.coarse else ""
    commits = f"{plain(report.base[:8])} -> {plain(report.head[:8])}"
    return f"{report.verdict.upper()}  {commits}: {tally}{coarse}"


def to_json(report: Report, suite_names: dict[str, tuple[str, ...]] | None = None) -> str:
    """Return the report as one JSON document, schema 1."""
    names = suite_names or {}
    document = {
        "schema": 1,
        "verdict": report.verdict.value,
        "base": report.base,
        "head": report.head,
        "machine": report.machine,
        "environment": report.environment,
        "coarse": report.coarse,
        "benchmarks": [
            {
                "name": row.key[0],
                "params": list(row.key[1]),
                "param_names": list(names.get(row.key[0], ())),
                "verdict": row.verdict.value,
                "ratio": row.ratio,
                "interval": row.interval,
                "before": row.before,
                "after": row.after,
                "unit": row.unit,
                "note": row.note,
            }
            for row in report.rows
        ],
    }
    return json.dumps(_without_nan(document), indent=2, allow_nan=False) + "\n"


def to_markdown(report: Report) -> str:
    """Return the report for a pull-request comment: verdict first, then what changed."""
    changed = [row for row in report.rows if row.verdict not in _QUIET]
    lines = [f"**{escape(verdict_line(report))}**", ""]
    if changed:
        lines += ["| verdict | change | before | after | benchmark |", "|---|--:|--:|--:|---|"]
        lines += ["| " + " | ".join(map(escape, _cells(row))) + " |" for row in changed]
        lines.append("")
    lines.append(f"{len(report.rows) - len(changed)} benchmarks passed or were skipped.")
    return "\n".join(lines) + "\n"


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


def escape(text: str) -> str:
    """Return ``text`` so that Markdown only shows it: no table, no link, nobody mentioned."""
    for char in "\\`*_[]|~#":
        text = text.replace(char, f"\\{char}")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("@", "@\u200b")


def human(value: Any, unit: str) -> str:
    """Return a value with its unit, in three digits."""
    if value is None:
        return "failed"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain(json.dumps(value))[:20]
    if not math.isfinite(value):
        return "n/a" if math.isnan(value) else str(value)
    steps: Sequence[tuple[float, str]] = {"seconds": _TIMES, "bytes": _SIZES}.get(unit, ())
    for size, name in steps:
        if abs(value) >= size * 0.9995:
            return f"{_three_digits(value / size)} {name}"
    return f"{_three_digits(value / steps[-1][0])} {steps[-1][1]}" if steps else f"{value:.6g}"


def _three_digits(value: float) -> str:
    return f"{value:.{2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0}f}"


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    change = "" if row.ratio is None else f"{(row.ratio - 1) * 100:+.1f} %"
    absent_before = row.verdict is Verdict.NEW or (row.verdict in FAILS and row.before is None)
    before = "-" if absent_before else human(row.before, row.unit)
    after = "-" if row.verdict is Verdict.REMOVED else human(row.after, row.unit)
    note = f"  [{row.note}]" if row.note else ""
    return row.verdict.value, change, before, after, plain(row.label) + note


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    verdict, *numbers = (cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
    right = (cell.strip().rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
    return "  ".join([verdict, *right, cells[4]]).rstrip()


def _paint(line: str, verdict: Verdict) -> str:
    code = "31" if verdict in FAILS else "33" if verdict in WARNS else _COLOURS.get(verdict)
    return f"\033[{code}m{line}\033[0m" if code else line


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _without_nan(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_without_nan(item) for item in value]
    return value
