"""Read a report back from its JSON, trusting nothing, and tell it to GitHub.

The document may come from a pull request, whose code could have written anything into it.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from holdfast.errors import UsageError
from holdfast.gate.core.readings import is_number
from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row, Verdict

_LARGEST = 4_000_000
_MOST_ROWS = 5_000
_LONGEST = 2_000
_COMMIT = re.compile(r"[A-Za-z0-9._/-]{0,100}")
_FACTS = {"verdict", "waived", "ratio", "interval", "before", "after", "unit", "owner", "note"}
_ROW = {"name", "params", "param_names"} | _FACTS
_WHOLE = {
    "schema", "verdict", "base", "head", "machine", "environment", "coarse", "remarks", "shift",
    "benchmarks",
}  # fmt: skip


def read_report(text: str) -> Report:
    """Return the report that ``holdfast check --json`` or ``gate --json`` printed.

    Its verdict is found anew from its rows.

    Raises
    ------
    UsageError
        When the document is too large, or in any way not as those commands write it.
    """
    if len(text) > _LARGEST:
        raise UsageError(f"the report has {len(text):,} characters; at most {_LARGEST:,} are read")
    # One net below for whatever a stranger may write is simpler than a hundred checks.
    try:
        return _report(json.loads(text, parse_constant=_refuse))
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"this is no report ({type(error).__name__}: {str(error)[:200]}); "
            "make one with 'holdfast check --json' or 'holdfast gate --json'"
        ) from error


def _report(document: Any) -> Report:
    _require(document.keys() == _WHOLE, f"its keys are not {', '.join(sorted(_WHOLE))}")
    _require(document["schema"] == 1, f"schema is {document['schema']!r}, not 1")
    entries = document["benchmarks"]
    _require(isinstance(entries, list) and entries, "it has no benchmarks")
    _require(len(entries) <= _MOST_ROWS, f"it has more than {_MOST_ROWS:,} benchmarks")
    shift, coarse = document["shift"], document["coarse"]
    _require(isinstance(coarse, bool), "coarse is neither true nor false")
    return Report(
        base=_commit(document["base"]),
        head=_commit(document["head"]),
        machine=_text(document["machine"]),
        environment=_text(document["environment"]),
        rows=[_row(entry) for entry in entries],
        shift=None if shift is None else _shift(shift),
        remarks=_texts(document["remarks"]),
        param_names={_text(one["name"]): _texts(one["param_names"]) for one in entries},
        coarse=coarse,
    )


def _row(entry: Any) -> Row:
    _require(entry.keys() == _ROW, f"a row's keys are not {', '.join(sorted(_ROW))}")
    interval = entry["interval"]
    _require(interval is None or len(interval) == 2, "an interval has no two ends")
    _require(isinstance(entry["waived"], bool), "waived is neither true nor false")
    return Row(
        key=(_text(entry["name"]), tuple(_texts(entry["params"]))),
        verdict=Verdict(entry["verdict"]),
        unit=_text(entry["unit"]),
        before=_value(entry["before"]),
        after=_value(entry["after"]),
        ratio=_ratio(entry["ratio"]),
        interval=interval and (_number(interval[0]), _number(interval[1])),
        note=_text(entry["note"]),
        owner=_text(entry["owner"]),
        waived=entry["waived"],
    )


def _shift(entry: Any) -> Row:
    note = "removed from each benchmark"
    verdict, ratio = Verdict(entry["verdict"]), _ratio(entry["ratio"])
    return Row(("(the whole suite)", ()), verdict, "", ratio=ratio, note=note)


def _value(value: Any) -> Any:
    """Check what a benchmark returned: a number as a rule, though asv stores anything."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    _require(len(json.dumps(value)) <= _LONGEST, "a value is too long")
    return value


def _ratio(value: Any) -> float | None:
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    _require(is_number(value), f"{str(value)[:40]!r} is no number")
    return value  # type: ignore[no-any-return]


def _texts(values: Any) -> list[str]:
    _require(isinstance(values, list), f"{str(values)[:40]!r} is no list")
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    _require(isinstance(value, str), f"{str(value)[:40]!r} is no text")
    _require(len(value) <= _LONGEST, f"a text has {len(value):,} characters, not {_LONGEST:,}")
    return value  # type: ignore[no-any-return]


def _commit(value: Any) -> str:
    _require(bool(_COMMIT.fullmatch(_text(value))), f"{value[:40]!r} is no commit")
    return value  # type: ignore[no-any-return]


def _require(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def to_json(report: Report) -> str:
    """Return the report as one JSON document, schema 1; CONTRIBUTING.md describes it."""
    whole = ("base", "head", "machine", "environment", "coarse", "remarks")
    document = {
        "schema": 1,
        "verdict": report.verdict.value,
        **{name: getattr(report, name) for name in whole},
        "shift": report.shift and {"ratio": report.shift.ratio, "verdict": report.shift.verdict},
        "benchmarks": [
            {
                "name": row.key[0],
                "params": row.key[1],
                "param_names": report.param_names.get(row.key[0], ()),
                **{name: getattr(row, name) for name in _FACTS},
            }
            for row in report.rows
        ],
    }
    # NaN and Infinity are no JSON: they become null.
    sound = json.loads(json.dumps(document), parse_constant=lambda name: None)
    return json.dumps(sound, indent=2) + "\n"
