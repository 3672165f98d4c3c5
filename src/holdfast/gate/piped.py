"""Read the table that ``asv compare`` prints; the numbers have three digits, so it is coarse."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from holdfast.errors import NothingMeasured
from holdfast.gate.judgement import Report, judge
from holdfast.gate.policy import Policy
from holdfast.gate.results import Benchmark, Key, Reading, Side, Suite

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HEADER = re.compile(r"\|\s*Change\s*\|\s*Before \[(.*?)\].*?\|\s*After \[(.*?)\].*?\|")
_VALUE = re.compile(r"([-+]?(?:inf|[0-9.]+(?:e[-+]?[0-9]+)?))(?:±[-+0-9.einfa]*)?([a-zA-Zμµ]*)")
_MISSING = {"n/a": Reading(math.nan), "failed": Reading(None)}
_UNITS = {
    "ns": ("seconds", 1e-9), "μs": ("seconds", 1e-6), "µs": ("seconds", 1e-6),
    "us": ("seconds", 1e-6), "ms": ("seconds", 1e-3), "s": ("seconds", 1.0),
    "m": ("seconds", 60.0), "h": ("seconds", 3600.0), "d": ("seconds", 86400.0),
    "k": ("bytes", 1e3), "M": ("bytes", 1e6), "G": ("bytes", 1e9), "T": ("bytes", 1e12),
}  # fmt: skip


def judge_text(text: str, policy: Policy) -> Report:
    """Judge the text that ``asv compare`` printed, by its before and after columns."""
    commits = ("before", "after")
    suite = Suite()
    sides: tuple[dict[Key, Reading], dict[Key, Reading]] = ({}, {})
    for line in _table_lines(_COLOUR.sub("", text)):
        header = _HEADER.match(line)
        if header:
            commits = (header[1], header[2])
        elif not line.startswith("|--"):
            change, *values, _, name = (cell.strip() for cell in line.strip("|").split("|", 4))
            key, units = _key(name), []
            for index, value in enumerate(values):
                reading, unit = _read(value)
                # What asv marks as changed, or has another unit, is another version.
                version = f"x{index}" if change == "x" else unit
                sides[index][key] = replace(reading, version=version)
                units.append(unit)
            if any(units):
                suite[key[0]] = Benchmark(units[0] or units[1])
    if not sides[0]:
        raise NothingMeasured(
            "there is no table of 'asv compare' on standard input; "
            "use 'asv compare BASE HEAD | holdfast gate -'"
        )
    base, head = (
        Side(commit, "", "", readings=readings)
        for commit, readings in zip(commits, sides, strict=True)
    )
    # A table may well leave out the benchmark of the import.
    policy = replace(policy, memory_baseline="")
    return judge(base, head, suite, policy, coarse=True)


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


def _key(name: str) -> Key:
    # Values may hold commas: the parameters stay one text.
    match = re.fullmatch(r"([\w.]+)\((.*)\)(.*)", name, re.DOTALL)
    return (match[1] + match[3], (match[2],)) if match else (name, ())


def _read(cell: str) -> tuple[Reading, str]:
    if cell in _MISSING:
        return _MISSING[cell], ""
    match = _VALUE.fullmatch(cell)
    if match is None or not (match[2] in _UNITS or not match[2]):
        return Reading(cell), ""
    unit, size = _UNITS.get(match[2], ("unit", 1.0))
    return Reading(float(match[1]) * size), unit
