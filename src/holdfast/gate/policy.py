"""What a project expects of its benchmarks: limits per benchmark, checked strictly when read."""

from __future__ import annotations

import datetime
import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.results import is_number

_Check = Callable[[Any], str]
"""What is wrong with a value, or nothing."""
_STATISTICS = ("min", "median", "p50", "p95", "p99")
_DIRECTIONS = ("lower", "higher")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one benchmark is judged; the defaults are the gate's."""

    warn: float = 5.0
    fail: float = 20.0
    """Per cent worse than the base; the limit itself still passes."""
    statistic: str = ""
    """What stands for the samples; empty: asv's median, or the minima of processes."""
    direction: str = "lower"
    """Which values are better."""
    floor: float = 0.0
    """A change smaller than this, in the benchmark's unit, is none."""
    limit: float | None = None
    """A value worse than this, in the benchmark's unit, fails whatever it was before."""
    exact: bool = False
    """Any change at all fails; so does one of a benchmark whose unit is "fingerprint"."""
    owner: str = ""
    waiver: str = ""
    """Why a known regression does not count, until a date."""
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One ``[[rule]]``: what it matches, what it sets, and where it stands."""

    pattern: re.Pattern[str]
    settings: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a project; of several that match, later ones override earlier ones."""

    clauses: Sequence[Clause] = ()
    bench: Sequence[str] = ()
    """asv's --bench: what 'check' measures when the command line does not say."""
    memory_baseline: str = ""
    """The benchmark whose peak memory (interpreter and imports) is subtracted from the others'."""
    targets: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    """The ``[[target]]`` tables, as they are: acceptance targets are another module's."""

    def rule(self, label: str) -> Rule:
        """Return the rule for ``name(params)``."""
        rule = Rule()
        for clause in self.clauses:
            if clause.pattern.search(label):
                rule = replace(rule, **clause.settings)
        return rule

    def require_matches(self, labels: Iterable[str]) -> None:
        """Refuse a rule that matches nothing: a renamed benchmark must not lose its limits."""
        known = list(labels)
        for clause in self.clauses:
            if not any(clause.pattern.search(label) for label in known):
                raise UsageError(
                    f"{clause.place}: {clause.pattern.pattern!r} matches no benchmark; "
                    "correct it or remove the rule"
                )


def parse_policy(text: str, name: str, today: datetime.date, prefix: str = "") -> Policy:
    """Return the policy that ``text`` (TOML) states; errors call it ``name`` and give the line.

    ``today`` decides whether a waiver has expired. ``prefix`` is ``"tool.holdfast."`` for a
    pyproject.toml, whose other tables are ignored.
    """
    try:
        data: Any = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error
    for key in prefix.split(".")[:-1]:
        data = data.get(key, {}) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        raise UsageError(f"{name}: [{prefix.rstrip('.')}] must be a table")
    reader = _Reader(text, name, prefix)
    reader.check(data, _TOP)
    measure, rules = data.get("measure", {}), data.get("rule", [])
    reader.check(measure, _MEASURE, "measure")
    return Policy(
        [reader.clause(rule, index, today) for index, rule in enumerate(rules)],
        tuple(measure.get("bench", ())),
        measure.get("memory_baseline", ""),
        tuple(data.get("target", ())),
    )


def _fits(test: Callable[[Any], bool], expected: str) -> _Check:
    return lambda value: "" if test(value) else f"{value!r} is {expected}"


def _regex(value: Any) -> str:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return f"{value!r} is no regular expression"
    return ""


def _bench(value: Any) -> str:
    if not isinstance(value, list):
        return "must be a list of regular expressions"
    return next(filter(None, map(_regex, value)), "")


def _tables(value: Any) -> str:
    tables = isinstance(value, list) and all(isinstance(table, dict) for table in value)
    return "" if tables else "must be tables, in double brackets"


_TEXT = _fits(lambda value: isinstance(value, str), "no text")
_LIMIT = _fits(lambda value: is_number(value) and value >= 0, "no number that fits")
_TOP = {
    "measure": lambda value: "" if isinstance(value, dict) else "must be a table",
    "rule": _tables,
    "target": _tables,
}
_MEASURE = {"bench": _bench, "memory_baseline": _TEXT}
_RULE = {
    "match": _regex, "warn": _LIMIT, "fail": _LIMIT, "floor": _LIMIT,
    "limit": _fits(is_number, "no number that fits"),
    "statistic": _fits(_STATISTICS.__contains__, f"none of {', '.join(_STATISTICS)}"),
    "direction": _fits(_DIRECTIONS.__contains__, f"none of {', '.join(_DIRECTIONS)}"),
    "exact": _fits(lambda value: isinstance(value, bool), "not true or false"),
    "owner": _TEXT, "waiver": _TEXT,
    "until": _fits(lambda value: type(value) is datetime.date, "no date such as 2030-01-31"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str
    name: str
    prefix: str

    def check(
        self,
        table: Mapping[str, Any],
        schema: Mapping[str, _Check],
        header: str = "",
        index: int = 0,
    ) -> None:
        """Refuse unknown keys and values that do not fit."""
        for key, value in table.items():
            if key not in schema:
                close = difflib.get_close_matches(key, schema, 1)
                hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(schema)}"
                raise self.error(header, index, key, f"unknown key; {hint}")
            if problem := schema[key](value):
                raise self.error(header, index, key, problem)

    def clause(self, table: Mapping[str, Any], index: int, today: datetime.date) -> Clause:
        self.check(table, _RULE, "rule", index)
        if "match" not in table:
            raise self.error("rule", index, "", "needs match = 'regular expression'")
        settings = {key: value for key, value in table.items() if key != "match"}
        rule = replace(Rule(), **settings)
        if rule.warn > rule.fail:
            raise self.error("rule", index, "warn", f"{rule.warn:g} is above fail ({rule.fail:g})")
        if bool(rule.waiver) != bool(rule.until):
            raise self.error("rule", index, "waiver", "a waiver needs a reason and a date 'until'")
        if rule.until and rule.until < today:
            raise self.error("rule", index, "until", f"the waiver expired on {rule.until}")
        return Clause(re.compile(table["match"]), settings, self.place("rule", index, "match"))

    def error(self, table: str, index: int, key: str, what: str) -> UsageError:
        return UsageError(f"{self.place(table, index, key)}: {key}{': ' if key else ''}{what}")

    def place(self, table: str, index: int, key: str) -> str:
        """Return ``file:line`` of a key; tomllib does not keep lines, so look for it again."""
        header = re.compile(rf"\s*\[+\s*{re.escape(self.prefix)}{table}\s*\]")
        assignment = re.compile(rf"""\s*(\[+\s*{re.escape(self.prefix)})?["']?{re.escape(key)}\b""")
        lines, seen, found = self.text.splitlines(), -1 if table else index, 0
        for number, line in enumerate(lines, start=1):
            seen += bool(table and header.match(line))
            if seen == index and not found:
                found = number
            if seen == index and key and assignment.match(line):
                return f"{self.name}:{number}"
        return f"{self.name}:{found}" if found else self.name
