"""How a sweep's heat map writes its values."""

import numpy as np
import pytest

from holdfast.sweep.heatmap import _find_format


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([1.14, 0.88, 1.0], "1.14 0.88 1.00"), ([41.0, 12.0], "41 12"), ([0.0], "0"),
        ([0.0354, -0.011], "0.0354 -0.0110"), ([123.4, 0.5], "123 0"),
        ([-2e6, 1.5], "-2,000,000 2"), ([12.34, np.nan, np.inf], "12.3 nan inf"), ([np.nan], "nan"),
        ([1e-300, 0.0], "1e-300 0"),
    ],
)  # fmt: skip
def test_all_values_of_a_heat_map_have_as_many_decimals(values, written):
    spec = _find_format(np.array(values))
    assert " ".join(f"{value:{spec}}" for value in values) == written
