"""What a project expects of its benchmarks: limits per benchmark, checked strictly when read."""

from __future__ import annotations

import datetime
import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.core.readings import is_number

_STATISTICS = ("min", "median", "p50", "p95", "p99")
_DIRECTIONS = ("lower", "higher")
_HEADER = re.compile(r"\s*\[+\s*([\w.-]+)\s*\]+")
_ASSIGNMENT = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")


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
    history: bool = False
    """The base is the median of earlier commits: for what strays too much to compare two."""
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
class Limit:
    """One ``[[function]]``: how much a function's own time may grow, and where that stands."""

    pattern: re.Pattern[str]
    warn: float
    """Per cent."""
    floor: float = 0.0
    """Growth of up to so many seconds is none."""
    owner: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a project; of several that match, later ones override earlier ones."""

    clauses: Sequence[Clause] = ()
    bench: Sequence[str] = ()
    """asv's --bench: what 'check' measures when the command line does not say."""
    memory_baseline: str = ""
    """The benchmark whose peak memory (interpreter and imports) is subtracted from the others'."""
    limits: Sequence[Limit] = ()
    targets: Sequence[Mapping[str, Any]] = ()
    """The ``[[target]]`` tables, as they are: acceptance targets are another module's."""

    def rule(self, label: str) -> Rule:
        """Return the rule for ``name(params)``."""
        rule = Rule()
        for clause in self.clauses:
            if clause.pattern.search(label):
                rule = replace(rule, **clause.settings)
        return rule

    def limit(self, function: str) -> Limit | None:
        """Return the limit of ``module.Class.function``, the last one that matches, if any."""
        found = (limit for limit in reversed(self.limits) if limit.pattern.search(function))
        return next(found, None)

    def require_matches(self, labels: Iterable[str]) -> None:
        """Refuse a rule that matches nothing: a renamed benchmark must not lose its limits."""
        known = list(labels)
        if self.memory_baseline and self.memory_baseline not in known:
            raise UsageError(
                f"the policy's memory_baseline {self.memory_baseline!r} is no benchmark; "
                "correct it or remove it"
            )
        for clause in self.clauses:
            if not any(map(clause.pattern.search, known)):
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
    source = _Source(name, _lines(text, prefix))
    source.check(data)
    measure, rules = data.get("measure", {}), data.get("rule", ())
    source.check(measure, "measure")
    return Policy(
        [source.clause(rule, index, today) for index, rule in enumerate(rules)],
        tuple(measure.get("bench", ())),
        measure.get("memory_baseline", ""),
        [source.limit(limit, index) for index, limit in enumerate(data.get("function", ()))],
        tuple(data.get("target", ())),
    )


def _is_regex(value: Any) -> bool:
    try:
        return bool(re.compile(value))
    except (re.error, TypeError):
        return False


def _are_tables(value: Any) -> bool:
    return type(value) is list and {*map(type, value)} <= {dict}


_KEYS = {
    "": ("measure", "rule", "function", "target"),
    "measure": ("bench", "memory_baseline"),
    "rule": ("match", *(field.name for field in fields(Rule))),
    "function": ("match", "warn", "floor", "owner"),
}
_VALUES = (
    ("match", _is_regex, "a regular expression"),
    ("warn fail floor", lambda it: is_number(it) and it >= 0, "a number from 0 on"),
    ("limit", is_number, "a number"),
    ("statistic", _STATISTICS.__contains__, f"one of {', '.join(_STATISTICS)}"),
    ("direction", _DIRECTIONS.__contains__, f"one of {', '.join(_DIRECTIONS)}"),
    ("exact history", lambda it: isinstance(it, bool), "true or false"),
    ("owner waiver memory_baseline", lambda it: isinstance(it, str), "text"),
    ("until", lambda it: type(it) is datetime.date, "a date such as 2030-01-31"),
    ("bench", lambda it: type(it) is list and all(map(_is_regex, it)), "a list of expressions"),
    ("measure", lambda it: type(it) is dict, "a table"),
    ("rule function target", _are_tables, "[[tables]]"),
)
_FITS = {key: (fits, what) for keys, fits, what in _VALUES for key in keys.split()}


@dataclass(frozen=True, slots=True)
class _Source:
    """A policy's file: whether it says what it may say, and where it says it."""

    name: str
    lines: Mapping[tuple[str, int, str], int]

    def check(self, table: Mapping[str, Any], header: str = "", index: int = 0) -> None:
        """Refuse unknown keys and values that do not fit."""
        for key, value in table.items():
            if key not in _KEYS[header]:
                close = difflib.get_close_matches(key, _KEYS[header], 1)
                hint = f"did you mean {close[0]}?" if close else f"known: {_KEYS[header]}"
                raise self.error(header, index, key, f"unknown key; {hint}")
            fits, expected = _FITS[key]
            if not fits(value):
                raise self.error(header, index, key, f"{value!r} is not {expected}")

    def clause(self, table: Mapping[str, Any], index: int, today: datetime.date) -> Clause:
        """Return one checked rule."""
        self.check(table, "rule", index)
        settings = {key: value for key, value in table.items() if key != "match"}
        rule = replace(Rule(), **settings)
        for wrong, key, what in (
            ("match" not in table, "match", "is missing; give a regular expression"),
            (rule.warn > rule.fail, "warn", f"{rule.warn:g} is above fail ({rule.fail:g})"),
            (bool(rule.waiver) != bool(rule.until), "waiver", "needs a reason and a date 'until'"),
            (rule.until and rule.until < today, "until", f"the waiver expired on {rule.until}"),
        ):
            if wrong:
                raise self.error("rule", index, key, what)
        return Clause(re.compile(table["match"]), settings, self.place("rule", index, "match"))

    def limit(self, table: Mapping[str, Any], index: int) -> Limit:
        """Return one checked limit of a function."""
        self.check(table, "function", index)
        for key in ("match", "warn"):
            if key not in table:
                raise self.error("function", index, key, "is missing")
        settings = {key: value for key, value in table.items() if key != "match"}
        place = self.place("function", index, "match")
        return Limit(re.compile(table["match"]), **settings, place=place)

    def error(self, table: str, index: int, key: str, what: str) -> UsageError:
        return UsageError(f"{self.place(table, index, key)}: {key}: {what}")

    def place(self, table: str, index: int, key: str) -> str:
        """Return ``file:line`` of a key, or of its table."""
        line = self.lines.get((table, index, key)) or self.lines.get((table, index, ""))
        return f"{self.name}:{line}" if line else self.name


def _lines(text: str, prefix: str) -> dict[tuple[str, int, str], int]:
    """Return on which line each key of each table stands: tomllib does not keep that."""
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
