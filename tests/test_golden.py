"""Holdfast gives Zipline's answers: every fill, every order, every session, to 1e-9."""

import pytest

from golden.cases import CASES
from golden.compare import differences_from_zipline


@pytest.mark.parametrize("ledger", ["decimal", "float"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_answers_as_zipline(case, ledger, golden_bundle):
    assert differences_from_zipline(case, golden_bundle(case.market), ledger) == []
