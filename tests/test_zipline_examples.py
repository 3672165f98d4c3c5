"""A strategy written for Zipline runs with only the name in its imports changed."""

import pytest

from golden.cases import EXAMPLES
from golden.compare import differences_from_zipline


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.strategy)
def test_example_gives_zipline_answers(case, golden_bundle):
    assert differences_from_zipline(case, golden_bundle(case.market), "decimal") == []
