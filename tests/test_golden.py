"""Holdfast gives Zipline's answers: every fill, every order, every session, to 1e-9."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import holdfast.api
from golden import strategies
from golden.answers import answers_of
from golden.cases import CASES, Case
from golden.markets import MARKETS
from holdfast import run_algorithm
from holdfast.data.ingest import write_bundle

TOLERANCE = 1e-9


@pytest.fixture(scope="session")
def bundle_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    @cache
    def made(name: str) -> Path:
        market, path = MARKETS[name](), tmp_path_factory.mktemp("golden") / name
        write_bundle(path, market.bars, market.frequency, adjustments=market.adjustments)
        return path

    return made


@pytest.mark.parametrize("ledger", ["decimal", "float"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_answers_as_zipline(case: Case, ledger: Any, bundle_of: Callable[[str], Path]) -> None:
    notes: list[Any] = []
    functions = getattr(strategies, case.strategy)(holdfast.api, notes, **case.options)
    perf = run_algorithm(
        start=case.start,
        end=case.end,
        capital_base=case.capital,
        bundle=bundle_of(case.market),
        data_frequency=case.frequency,
        ledger=ledger,
        **functions,
    )
    expected = json.loads(case.path.read_text())
    assert differences(answers_of(perf, notes), expected) == []


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
