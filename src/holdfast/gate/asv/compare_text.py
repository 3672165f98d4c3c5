"""Read the table that ``asv compare`` prints; the numbers have three digits, so it is coarse."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from holdfast.errors import NothingMeasured
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Benchmark, Key, Reading, Side, Suite
from holdfast.gate.core.report import Report, judge

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_COMMIT = re.compile(r"(?:Before|After) \[(.*?)\]")
_NUMBER = r"(?:inf|[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?)"
_VALUE = re.compile(rf"([-+]?{_NUMBER})(?:±(?:nan|{_NUMBER}))?([a-zA-Zμµ]*)")
_TIMES = {"ns": 1e-9, "μs": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_CELLS = 5  # change, before, after, ratio, benchmark


def judge_text(text: str, policy: Policy) -> Report:
    """Judge the text that ``asv compare`` printed, by its before and after columns."""
    commits, suite = ["before", "after"], Suite()
    readings: tuple[dict[Key, Reading], dict[Key, Reading]] = ({}, {})
    for change, before, after, name in _rows(_COLOUR.sub("", text)):
        if change == "Change":
            commits = list(map(_read_commit, (before, after), commits))
            continue
        key, (old, old_unit), (new, new_unit) = _key(name), _read(before), _read(after)
        # What asv marks as changed, or has another unit, is another version.
        versions = ("old", "new") if change == "x" else (old_unit, new_unit)
        for side, reading, version in zip(readings, (old, new), versions, strict=True):
            side[key] = replace(reading, version=version)
        if old_unit or new_unit:
            suite[key[0]] = Benchmark(old_unit or new_unit)
    if not readings[0]:
        raise NothingMeasured(
            "there is no table of 'asv compare' on standard input; "
            "use 'asv compare BASE HEAD | holdfast gate -'"
        )
    base, head = (
        Side(commit, "", "", readings=side) for commit, side in zip(commits, readings, strict=True)
    )
    # A table may well leave out the benchmark of the import.
    report = judge(base, head, suite, replace(policy, memory_baseline=""))
    return replace(report, coarse=True)


def _read_commit(cell: str, otherwise: str) -> str:
    """Return what the head of a column names, at the length of a commit's hash."""
    words = _COMMIT.sub(r"\1", cell).split()
    return words[0][:40] if words else otherwise


def _rows(text: str) -> list[list[str]]:
    """Return change, before, after and name; a name with a line break goes on in the next row."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().removeprefix("|").split("|", _CELLS - 1)]
        if len(cells) < _CELLS or cells[0].startswith("--"):
            continue
        name = cells[-1].removesuffix("|").rstrip()
        if rows and not any(cells[:-1]):
            rows[-1][-1] += f" {name}"
        else:
            rows.append([*cells[:3], name])
    return rows


def _key(name: str) -> Key:
    # Values may hold commas: the parameters stay one text.
    match = re.fullmatch(r"([\w.]+)\((.*)\)(.*)", name, re.DOTALL)
    return (match[1] + match[3], (match[2],)) if match else (name, ())


def _read(cell: str) -> tuple[Reading, str]:
    """Return what a cell says, and its unit where it shows one."""
    if cell in ("n/a", "failed"):
        return Reading(math.nan if cell == "n/a" else None), ""
    match = _VALUE.fullmatch(cell)
    for unit, sizes in (("seconds", _TIMES), ("bytes", _SIZES), ("unit", {"": 1})):
        if match and match[2] in sizes:
            return Reading(float(match[1]) * sizes[match[2]]), unit
    return Reading(cell), ""
