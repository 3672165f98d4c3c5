import json
from dataclasses import replace

import pytest

from holdfast.escapes import escape
from holdfast.gate.core.report import Report, combine
from holdfast.gate.core.text import format_value
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.show.json_report import to_json
from holdfast.gate.show.markdown import to_markdown
from holdfast.gate.show.table import format_verdict
from holdfast.gate.show.terminal import to_terminal


def report(*rows):
    return Report("a" * 40, "b" * 40, "m1", "env", rows)


def row(name="b.time_x", verdict=Verdict.FAIL, params=(), **kind):
    return Row((name, params), verdict, kind.pop("unit", "seconds"), **kind)


SLOW = row(before=1.0, after=1.3, ratio=1.3, interval=(1.2, 1.4), measured=(1.0, 1.31))
FINE = row("b.time_y", Verdict.PASS, before=2e-6, after=2e-6, ratio=1.0)


def test_the_table_is_aligned_and_ends_with_the_verdict():
    assert to_terminal(report(SLOW, FINE), colour=False) == (
        "verdict   change   before    after  benchmark\n"
        "fail     +30.0 %   1.00 s   1.30 s  b.time_x\n"
        "pass      +0.0 %  2.00 µs  2.00 µs  b.time_y\n"
        "\n"
        "FAIL  aaaaaaaa -> bbbbbbbb: 1 fail, 1 pass\n"
    )


def test_what_is_not_there_is_a_dash():
    rows = [
        row(verdict=Verdict.NEW, after=1.0),
        row(verdict=Verdict.REMOVED, before=1.0),
        row(verdict=Verdict.NEWLY_FAILING, before=1.0),
        row(verdict=Verdict.SKIPPED, before=1.0, after=float("nan")),
    ]
    cells = [line.split() for line in to_terminal(report(*rows), colour=False).splitlines()[1:5]]
    assert [line[-4:-1] for line in cells] == [
        ["-", "1.00", "s"], ["1.00", "s", "-"], ["1.00", "s", "failed"], ["1.00", "s", "n/a"],
    ]  # fmt: skip


def test_a_long_table_leaves_out_what_passed():
    text = to_terminal(report(SLOW, *[FINE] * 50), colour=False)
    assert "... and 50 pass\n" in text
    assert "time_y" not in text


def test_colour_is_asked_for():
    assert "\033[31mfail" in to_terminal(report(SLOW), colour=True)
    assert "\033" not in to_terminal(report(SLOW), colour=False)


def test_json_has_every_number_and_no_nan():
    odd = row("b.track_z", Verdict.SKIPPED, before=float("nan"), after=float("inf"))
    named = replace(report(SLOW, odd), param_names={"b.time_x": ("n",)})
    document = json.loads(to_json(named))
    assert document["schema"] == 1
    assert (document["verdict"], document["base"]) == ("fail", "a" * 40)
    assert document["benchmarks"][0] == {
        "name": "b.time_x", "params": [], "param_names": ["n"], "verdict": "fail", "ratio": 1.3,
        "interval": [1.2, 1.4], "before": 1.0, "after": 1.3, "unit": "seconds", "note": "",
        "owner": "", "waived": False, "may_fail": False, "noise": None, "environment": "",
        "measured": [1.0, 1.31],
    }  # fmt: skip
    assert document["benchmarks"][1]["before"] is None


def test_names_cannot_act():
    evil = "\x1b[31m\nx|`@me`\ud800<b>"
    assert escape(evil) == r"\x1b[31m\nx|`@me`\ud800<b>"
    found = report(row(params=(evil,), before=1, after=2, ratio=2.0))
    assert "\x1b" not in to_terminal(found, colour=False)
    head, line = (text for text in to_markdown(found).splitlines() if "@" in text[:80])
    assert "@me" not in head and "<b>" not in head and "@me" not in line
    assert "<b>" not in line
    assert line.count("|") - line.count("\\|") == 6
    json.loads(to_json(found))


def test_markdown_shows_the_verdict_first_and_only_what_changed():
    text = to_markdown(report(SLOW, FINE))
    assert text.startswith("### FAIL")
    assert "b.time\\_x" in text
    assert text.index("time\\_x") < text.index("<details>") < text.index("time\\_y")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0, "seconds", "0.00 ns"),
        (0.00123, "seconds", "1.23 ms"),
        (0.9999, "seconds", "1.00 s"),
        (123.4, "seconds", "123 s"),
        (27_300_000, "bytes", "27.3 MB"),
        (-2000, "bytes", "-2.00 kB"),
        (4950, "orders", "4950"),
        (187989123456789.0, "fingerprint", "187989123456789"),
        (0.5, "fingerprint", "0.5"),
        (None, "seconds", "failed"),
        (float("nan"), "seconds", "n/a"),
        ({"a": 1}, "x", '{"a": 1}'),
    ],
)
def test_values_are_short(value, unit, expected):
    assert format_value(value, unit) == expected


def test_the_verdict_line_marks_coarse_numbers():
    coarse = Report("a", "b", "", "", [SLOW], coarse=True)
    assert format_verdict(coarse) == "FAIL  a -> b: 1 fail (coarse: judged by three printed digits)"


def test_several_environments_are_one_report_with_one_verdict():
    one = report(FINE)
    other = replace(report(SLOW), environment="other", remarks=("busy",))
    both = combine([one, other])
    assert combine([one]) is one
    assert both.verdict is Verdict.FAIL
    assert (both.environment, both.remarks) == ("env, other", ("busy",))
    lines = to_terminal(both, colour=False).splitlines()
    assert lines[1].endswith("other: b.time_x") and lines[2].endswith("env: b.time_y")
    assert [row["environment"] for row in json.loads(to_json(both))["benchmarks"]] == [
        "other", "env",
    ]  # fmt: skip
