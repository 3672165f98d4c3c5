"""A report as JSON, schema 1: the writer, and a reader that trusts nothing.

A document to read may come from a pull request, whose code could have written anything into it.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from holdfast.errors import UsageError
from holdfast.gate.core.readings import is_number
from holdfast.gate.core.report import Report
from holdfast.gate.core.suite import WHOLE
from holdfast.gate.core.verdict import Row, Verdict

_LARGEST = 4_000_000
_MOST_ROWS = 5_000
_LONGEST = 2_000
_COMMIT = re.compile(r"[A-Za-z0-9._/-]{0,100}")
_FACTS = (
    "verdict", "waived", "may_fail", "ratio", "interval", "noise", "before", "after", "measured",
    "unit", "owner", "note", "environment",
)  # fmt: skip
_ROW = {"name", "params", "param_names", *_FACTS}
_SHIFT = ("ratio", "interval", "verdict", "note")
_TEXTS = ("base", "head", "machine", "environment", "coarse", "strict", "remarks", "options")
_WHOLE = {"schema", "verdict", "shift", "benchmarks", *_TEXTS}


def to_json(report: Report) -> str:
    """Return the report as one JSON document, schema 1."""
    document = {
        "schema": 1,
        "verdict": report.verdict.value,
        **{name: getattr(report, name) for name in _TEXTS},
        "shift": report.shift and {name: getattr(report.shift, name) for name in _SHIFT},
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
    # NaN and Infinity are not JSON: they become null.
    sound = json.loads(json.dumps(document), parse_constant=lambda name: None)
    return json.dumps(sound, indent=2) + "\n"


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
        return _read_report(json.loads(text, parse_constant=_refuse))
    except (
        LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError,
    ) as error:  # fmt: skip
        raise UsageError(
            f"this is not a report ({type(error).__name__}: {str(error)[:200]}); "
            "make one with 'holdfast check --json' or 'holdfast gate --json'"
        ) from error


def _read_report(document: Any) -> Report:
    _require(document.keys() == _WHOLE, f"its keys are not {', '.join(sorted(_WHOLE))}")
    _require(document["schema"] == 1, f"schema is {document['schema']!r}, not 1")
    entries = document["benchmarks"]
    _require(isinstance(entries, list) and entries, "it has no benchmarks")
    _require(len(entries) <= _MOST_ROWS, f"it has more than {_MOST_ROWS:,} benchmarks")
    shift = document["shift"]
    return Report(
        base=_read_commit(document["base"]),
        head=_read_commit(document["head"]),
        machine=_read_text(document["machine"]),
        environment=_read_text(document["environment"]),
        rows=[_read_row(entry) for entry in entries],
        shift=None if shift is None else _read_shift(shift),
        remarks=_read_texts(document["remarks"]),
        param_names={_read_text(one["name"]): _read_texts(one["param_names"]) for one in entries},
        coarse=_read_flag(document, "coarse"),
        strict=_read_flag(document, "strict"),
        options=_read_texts(document["options"]),
    )


def _read_row(entry: Any) -> Row:
    _require(entry.keys() == _ROW, f"a row's keys are not {', '.join(sorted(_ROW))}")
    before, after = entry["measured"]
    return Row(
        key=(_read_text(entry["name"]), tuple(_read_texts(entry["params"]))),
        verdict=Verdict(entry["verdict"]),
        unit=_read_text(entry["unit"]),
        before=_read_value(entry["before"]),
        after=_read_value(entry["after"]),
        ratio=_read_optional(entry["ratio"]),
        interval=_read_interval(entry["interval"]),
        note=_read_text(entry["note"]),
        owner=_read_text(entry["owner"]),
        waived=_read_flag(entry, "waived"),
        may_fail=_read_flag(entry, "may_fail"),
        noise=_read_optional(entry["noise"]),
        measured=(_read_value(before), _read_value(after)),
        environment=_read_text(entry["environment"]),
    )


def _read_shift(entry: Any) -> Row:
    _require(entry.keys() == set(_SHIFT), f"the shift's keys are not {', '.join(_SHIFT)}")
    return Row(
        WHOLE,
        Verdict(entry["verdict"]),
        "",
        ratio=_read_optional(entry["ratio"]),
        interval=_read_interval(entry["interval"]),
        note=_read_text(entry["note"]),
    )


def _read_flag(entry: Any, name: str) -> bool:
    _require(isinstance(entry[name], bool), f"{name} is neither true nor false")
    return entry[name]  # type: ignore[no-any-return]


def _read_interval(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    _require(len(value) == 2, "an interval has not two ends")
    return _read_number(value[0]), _read_number(value[1])


def _read_value(value: Any) -> Any:
    """Check what a benchmark returned: a number as a rule, though asv stores anything."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_number(value)
    _require(len(json.dumps(value)) <= _LONGEST, "a value is too long")
    return value


def _read_optional(value: Any) -> float | None:
    return None if value is None else float(_read_number(value))


def _read_number(value: Any) -> float:
    _require(is_number(value), f"{str(value)[:40]!r} is not a number")
    # An integer of hundreds of digits is a number, and none that can be shown.
    float(value)
    return value  # type: ignore[no-any-return]


def _read_texts(values: Any) -> list[str]:
    _require(isinstance(values, list), f"{str(values)[:40]!r} is not a list")
    return [_read_text(value) for value in values]


def _read_text(value: Any) -> str:
    _require(isinstance(value, str), f"{str(value)[:40]!r} is not text")
    _require(len(value) <= _LONGEST, f"a text has {len(value):,} characters, not {_LONGEST:,}")
    return value  # type: ignore[no-any-return]


def _read_commit(value: Any) -> str:
    _require(bool(_COMMIT.fullmatch(_read_text(value))), f"{value[:40]!r} is not a commit")
    return value  # type: ignore[no-any-return]


def _require(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
