"""Read the table that ``asv compare`` prints; the numbers have three digits, so it is coarse."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from holdfast.errors import NothingMeasured
from holdfast.gate.judgement import Report, sum_up
from holdfast.gate.policy import Policy
from holdfast.gate.results import Key, Reading, State
from holdfast.gate.verdict import Row, Verdict, judge_one

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HEADER = re.compile(r"\|\s*Change\s*\|\s*Before \[(.*?)\].*?\|\s*After \[(.*?)\].*?\|")
_VALUE = re.compile(r"([-+]?(?:inf|[0-9.]+(?:e[-+]?[0-9]+)?))(?:±[-+0-9.einfa]*)?([a-zA-Zμµ]*)")
_MISSING = {"n/a": Reading(State.SKIPPED, math.nan), "failed": Reading(State.FAILED)}
_UNITS = {
    "ns": ("seconds", 1e-9), "μs": ("seconds", 1e-6), "µs": ("seconds", 1e-6),
    "us": ("seconds", 1e-6), "ms": ("seconds", 1e-3), "s": ("seconds", 1.0),
    "m": ("seconds", 60.0), "h": ("seconds", 3600.0), "d": ("seconds", 86400.0),
    "k": ("bytes", 1e3), "M": ("bytes", 1e6), "G": ("bytes", 1e9), "T": ("bytes", 1e12),
}  # fmt: skip


def judge_text(text: str, policy: Policy) -> Report:
    """Judge the text that ``asv compare`` printed, by its before and after columns."""
    commits = ("before", "after")
    rows: dict[Key, Row] = {}
    for line in _table_lines(_COLOUR.sub("", text)):
        header = _HEADER.match(line)
        if header:
            commits = (header[1], header[2])
        elif not line.startswith("|--"):
            row = _judge_line(line, policy)
            rows[row.key] = row
    if not rows:
        raise NothingMeasured(
            "there is no table of 'asv compare' on standard input; "
            "use 'asv compare BASE HEAD | holdfast gate -'"
        )
    return sum_up(Report(*commits, "", "", list(rows.values()), coarse=True))


def _table_lines(text: str) -> Iterator[str]:
    """Yield each row as one line; a parameter with a line break continues on the next one."""
    pending = ""
    for line in text.splitlines():
        cells = line.split("|", 5)
        if len(cells) < 6:
            continue
        if not "".join(cells[1:5]).strip():
            pending = pending.rstrip("| ") + cells[5].rstrip("| ")
            continue
        if pending:
            yield pending
        pending = line.strip()
    if pending:
        yield pending


def _judge_line(line: str, policy: Policy) -> Row:
    change, before, after, _, name = (cell.strip() for cell in line.strip("|").split("|", 4))
    key = _key(name)
    if change == "x":
        note = "the benchmark itself changed"
        return Row(key, Verdict.NOT_COMPARABLE, "", before, after, note=note)
    (old, old_unit), (new, new_unit) = _read(before), _read(after)
    unit = old_unit or new_unit
    if (new_unit or unit) != unit:
        note = "the unit changed"
        return Row(key, Verdict.NOT_COMPARABLE, "", before, after, note=note)
    return judge_one(key, old, new, unit, policy.rule(name))


def _key(name: str) -> Key:
    # Values may hold commas: the parameters stay one text.
    match = re.fullmatch(r"([\w.]+)\((.*)\)(.*)", name, re.DOTALL)
    return (match[1] + match[3], (match[2],)) if match else (name, ())


def _read(cell: str) -> tuple[Reading, str]:
    if cell in _MISSING:
        return _MISSING[cell], ""
    match = _VALUE.fullmatch(cell)
    if match is None or not (match[2] in _UNITS or not match[2]):
        return Reading(State.ODD, cell), ""
    unit, size = _UNITS.get(match[2], ("unit", 1.0))
    value = float(match[1]) * size
    return Reading(State.MEASURED if abs(value) < float("inf") else State.ODD, value), unit
