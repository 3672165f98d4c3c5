"""Run a case on Holdfast and say where its answers differ from Zipline's."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from golden.answers import answers_of
from golden.cases import Case, functions_of
from holdfast import run_algorithm
from holdfast.finance.cash import LedgerKind
from holdfast.zipline_names import zipline_names

TOLERANCE = 1e-9


def differences_from_zipline(case: Case, bundle: Path, ledger: LedgerKind) -> list[str]:
    """Return where Holdfast's answers differ, at most ten places."""
    notes: list[Any] = []
    with zipline_names():
        functions = functions_of(case, "holdfast", notes)
    perf = run_algorithm(
        start=case.start,
        end=case.end,
        capital_base=case.capital,
        bundle=bundle,
        data_frequency=case.frequency,
        ledger=ledger,
        **functions,
    )
    return differences(answers_of(perf, notes, case.brief), json.loads(case.path.read_text()))


def differences(found: Any, expected: Any, where: str = "") -> list[str]:
    """Return where two answers differ, at most ten places."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if found.keys() != expected.keys():
            return [f"{where}: names {sorted(found.keys() ^ expected.keys())}"]
        pairs = [(f"{where}.{name}", found[name], expected[name]) for name in expected]
    elif isinstance(expected, list) and isinstance(found, list):
        several = zip(found, expected, strict=False)
        pairs = [(f"{where}[{i}]", *pair) for i, pair in enumerate(several)]
        if len(found) != len(expected):
            pairs.append((f"{where}.length", len(found), len(expected)))
    elif _same(found, expected):
        return []
    else:
        return [f"{where}: {found!r}, Zipline has {expected!r}"]
    found_here = (differences(mine, theirs, name) for name, mine, theirs in pairs)
    return [each for several in found_here for each in several][:10]


def _same(found: Any, expected: Any) -> bool:
    if isinstance(found, (int, float)) and isinstance(expected, (int, float)):
        return math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(found == expected)
