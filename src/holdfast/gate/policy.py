"""What a project expects of its benchmarks: limits per benchmark, checked strictly when read."""

from __future__ import annotations

import datetime
import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from holdfast.errors import UsageError

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


_RULE_KEYS = [item.name for item in fields(Rule)]


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
    """Return the policy that ``text`` (TOML) states.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        How errors call it.
    today : datetime.date
        Decides whether a waiver has expired.
    prefix : str
        ``"tool.holdfast."`` for a pyproject.toml, whose other tables are ignored.
    """
    reader = _Reader(text, name, prefix)
    try:
        data: Any = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error
    for key in prefix.split(".")[:-1]:
        data = data.get(key, {}) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        raise UsageError(f"{name}: [{prefix.rstrip('.')}] must be a table")
    reader.refuse_unknown(data, ("measure", "rule", "target"), "", 0)
    measure = reader.table(data, "measure")
    reader.refuse_unknown(measure, ("bench", "memory_baseline"), "measure", 0)
    bench = measure.get("bench", [])
    if not (isinstance(bench, list) and all(isinstance(regex, str) for regex in bench)):
        raise reader.error("measure", 0, "bench", "must be a list of regular expressions")
    for regex in bench:
        reader.regex(regex, "measure", 0, "bench")
    rules = reader.tables(data, "rule")
    return Policy(
        [reader.clause(rule, index, today) for index, rule in enumerate(rules)],
        tuple(bench), str(measure.get("memory_baseline", "")), tuple(reader.tables(data, "target")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str
    name: str
    prefix: str

    def clause(self, table: Mapping[str, Any], index: int, today: datetime.date) -> Clause:
        self.refuse_unknown(table, ("match", *_RULE_KEYS), "rule", index)
        if not isinstance(table.get("match"), str):
            raise self.error("rule", index, "", "needs match = 'regular expression'")
        pattern = self.regex(table["match"], "rule", index, "match")
        settings = {key: value for key, value in table.items() if key != "match"}
        for key, value in settings.items():
            problem = _problem(key, value)
            if problem:
                raise self.error("rule", index, key, f"{value!r} {problem}")
        rule = replace(Rule(), **settings)
        if rule.warn > rule.fail:
            raise self.error("rule", index, "warn", f"{rule.warn:g} is above fail ({rule.fail:g})")
        if bool(rule.waiver) != bool(rule.until):
            raise self.error("rule", index, "waiver", "a waiver needs a reason and a date 'until'")
        if rule.until and rule.until < today:
            raise self.error("rule", index, "until", f"the waiver expired on {rule.until}")
        return Clause(pattern, settings, self.place("rule", index, "match"))

    def table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = data.get(key, {})
        if not isinstance(found, dict):
            raise self.error("", 0, key, f"must be a table, [{self.prefix}{key}]")
        return found

    def tables(self, data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        found = data.get(key, [])
        if not (isinstance(found, list) and all(isinstance(table, dict) for table in found)):
            raise self.error("", 0, key, f"must be tables, [[{self.prefix}{key}]]")
        return found

    def regex(self, text: str, table: str, index: int, key: str) -> re.Pattern[str]:
        try:
            return re.compile(text)
        except re.error as error:
            raise self.error(table, index, key, f"{text!r} is no regular expression") from error

    def refuse_unknown(
        self, table: Mapping[str, Any], known: Sequence[str], name: str, index: int
    ) -> None:
        for key in table:
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
                raise self.error(name, index, key, f"unknown key; {hint}")

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


def _problem(key: str, value: object) -> str:
    if key in ("warn", "fail", "floor", "limit"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if (
            not number
            or not math.isfinite(float(str(value)))
            or (key != "limit" and float(str(value)) < 0)
        ):
            return "is no number that fits"
    elif key == "statistic" and value not in _STATISTICS:
        return f"is none of {', '.join(_STATISTICS)}"
    elif key == "direction" and value not in _DIRECTIONS:
        return f"is none of {', '.join(_DIRECTIONS)}"
    elif key == "exact" and not isinstance(value, bool):
        return "is not true or false"
    elif key in ("owner", "waiver") and not isinstance(value, str):
        return "is no text"
    elif key == "until" and type(value) is not datetime.date:
        return "is no date such as 2030-01-31"
    return ""
