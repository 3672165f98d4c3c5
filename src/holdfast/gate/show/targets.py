"""Acceptance targets beside what was measured, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from holdfast.escapes import escape
from holdfast.gate.core.readings import Side
from holdfast.gate.core.targets import Outcome
from holdfast.gate.core.text import format_value
from holdfast.gate.show.table import format_table

_HEADER = ("", "target", "measured", "interval", "")
_MET = {True: "met", False: "MISSED", None: "not measured"}


def to_json(outcomes: Sequence[Outcome], side: Side) -> str:
    """Return one document, schema 1."""
    rows = [
        {
            "name": one.target.name,
            "target": format_target(one),
            "value": one.value,
            "interval": one.interval,
            "met": one.met,
            "unit": one.unit,
        }
        for one in outcomes
    ]
    document = {"schema": 1, "commit": side.commit, "machine": side.machine, "targets": rows}
    return json.dumps(document, indent=2) + "\n"


def to_text(outcomes: Sequence[Outcome], side: Side) -> str:
    """Return a table, in the order of the policy, and a line that sums it up."""
    rows = [
        (
            _MET[one.met],
            format_target(one),
            format_number(one.value, one.unit),
            _format_interval(one),
            escape(one.target.name),
        )
        for one in outcomes
    ]
    met = sum(one.met is True for one in outcomes)
    missed = sum(one.met is False for one in outcomes)
    unmeasured = len(outcomes) - met - missed
    summary = f"{met} met, {missed} missed, {unmeasured} not measured"
    where = f"{side.commit[:8]} on {escape(side.machine)}"
    return "\n".join([*format_table(_HEADER, rows, "lllll"), "", f"{where}: {summary}\n"])


def format_target(one: Outcome) -> str:
    """Return what a target asks for."""
    if one.target.kind == "less":
        return f">= {one.target.limit:.2%} less"
    sign = "<" if one.target.kind == "below" else ">"
    return f"{sign} {format_number(one.target.limit, one.unit)}"


def _format_interval(one: Outcome) -> str:
    if one.interval is None:
        return ""
    low, high = (format_number(value, one.unit) for value in one.interval)
    return f"{low} .. {high}"


def format_number(value: float | None, unit: str) -> str:
    """Return a measured number with its unit; a part saved as per cent."""
    if value is None:
        return "-"
    if unit == "less":
        return f"{value:.2%}"
    if unit in ("seconds", "bytes"):
        return format_value(value, unit)
    return f"{value:.4g} {escape(unit)}".rstrip()
