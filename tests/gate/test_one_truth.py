"""Every row that any writer shows agrees with itself: after = before x (1 + change)."""

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import NothingMeasured
from holdfast.gate.core.past import Past, PastValues
from holdfast.gate.core.policy import Clause, Policy
from holdfast.gate.core.readings import Benchmark, Reading, Side, Suite
from holdfast.gate.core.report import judge
from holdfast.gate.show.html import to_html
from holdfast.gate.show.json_report import read_report, to_json
from holdfast.gate.show.junit import to_junit
from holdfast.gate.show.markdown import to_annotations, to_markdown
from holdfast.gate.show.terminal import to_terminal

from .agreement import find_disagreement, list_disagreements

ROOT = Path(__file__).parents[2]
SIZES = st.floats(1e-8, 1e8, allow_nan=False)
NEAR = st.floats(0.3, 3.0)


@st.composite
def readings(draw, size):
    """A stored result with an interval, or processes with their samples."""
    values = [size * draw(NEAR) for _ in range(draw(st.integers(1, 6)))]
    if draw(st.booleans()):
        return Reading(values[0], interval=(values[0] * 0.9, values[0] * 1.1))
    processes = tuple((value, value * draw(NEAR)) for value in values)
    return Reading(min(values), processes, single_sample=draw(st.booleans()))


@st.composite
def reports(draw):
    """A report of random samples under random rules, with or without a past and a shift."""
    names = [f"b.{kind}_{number}" for kind in ("time", "track", "peakmem") for number in range(4)]
    names += [f"b.time_{number}" for number in range(4, 10)]
    shift = draw(st.sampled_from([1.0, 1.0, 1.3, 0.8]))
    base, head, clauses, values = {}, {}, [], {}
    for name in names:
        size = draw(SIZES)
        base[name, ()] = draw(readings(size))
        head[name, ()] = draw(readings(size * shift))
        settings = {
            "direction": draw(st.sampled_from(["lower", "higher"])),
            "statistic": draw(st.sampled_from(["", "min", "median", "p95"])),
            "history": draw(st.booleans()),
            "limit": draw(st.none() | st.just(size)),
        }
        clauses.append(Clause(re.compile(f"{name}$"), settings, "p:1"))
        if draw(st.booleans()):
            values[name, ()] = PastValues(size, 0.02, 8, size * 0.9, size * 1.1)
    suite = Suite({
        name: Benchmark({"t": "unit", "p": "bytes"}.get(name[2], "seconds")) for name in names
    })  # fmt: skip
    suite |= {name: Benchmark("seconds") for name in names if "time" in name}
    sides = [Side(c * 40, "m", "e", {}, readings) for c, readings in (("a", base), ("b", head))]
    try:
        return judge(
            *sides, Suite(suite), Policy(clauses), Past(values), interleaved=draw(st.booleans())
        )
    except NothingMeasured:
        return None


@given(reports())
def test_every_writer_shows_numbers_that_agree(report):
    if report is None:
        return
    for row in report.rows:
        if row.ratio is not None:
            expected = row.before + abs(row.before) * (row.ratio - 1)
            assert row.after == pytest.approx(expected, rel=1e-12)
    shown = sum(row.ratio is not None for row in report.rows)
    page = html.unescape(re.sub(r"<svg.*?</svg>", "", to_html(report), flags=re.DOTALL))
    texts = {
        "terminal": to_terminal(report, colour=False),
        "markdown": to_markdown(report).replace("\\", ""),
        "html": re.sub(r"<[^>]+>", " ", page),
        "junit": html.unescape(to_junit(report)),
        "annotations": to_annotations(report).replace("%25", "%"),
    }
    for writer, text in texts.items():
        wrong, count = list_disagreements(text)
        assert not wrong, (writer, wrong)
        if writer in ("markdown", "html", "junit"):
            assert count >= shown, writer
    document = json.loads(to_json(report))
    for row in document["benchmarks"]:
        if row["ratio"] is not None:
            before, ratio = row["before"], row["ratio"]
            assert row["after"] == pytest.approx(before + abs(before) * (ratio - 1), rel=1e-12)
    assert read_report(to_json(report)).verdict is report.verdict


@pytest.mark.parametrize(
    "row",
    [
        ("+7.1", "4.23", "4.73", "ms", "ms"),
        ("+9.3", "1.09", "1.34", "ms", "ms"),
        ("+9.6", "436", "463", "ms", "ms"),
    ],
)
def test_rows_that_contradict_themselves_are_found(row):
    assert find_disagreement(*row)


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))])
def test_every_example_in_the_documentation_agrees_with_itself(path):
    fences = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    verdicts = [
        block
        for language, block in fences.findall(path.read_text("utf-8"))
        if language in ("", "console", "text") and "before" in block and "benchmark" in block
    ]
    for block in verdicts:
        wrong, count = list_disagreements(block)
        assert count and not wrong, wrong
