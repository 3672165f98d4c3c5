"""Whatever lies in a results tree: the gate answers, and no traceback reaches the user."""

import contextlib
import io
import json
import math
import xml.etree.ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.cli import main
from support.command_line import unwrap

from .trees import BASE, COLUMNS, HEAD, Tree

NAMES = ["b.time_x", "b.peakmem_y", "b.track_z", "b.time_a\n|`@you", "no dot", ""]
ODD = [0, -0.0, -1.5, 1e308, 5e-324, math.nan, math.inf, 10**400, True, None, "text", {"a": [1]}]
VALUES = st.sampled_from(ODD) | st.floats() | st.integers(-3, 3) | st.floats(1.0, 2.0)
PARAMS = ["1", "'a'", "'two\nlines'", "PosixPath('/home/x/y')", "<f at 0x7f00>", "|`*", "\ud800"]
COLUMN = st.none() | st.lists(VALUES, max_size=3)


@st.composite
def rows(draw):
    cells = dict.fromkeys(COLUMNS)
    cells["result"] = draw(COLUMN)
    cells["params"] = [draw(st.lists(st.sampled_from(PARAMS), max_size=3))] * draw(st.booleans())
    cells["version"] = draw(st.sampled_from(["v1", "v2", 3, None]))
    for column in ("stats_ci_99_a", "stats_ci_99_b", "stats_repeat"):
        cells[column] = draw(COLUMN)
    cells["samples"] = draw(st.none() | st.lists(COLUMN, max_size=3))
    return list(cells.values())


SIDES = st.dictionaries(st.sampled_from(NAMES), rows(), min_size=1, max_size=4)
ENTRY = st.fixed_dictionaries({"unit": st.sampled_from(["seconds", "bytes", "fingerprint", 1])})
SUITES = st.dictionaries(st.sampled_from(NAMES), ENTRY)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(SIDES, SIDES, SUITES)
def test_any_two_commits_are_judged_or_refused_in_one_line(tmp_path, before, after, suite):
    tree = Tree(tmp_path / "results")
    tree.store(BASE, before)
    tree.store(HEAD, after)
    (tree.folder / "benchmarks.json").write_text(json.dumps({**suite, "version": 2}))
    files = {name: tmp_path / f"out.{name}" for name in ("html", "markdown", "junit")}
    options = [text for name, path in files.items() for text in (f"--{name}", str(path))]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["gate", "aaaa", "bbbb", "--results", str(tree.folder), "--json", *options])
    if code in (2, 3):
        assert (out.getvalue(), unwrap(err.getvalue()).count("\n")) == ("", 1)
        assert err.getvalue().startswith("holdfast: ")
        return
    assert code == int(json.loads(out.getvalue())["verdict"] == "fail")
    assert err.getvalue() == ""
    assert ET.parse(files["junit"]).getroot().tag == "testsuite"
    assert len(files["markdown"].read_text("utf-8")) < 60_000
    assert files["html"].read_text("utf-8").startswith("<!doctype html>")
