"""A run as one page: what it says, and how a real browser without a network shows it."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from browser import CHROMIUM, browser
from holdfast import run_algorithm
from holdfast.report import read_facts, write_page
from holdfast.report.charts import Line, draw_chart
from holdfast.report.figures import by_month, drawdown, find_warnings, summarize
from support.command_line import run_here, start

TEXT = """
from holdfast.api import order_target_percent, set_benchmark, symbol


def initialize(context):
    set_benchmark(symbol("A001"))
    context.day = 0


def handle_data(context, data):
    context.day += 1
    if context.day % 20 == 1:
        order_target_percent(symbol("A000"), 0.5 if context.day % 40 == 1 else -0.2)
"""
OPTIONS = {"capital_base": 1e5, "data_frequency": "daily", "ledger": "decimal"}
SPAN = {"start": "2023-02-01", "end": "2023-12-29"}


@pytest.fixture(scope="module")
def run(daily_bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "swing.py").write_text(TEXT)
    names = {}
    exec(TEXT, names)
    options = {**OPTIONS, **SPAN, "bundle": daily_bundle}
    perf = run_algorithm(
        initialize=names["initialize"], handle_data=names["handle_data"], **options
    )
    write_page(folder / "report.html", perf, read_facts(folder / "swing.py", options, perf))
    return folder / "report.html", perf


def test_the_page_shows_all_there_is_and_loads_nothing(run):
    page, perf = run
    text = page.read_text()
    HTMLParser().feed(text)
    headings = re.findall("<h2>(.*?)</h2>", text)
    assert headings == [
        "Return since the start",
        "Drawdown",
        "Leverage",
        "Trades in A000",
        "Returns by month",
        "How it was run",
    ]
    assert not re.findall(r"(?:src|href)=\"(?!data:)|url\(|https?://(?!www\.w3\.org)", text)
    assert f"{perf['portfolio_value'].iloc[-1]:,.2f}" in text
    assert "swing.py (" in text
    dots = text.count('class="dot')
    assert dots == perf["transactions"].map(len).sum() > 10


def test_the_command_writes_page_and_picture(daily_bundle, tmp_path):
    (tmp_path / "swing.py").write_text(TEXT)
    dates = ("--start", SPAN["start"], "--end", SPAN["end"])
    words = ("run", "swing.py", "--bundle", daily_bundle, *dates, "--json")
    done = start(*words, "--report", "r.html", "--plot", "p.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sessions"] == 230
    assert "<title>swing, 2023-02-01 to 2023-12-29</title>" in (tmp_path / "r.html").read_text()
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("option", "name"), [("--report", "r.pdf"), ("--plot", "none/p.png")])
def test_a_name_that_cannot_be_written_is_told_before_the_run(daily_bundle, tmp_path, option, name):
    (tmp_path / "swing.py").write_text(TEXT)
    dates = ("--start", SPAN["start"], "--end", SPAN["end"])
    words = ("run", "swing.py", "--bundle", daily_bundle, *dates, option, name)
    done = run_here(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert option in done.stderr


def test_figures_are_those_of_the_frame(run):
    _, perf = run
    figures = summarize(perf)
    assert figures["return"] == f"{perf['algorithm_period_return'].iloc[-1]:+.2%}"
    assert figures["transactions"] == str(perf["transactions"].map(len).sum())
    assert (1 + by_month(perf)).prod() - 1 == pytest.approx(
        perf["algorithm_period_return"].iloc[-1]
    )
    assert drawdown(perf).min() == pytest.approx(perf["max_drawdown"].iloc[-1])
    assert find_warnings(perf) == []


def test_a_bankrupt_portfolio_is_told_of(run):
    _, perf = run
    broke = perf.assign(portfolio_value=np.linspace(1, -1, len(perf)), max_leverage=9.0)
    first, second = find_warnings(broke)
    assert "worth nothing or less on 2023-07" in first
    assert "9.0" in second


def test_a_chart_keeps_gaps_and_does_not_draw_every_point():
    values = pd.Series(np.arange(9000.0), pd.date_range("2000-01-01", periods=9000))
    values.iloc[3000:6000] = np.nan
    chart = draw_chart("Long", [Line("x", values, "own")], str)
    path = re.search('<path class="line own" d="(.*?)"', chart)[1]
    assert path.count("M") == 2
    assert path.count("L") < 1500
    assert draw_chart("Empty", [Line("x", values * np.nan, "own")], str) == ""


@pytest.mark.skipif(not CHROMIUM, reason="no chromium here; 'make chromium' installs it")
def test_a_browser_shows_it_narrow_and_wide_in_light_and_dark(run, tmp_path):
    page, _ = run
    seen = {}
    with browser(tmp_path / "profile") as tab:
        for scheme in ("light", "dark"):
            for width in (400, 1400):
                features = [{"name": "prefers-color-scheme", "value": scheme}]
                tab.ask("Emulation.setEmulatedMedia", features=features)
                tab.ask(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=900,
                    deviceScaleFactor=1,
                    mobile=False,
                )
                tab.open(page.as_uri(), "document.querySelectorAll('svg').length == 4")
                assert tab.value("document.documentElement.scrollWidth") <= width
                small = (
                    "[...document.querySelectorAll('.tick')].map(e => e.getBoundingClientRect())"
                )
                assert tab.value(f"Math.min(...{small}.map(r => r.left))") >= 0
                assert tab.value(f"Math.min(...{small}.map(r => r.height))") >= 12
                plot = "document.querySelector('.plot').getBoundingClientRect().width"
                assert tab.value(plot) > width / 2
                seen[scheme, width] = tab.value("getComputedStyle(document.body).backgroundColor")
        assert tab.complaints == []
        assert {url.partition(":")[0] for url in tab.requests} <= {"file", "about", "data"}
    assert seen["light", 400] == seen["light", 1400] != seen["dark", 400]
