import pytest

from holdfast.errors import UsageError
from holdfast.gate.core.readings import Benchmark, Suite, label
from holdfast.gate.core.selection import choose


@pytest.fixture
def suite():
    suite = Suite()
    suite["b.time_x"] = Benchmark("seconds")
    suite["b.C.time_y"] = Benchmark("seconds", ("tier", "n"), (("'quick'", "'full'"), ("1", "2")))
    return suite


@pytest.mark.parametrize(
    ("name", "values", "bench", "found"),
    [
        ("b.time_x", [], [], ["b.time_x"]),
        ("b.time_x", [], ["quick"], ["b.time_x"]),
        ("b.C.time_y('full', 2)", [], ["quick"], ["b.C.time_y('full', 2)"]),
        ("b.C.time_y", [], ["quick"], ["b.C.time_y('quick', 1)", "b.C.time_y('quick', 2)"]),
        ("b.C.time_y", ["full", "2"], ["quick"], ["b.C.time_y('full', 2)"]),
        ("b.C.time_y", ["'full'", "1"], [], ["b.C.time_y('full', 1)"]),
    ],
)
def test_a_benchmark_goes_by_its_name_and_parameters(suite, name, values, bench, found):
    assert [label(key) for key in choose(suite, name, values, bench)] == found


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("b.time_z", [], "'b.time_z' is not a benchmark; did you mean b.time_x?"),
        ("b.C.time_y('full', 3)", [], r"did you mean b.C.time_y\('full', 2\)\?"),
        ("zebra", [], "'zebra' is not a benchmark; see 2 in benchmarks.json"),
        ("b.C.time_y", ["3"], r"has no parameters 3; it has b.C.time_y\('quick', 1\), "),
        ("b.time_x", ["3"], "has no parameters 3"),
    ],
)
def test_what_is_not_there_is_named(suite, name, values, message):
    with pytest.raises(UsageError, match=message):
        choose(suite, name, values)
