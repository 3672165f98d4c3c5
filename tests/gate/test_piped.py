import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.compare_text import judge_text
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.json_report import to_json

# Printed by asv 0.6.6 ('--split' prints the same rows in several tables).
COMPARED = r"""
All benchmarks:

| Change   | Before [0bce022c] <main~1>   | After [57837e04] <main>   | Ratio   | Benchmark (Parameter)          |
|----------|------------------------------|---------------------------|---------|--------------------------------|
| +        | 490±0μs                      | 796±0μs                   | 1.63    | b.Text.time_text(2000, 'a|b')  |
|          | 667±0μs                      | 733±0μs                   | ~1.10   | b.Text.time_text(2000, 'e, f') |
| +        | 1.25±0ms                     | 1.75±0ms                  | 1.40    | b.Text.time_text(5000, 'c\nd') |
|          | 27.3M                        | 27.3M                     | 1.00    | b.peakmem_text                 |
| !        | 9.98±0μs                     | failed                    | n/a     | b.time_fails                   |
| *        | failed                       | 9.98±0μs                  | n/a     | b.time_fixed                   |
|          | 1.96±0.03ms                  | 2.00±0.2ms                | 1.02    | b.time_mul                     |
| x        | 1.00s                        | 2.00s                     | 2.00    | b.time_changed                 |
|          | n/a                          | n/a                       | n/a     | b.time_skips                   |
|          | 950±3ms                      | 1.10±0.01s                | 1.16    | b.time_units                   |
|          | 1000000000000.0              | 1000000000000.0           | 1.00    | b.track_big                    |
| +        | 1.00s                        | 2.00M                     | 2.00    | b.track_unit                   |
| -        | -3.5                         | -3.5                      | 1.00    | b.track_neg                    |
"""  # noqa: E501
EXPECTED = {
    "b.Text.time_text(2000, 'a|b')": Verdict.FAIL,
    "b.Text.time_text(2000, 'e, f')": Verdict.WARN,
    r"b.Text.time_text(5000, 'c\nd')": Verdict.FAIL,
    "b.peakmem_text": Verdict.PASS,
    "b.time_fails": Verdict.NEWLY_FAILING,
    "b.time_fixed": Verdict.FIXED,
    "b.time_mul": Verdict.PASS,
    "b.time_changed": Verdict.NOT_COMPARABLE,
    "b.time_skips": Verdict.SKIPPED,
    "b.time_units": Verdict.WARN,
    "b.track_big": Verdict.PASS,
    "b.track_unit": Verdict.NOT_COMPARABLE,
    "b.track_neg": Verdict.PASS,
}


def test_each_row_is_judged_by_its_columns():
    found = judge_text(COMPARED, Policy())
    assert {row.label: row.verdict for row in found.rows} == EXPECTED
    assert (found.base, found.head, found.coarse) == ("0bce022c", "57837e04", True)
    assert found.verdict is Verdict.FAIL


def test_rows_without_values_do_not_take_the_unit_of_the_others():
    line = "| * | 1.00ms | 1.50ms | 1.50 | b.track_x(1) |\n| | n/a | n/a | n/a | b.track_x(2) |\n"
    found = judge_text(line, Policy(memory_baseline="i.peakmem_import"))
    assert [row.unit for row in found.rows] == ["seconds", "seconds"]


def test_colour_and_repeated_tables_change_nothing():
    coloured = COMPARED.replace("| +", "| \x1b[31m+\x1b[0m")
    # As text, for a NaN equals no other.
    one, other = (judge_text(text, Policy()) for text in (coloured + COMPARED, COMPARED))
    assert to_json(one) == to_json(other)


def test_a_parameter_with_a_line_break_is_one_row():
    text = """
| Change   | Before [a] | After [b] | Ratio   | Benchmark (Parameter) |
|----------|------------|-----------|---------|-----------------------|
| +        | 1.00ms     | 1.50ms    | 1.50    | b.time_x(one          |
|          |            |           |         | two)                  |
|          | 1.00ms     | 1.00ms    | 1.00    | b.time_y              |
"""
    assert [row.label for row in judge_text(text, Policy()).rows] == [
        "b.time_x(one two)",
        "b.time_y",
    ]


@pytest.mark.parametrize("text", ["", "· No results found\n", "a | b | c\n"])
def test_no_table_is_nothing_measured(text):
    with pytest.raises(NothingMeasured, match="asv compare BASE HEAD"):
        judge_text(text, Policy())


@given(st.text("| +-~x!*.0123456789±μmskMn/afiled()\n", max_size=200))
def test_any_text_is_judged_or_refused(noise):
    try:
        judge_text(noise, Policy())
    except NothingMeasured:
        return
    judge_text(COMPARED + noise, Policy())


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [("1.2±0.1ns", 1.2e-9), ("1.2±nanns", 1.2e-9), ("5±infms", 5e-3), ("3±2e-05s", 3.0)],
)
def test_a_unit_is_not_read_as_part_of_the_interval(cell, seconds):
    line = f"| | {cell} | {cell} | 1.00 | b.time_x |\n| | 1.00ms | 1.00ms | 1.00 | b.time_y |\n"
    found = judge_text(line, Policy())
    assert {row.label: row.before for row in found.rows}["b.time_x"] == pytest.approx(seconds)


@pytest.mark.parametrize("cell", ["1.2.3ms", "...", "..s", "1.5e", "±", "1e+ms"])
def test_what_is_no_number_is_not_comparable(cell):
    line = f"| | {cell} | 1.50ms | 1.50 | b.time_x |\n| | 1.00ms | 1.00ms | 1.00 | b.time_y |\n"
    found = judge_text(line, Policy())
    verdicts = {row.label: row.verdict for row in found.rows}
    assert verdicts["b.time_x"] is Verdict.NOT_COMPARABLE


def test_a_head_without_names_is_no_error():
    found = judge_text("| Change | | | | |\n| | 1.00ms | 1.00ms | 1.00 | b.time_y |\n", Policy())
    assert (found.base, found.head) == ("before", "after")
