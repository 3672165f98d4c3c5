"""Every strategy of the gallery runs from the command line, and trades."""

import json
from pathlib import Path

import pytest

from holdfast import write_bundle
from holdfast.data.ingest.synthetic import synthetic_bars
from support.command_line import run_here

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SPANS = {"daily": ("2023-01-03", "2024-12-31"), "minute": ("2024-11-18", "2024-12-04")}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    for frequency, span in SPANS.items():
        n_assets = 10 if frequency == "daily" else 2
        bars = synthetic_bars(n_assets, *span, frequency, seed=3, annual_volatility=0.3)
        write_bundle(folder / frequency, bars, frequency)
    return folder


def test_there_are_eight_and_the_page_shows_each():
    page = (ROOT / "docs" / "gallery.md").read_text()
    assert len(EXAMPLES) == 8
    for path in EXAMPLES:
        assert f'--8<-- "{path.name}"' in page


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_strategy_runs_and_trades(path, bundles, tmp_path):
    minute = path.stem == "opening_range"
    frequency, start, end = (
        ("minute", "2024-11-19", "2024-12-03") if minute else ("daily", "2023-12-01", "2024-12-31")
    )
    words = ["run", path, "--start", start, "--end", end, "--bundle", bundles / frequency]
    words += ["--frequency", frequency, "--capital-base", "1e5", "--json"]
    done = run_here(*words, "--report", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["transactions"] >= 1
    assert "<svg" in (tmp_path / "report.html").read_text()
