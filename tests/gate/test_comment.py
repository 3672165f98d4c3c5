"""A report read back: its comment is the same, and a hostile document gets nowhere."""

import json
import shlex
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import HoldfastError, UsageError
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Benchmark, Reading, Side, Suite
from holdfast.gate.core.report import Report, judge
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.json_report import read_report, to_json
from holdfast.gate.show.markdown import to_annotations, to_markdown

from .trees import BASE, HEAD

TIMES = {"b.time_pass": (1.0, 1.0), "b.time_warn": (1.0, 1.1), "b.time_fail": (1.0, 1.5)}


@pytest.fixture
def report() -> Report:
    sides = [
        Side(commit, "m|1", "env", readings={
            **{(name, ()): Reading(values[index]) for name, values in TIMES.items()},
            ("b.track_odd", ("'x@y'",)): Reading({"a": [1, None]}),
            ("b.time_gone", ()): Reading([1.0, None][index]),
        })
        for index, commit in enumerate((BASE, HEAD))
    ]  # fmt: skip
    names = [*TIMES, "b.time_gone"]
    suite = Suite({name: Benchmark("seconds") for name in names})
    return judge(*sides, suite, Policy(), remarks=["the machine was busy"])


def edited(report, **changes):
    return json.dumps({**json.loads(to_json(report)), **changes})


def with_row(report, **changes):
    document = json.loads(to_json(report))
    document["benchmarks"][0].update(changes)
    return json.dumps(document)


def test_the_comment_is_the_one_that_the_gate_itself_writes(report):
    again = read_report(to_json(report))
    assert again.verdict is report.verdict is Verdict.FAIL
    assert to_markdown(again) == to_markdown(report)


def test_a_verdict_is_found_anew(report):
    assert read_report(edited(report, verdict="pass")).verdict is Verdict.FAIL


def test_failed_rows_are_annotated_and_waived_ones_are_not(report):
    lines = to_annotations(report).splitlines()
    assert [line.partition("::")[2].partition("::")[0] for line in lines] == [
        "error title=Benchmark"
    ] * 2
    assert "b.time_fail: fail +50.0 %25 (1.00 s to 1.50 s)" in lines[0] + lines[1]
    waived = replace(report, rows=[replace(row, waived=True) for row in report.rows])
    assert to_annotations(waived) == ""


def test_an_annotation_is_one_line_and_no_other_command(report):
    found = read_report(with_row(report, verdict="fail", name="x\n::set-env::y%0A::stop"))
    lines = to_annotations(found).splitlines()
    assert all(line.startswith("::error title=Benchmark::") for line in lines)
    assert not any("%0A" in line for line in lines)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "schema is 2"),
        ({"base": "x`[a](b)"}, "is not a commit"),
        ({"head": "-" * 101}, "is not a commit"),
        ({"benchmarks": []}, "no benchmarks"),
        ({"benchmarks": {}}, "no benchmarks"),
        ({"benchmarks": [None]}, "AttributeError"),
        ({"machine": 7}, "'7' is not text"),
        ({"remarks": "text"}, "is not a list"),
        ({"remarks": ["x" * 2001]}, "2,001 characters"),
        ({"coarse": "no"}, "coarse"),
        (
            {"shift": {"ratio": "1", "verdict": "warn", "interval": None, "note": ""}},
            "'1' is not a",
        ),
        ({"script": "alert(1)"}, "its keys are not"),
    ],
)
def test_what_no_report_holds_is_refused(report, changes, message):
    with pytest.raises(UsageError, match=message):
        read_report(edited(report, **changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": "splendid"}, "is not a valid Verdict"),
        ({"before": 10**400}, "is not a number"),
        ({"after": ["x" * 2001]}, "too long"),
        ({"interval": [1]}, "two ends"),
        ({"ratio": True}, "is not a number"),
        ({"waived": 1}, "waived"),
        ({"params": [1]}, "is not text"),
        ({"extra": 1}, "a row's keys"),
    ],
)
def test_what_no_row_holds_is_refused(report, changes, message):
    with pytest.raises(UsageError, match=message):
        read_report(with_row(report, **changes))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"a": NaN}', "[" * 100_000, "9" * 5000])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(UsageError):
        read_report(text)


def test_a_report_of_unreasonable_size_is_not_read(report):
    row = json.loads(to_json(report))["benchmarks"][0]
    with pytest.raises(UsageError, match="5,000"):
        read_report(edited(report, benchmarks=[row] * 5001))
    with pytest.raises(UsageError, match="at most 4,000,000"):
        read_report(" " * 4_000_001)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
PLACES = st.sampled_from(["schema", "base", "remarks", "shift", "benchmarks", "coarse", "machine"])
ROW_PLACES = st.sampled_from(["name", "params", "param_names", "before", "ratio", "interval"])


@given(PLACES, ROW_PLACES, JSON, JSON)
def test_no_document_ends_in_a_traceback(place, row_place, value, row_value):
    row = {
        "name": "b", "params": [], "param_names": [], "verdict": "fail", "waived": False,
        "ratio": 1.5, "interval": None, "before": 1.0, "after": 1.5, "unit": "seconds",
        "owner": "", "note": "", row_place: row_value,
    }  # fmt: skip
    document = {
        "schema": 1, "verdict": "fail", "base": BASE, "head": HEAD, "machine": "m",
        "environment": "e", "coarse": False, "remarks": [], "options": [],
        "shift": None, "benchmarks": [row],
    }  # fmt: skip
    for found in (document, {**document, place: value}):
        try:
            report = read_report(json.dumps(found))
        except HoldfastError:
            continue
        shown = to_markdown(report) + to_annotations(report)
        assert len(to_markdown(report)) < 60_000
        assert "<script" not in shown


def test_markup_in_names_stays_text(report):
    evil = "</details><img src=x> [a](https://b) @team #1 |x| `y` www.evil.example WWW.evil.example"
    shown = to_markdown(read_report(with_row(report, name=evil, note=evil)))
    for piece in ("<img", "](https://", " @team", " #1", "|x|", "www.", "WWW."):
        assert piece not in shown.split("<details>")[0]


def test_from_the_command_line(report, tmp_path):
    (tmp_path / "report.json").write_text(to_json(report))
    command = [sys.executable, "-m", "holdfast", "comment", "report.json"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, to_markdown(report)), ran.stderr
    ran = subprocess.run([*command, "--annotations"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout == to_annotations(report)
    ran = subprocess.run([*command[:-1], "no"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 2 and "no cannot be read" in ran.stderr


def test_the_commands_mean_the_same_project(report):
    words = ["--config=asv_bench/asv.conf.json", "--set=matrix={'a': 1}", "--bench=a|b", "--asv=x"]
    lines = [
        line
        for line in to_markdown(replace(report, options=words)).splitlines()
        if "holdfast " in line
    ]
    assert shlex.split(lines[0])[4:] == words
    check, blame, bisect = (shlex.split(line) for line in lines[1:4])
    assert (check[1], blame[1], bisect[1]) == ("check", "blame", "bisect")
    for command in (check, blame, bisect):
        assert command[-2:] == words[:2]


def test_no_option_makes_a_comment_too_long_or_runs_a_command(report):
    words = ["--set=x; rm -rf /", "`id`", "$(id)", *["--set=" + "x" * 2000] * 100]
    text = to_markdown(replace(report, options=words))
    assert len(text) < 60_000
    line = next(line for line in text.splitlines() if "holdfast check" in line)
    assert shlex.split(line)[4:] == words[:3]


@pytest.mark.parametrize("field", ["ratio", "before", "noise"])
def test_a_number_of_hundreds_of_digits_can_be_shown(report, field):
    assert to_markdown(read_report(with_row(report, **{field: 10**308}))).startswith("### ")
