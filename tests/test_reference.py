"""The reference: the schema is the writer's, the pages say what the code and the results say."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from gate.test_pages import REPORT
from gate.test_pages import row as make_row
from holdfast.gate import Verdict, to_json
from holdfast.gate.core.report import Report
from holdfast.gate.show import json_report
from tools.docs_hook import PARTS, SCHEMA, _read_side, on_page_markdown
from tools.stored_comparison import SCENARIOS, find_median, read_rows

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def schema():
    return json.loads(SCHEMA.read_text())


def test_a_report_is_as_the_schema_says(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    every = [make_row(f"b.time_{n}", verdict) for n, verdict in enumerate(Verdict)]
    odd = make_row("b.track_x", before=float("nan"), after=None, measured=("text", [1]))
    for report in (REPORT, Report("a", "b", "", "", [*every, odd], interval_free())):
        jsonschema.validate(json.loads(to_json(report)), schema)


def interval_free():
    return make_row("(the whole suite)", Verdict.WARN, interval=(1.0, 1.2))


@pytest.mark.parametrize("change", [{"schema": 2}, {"more": 1}, {"verdict": "fine"}, {"base": "@"}])
def test_what_is_not_a_report_is_refused_by_the_schema(schema, change):
    document = json.loads(to_json(REPORT)) | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_the_schema_has_the_writers_fields_and_no_other(schema):
    assert set(schema["required"]) == schema["properties"].keys() == json_report._WHOLE
    row = schema["properties"]["benchmarks"]["items"]
    assert set(row["required"]) == row["properties"].keys() == json_report._ROW
    assert row["properties"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]


def test_every_part_that_a_page_asks_for_can_be_written():
    asked = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text()
        asked += re.findall(r"<!-- holdfast: (\w+)", text)
        assert "<!-- holdfast:" not in on_page_markdown(text)
    assert set(asked) == PARTS.keys()
    with pytest.raises(KeyError):
        on_page_markdown("<!-- holdfast: nothing -->")


def test_the_pages_of_the_reference_have_all_commands_and_keys():
    commands = PARTS["cli"]("")
    assert commands.count("exit code:") == commands.count("### holdfast ") >= 16
    assert "| `[[rule]]` | `waiver` | text |" in PARTS["policy"]("")


def test_the_prose_of_the_performance_page_has_the_stored_figures():
    side, _ = _read_side("091b9de7")
    measured = {(name, *params): one.value for (name, params), one in side.readings.items()}
    few, many = (
        measured["cumulative.GridSearch.time_sweep", "'full'", count, "'on'"]
        for count in ("25", "225")
    )
    grid = measured["cumulative.InProcess.time_grid", "'quick'"]
    hits = measured["data_portal.HitRate.track_mixed_lengths",]
    size = measured["data_portal.HitRate.track_bytes",]
    text = " ".join((ROOT / "docs" / "performance.md").read_text().split())
    for figure in (
        f"Of the {few * 1e3:.0f} ms of 25 backtests",
        f"200 more backtests take {many - few:.2f} s more",
        f"each takes {(many - few) / 200 * 1e3:.1f} ms",
        f"(`cumulative.InProcess`) takes {grid * 1e3:.1f} ms",
        f"{hits:.1f} % of the windows",
        f"scenarios take {size / 1e6:.2f} MB",
    ):
        assert figure in text


def find(rows, scenario, engine):
    (found,) = (row for row in rows if (row["scenario"], row["engine"]) == (scenario, engine))
    return found


def test_the_readme_has_the_stored_figures():
    rows = read_rows(SCENARIOS)
    names = {
        "Holdfast, windows as arrays": "holdfast-array",
        "Holdfast, the Zipline strategy unchanged": "holdfast",
        "zipline-reloaded": "zipline", "backtrader": "backtrader", "vectorbt": "vectorbt",
    }  # fmt: skip
    for line in (ROOT / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in names:
            name = names.pop(cells[0])
            engine = [find(rows, scenario, name) for scenario in SCENARIOS]
            for shown, one in zip(cells[1:], engine, strict=True):
                assert f"{find_median(one, 'run'):#.3g}".rstrip(".") == shown, line
    assert not names
