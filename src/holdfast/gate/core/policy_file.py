"""Read a policy from TOML, strictly: a mistake is named with its file and line."""

from __future__ import annotations

import datetime
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.core.policy import KINDS, Clause, FunctionLimit, Kind, Policy, Rule, Target
from holdfast.gate.core.readings import is_number
from holdfast.nearest import ask_nearest

_STATISTICS = ("min", "median", "p50", "p95", "p99")
_DIRECTIONS = ("lower", "higher")
_LAUNCHES = ("auto", "forkserver", "spawn")
_HEADER = re.compile(r"\s*\[+\s*([\w.-]+)\s*\]+")
_ASSIGNMENT = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")


def parse_policy(text: str, name: str, today: datetime.date, prefix: str = "") -> Policy:
    """Return the policy that ``text`` (TOML) states.

    Parameters
    ----------
    text
        A policy.toml, or a pyproject.toml.
    name
        What errors call the file.
    today
        Decides whether a waiver has expired.
    prefix
        ``"tool.holdfast."`` for a pyproject.toml, whose other tables are ignored.

    Raises
    ------
    UsageError
        For a mistake, with its line.
    """
    try:
        data: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: {error}") from error
    for key in prefix.split(".")[:-1]:
        data = data.get(key, {}) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        raise UsageError(f"{name}: [{prefix.rstrip('.')}] must be a table")
    source = _Source(name, _find_lines(text, prefix))
    source.check(data)
    measure, policy = data.get("measure", {}), data.get("policy", {})
    source.check(measure, "measure")
    source.check(policy, "policy")
    return Policy(
        clauses=[source.clause(one, number, today) for number, one in _numbered(data, "rule")],
        bench=tuple(measure.get("bench", ())),
        memory_baseline=measure.get("memory_baseline", ""),
        function_limits=[
            source.function_limit(one, number) for number, one in _numbered(data, "function")
        ],
        targets=[source.target(one, number) for number, one in _numbered(data, "target")],
        strict=policy.get("strict", False),
        measure=measure,
    )


def _numbered(data: Mapping[str, Any], table: str) -> enumerate[Mapping[str, Any]]:
    return enumerate(data.get(table, ()))


def _is_regex(value: Any) -> bool:
    try:
        # Python warns of what a later one may read otherwise, with a line of its own source.
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return bool(re.compile(value))
    except (re.error, TypeError, OverflowError, RecursionError):
        return False


def _is_size(value: Any) -> bool:
    return is_number(value) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_date(value: Any) -> bool:
    return type(value) is datetime.date


def _are_regexes(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_regex, value))


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _one_of(choices: tuple[str, ...]) -> tuple[Callable[[Any], bool], str]:
    return choices.__contains__, f"one of {', '.join(choices)}"


_REGEX = (_is_regex, "a regular expression")
_SIZE = (_is_size, "a number from 0 on")
_NUMBER = (is_number, "a number")
_TEXT = (_is_text, "text")
_FLAG = (_is_flag, "true or false")
_LIST = (_is_list, "a list of parameters")
_TABLE = (_is_table, "a table")
_TABLES = (_are_tables, "[[tables]]")
_RULE_VALUES = {
    "warn": _SIZE,
    "fail": _SIZE,
    "statistic": _one_of(_STATISTICS),
    "direction": _one_of(_DIRECTIONS),
    "floor": _SIZE,
    "limit": _NUMBER,
    "history": _FLAG,
    "exact": _FLAG,
    "owner": _TEXT,
    "waiver": _TEXT,
    "until": (_is_date, "a date such as 2030-01-31"),
}
_SCHEMA: Mapping[str, Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "": {
        "measure": _TABLE,
        "policy": _TABLE,
        "rule": _TABLES,
        "function": _TABLES,
        "target": _TABLES,
    },
    "measure": {
        "bench": (_are_regexes, "a list of expressions"),
        "memory_baseline": _TEXT,
        "launch": _one_of(_LAUNCHES),
        "set": _TABLE,
        "before": _TEXT,
        "caches": _one_of(("in turn", "together")),
    },
    "policy": {"strict": _FLAG},
    "rule": {"match": _REGEX, **{each.name: _RULE_VALUES[each.name] for each in fields(Rule)}},
    "function": {"match": _REGEX, "warn": _SIZE, "floor": _SIZE, "owner": _TEXT},
    "target": {
        "name": _TEXT,
        "benchmark": _TEXT,
        "params": _LIST,
        "off": _LIST,
        "on": _LIST,
        "less": _NUMBER,
        "below": _NUMBER,
        "above": _NUMBER,
    },
}
"""By table, each key with the check of its value and what the check expects."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A policy's file: whether its tables are right, and where they are written."""

    name: str
    lines: Mapping[tuple[str, int, str], int]

    def check(self, table: Mapping[str, Any], header: str = "", index: int = 0) -> None:
        """Refuse unknown keys and values that do not fit."""
        schema = _SCHEMA[header]
        for key, value in table.items():
            if key not in schema:
                hint = ask_nearest(key, schema.keys()) or f"known: {', '.join(schema)}"
                raise self.error(header, index, key, f"unknown key; {hint}")
            fits, expected = schema[key]
            if not fits(value):
                raise self.error(header, index, key, f"{value!r} is not {expected}")

    def clause(self, table: Mapping[str, Any], index: int, today: datetime.date) -> Clause:
        """Return one checked rule."""
        self.check(table, "rule", index)
        self.require(table, "rule", index, ("match",))
        settings = {key: value for key, value in table.items() if key != "match"}
        rule = replace(Rule(), **settings)
        for wrong, key, what in (
            (rule.warn > rule.fail, "warn", f"{rule.warn:g} is above fail ({rule.fail:g})"),
            (bool(rule.waiver) != bool(rule.until), "waiver", "needs a reason and a date 'until'"),
            (rule.until and rule.until < today, "until", f"the waiver expired on {rule.until}"),
        ):
            if wrong:
                raise self.error("rule", index, key, what)
        return Clause(re.compile(table["match"]), settings, self.place("rule", index, "match"))

    def function_limit(self, table: Mapping[str, Any], index: int) -> FunctionLimit:
        """Return one checked limit of a function."""
        self.check(table, "function", index)
        self.require(table, "function", index, ("match", "warn"))
        settings = {key: value for key, value in table.items() if key != "match"}
        place = self.place("function", index, "match")
        return FunctionLimit(re.compile(table["match"]), **settings, place=place)

    def target(self, table: Mapping[str, Any], index: int) -> Target:
        """Return one checked target."""
        self.check(table, "target", index)
        kinds: list[Kind] = [kind for kind in KINDS if kind in table]
        if len(kinds) != 1:
            raise self.error("target", index, "name", "needs one of less, below, above")
        (kind,) = kinds
        pair = ("off", "on") if kind == "less" else ()
        self.require(table, "target", index, ("name", "benchmark", *pair))
        params = {key: tuple(table.get(key, ())) for key in ("params", "off", "on")}
        return Target(table["name"], table["benchmark"], kind, table[kind], **params)

    def require(
        self, table: Mapping[str, Any], header: str, index: int, keys: tuple[str, ...]
    ) -> None:
        """Refuse a table that lacks one of ``keys``."""
        for key in keys:
            if key not in table:
                raise self.error(header, index, key, "is missing")

    def error(self, table: str, index: int, key: str, what: str) -> UsageError:
        return UsageError(f"{self.place(table, index, key)}: {key}: {what}")

    def place(self, table: str, index: int, key: str) -> str:
        """Return ``file:line`` of a key, or of its table."""
        line = self.lines.get((table, index, key)) or self.lines.get((table, index, ""))
        return f"{self.name}:{line}" if line else self.name


def _find_lines(text: str, prefix: str) -> dict[tuple[str, int, str], int]:
    """Return the line of each key of each table: tomllib does not keep that."""
    found: dict[tuple[str, int, str], int] = {}
    tables: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[1].removeprefix(prefix)
            found["", 0, table] = found[table, tables[table], ""] = number
            tables[table] += 1
        elif assignment := _ASSIGNMENT.match(line):
            found[table, max(tables[table] - 1, 0), assignment[1]] = number
    return found
