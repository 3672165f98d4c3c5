"""The published pages, in a real browser that finds no network."""

import http.server
import json
import os
import re
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from browser import CHROMIUM, browser
from gate.trees import Tree, row
from holdfast.gate.asv.project import run_git
from holdfast.gate.since.trend import Point
from holdfast.gate.trust.laboratory import Repository
from tools.dashboard.__main__ import build
from tools.dashboard.draw import draw_graph
from tools.dashboard.series import Graph, Series, find_steps

TIME, TRACK = "b.time_run", "b.track_size"
POLICY = '[[target]]\nname = "small <b>"\nbenchmark = "b.track_size"\nbelow = 5\n'
PEERS = {"date": "2026-01-01", "runs": 3, "rows": [
    {"scenario": "daily", "engine": "one", "samples": [{"run": 2.0, "trades": 4}], "failed": "",
     "agrees": "yes"},
    {"scenario": "daily", "engine": "two", "samples": [], "failed": "no wheel", "agrees": ""},
]}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A history of 24 commits: the 19th made one thing slower, the last was measured in part."""
    made = Repository(tmp_path_factory.mktemp("project"))
    made.write(**{
        "asv.conf.json": '{"version": 1, "project": "small", "repo": ".", "branches": ["main"]}',
        "benchmarks/policy.toml": POLICY,
    })  # fmt: skip
    tree = Tree(made.folder / "results")
    for number in range(24):
        commit, slower = made.commit(f"Change <number> {number}"), 1.5 if number > 17 else 1.0
        at = slower + 0.001 * (number % 3)
        rows = {TIME: row(at, interval=(at * 0.99, at * 1.01))}
        rows |= {TRACK: row(4)} if number < 23 else {}
        path = tree.store(commit, rows, machine="m1")
        stored = json.loads(path.read_text()) | {"date": 1_700_000_000_000 + 86_400_000 * number}
        path.write_text(json.dumps(stored))
    machine = {"machine": "m1", "version": 1, "os": "", "arch": "", "cpu": "", "ram": ""}
    (tree.folder / "m1" / "machine.json").write_text(json.dumps(machine))
    suite = {
        name: {"name": name, "unit": unit, "params": [], "param_names": [], "version": "v1",
               "type": name[2:].partition("_")[0], "code": "", "timeout": 60}
        for name, unit in ((TIME, "seconds"), (TRACK, "things"), ("b.time_unmeasured", "seconds"))
    }  # fmt: skip
    (tree.folder / "benchmarks.json").write_text(json.dumps({**suite, "version": 2}))
    (tree.folder / "peers.json").write_text(json.dumps(PEERS))
    return made.folder


@pytest.fixture(scope="module")
def html(project, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "html"
    build(project, folder)
    return folder


@pytest.fixture(scope="module")
def address(html):
    """Serve the pages: from files, a browser lets no script read another file."""
    handler = partial(Quiet, directory=html)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    """One browser for all tests: it takes a second to start."""
    if not CHROMIUM:
        pytest.skip("no chromium here; 'make chromium' installs it")
    with browser(tmp_path_factory.mktemp("browser") / "profile") as page:
        yield page


@pytest.fixture
def page(window):
    window.open_tab()
    return window


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def test_our_pages_load_nothing_from_elsewhere(html):
    for name in ("index", "compare", "verdicts"):
        page = (html / f"{name}.html").read_text()
        assert "http:" not in page and "https:" not in page and "//cdn" not in page


@pytest.mark.parametrize(
    ("name", "path", "shows"),
    [
        ("front", "index.html", "document.querySelectorAll('svg circle').length >= 48"),
        ("compare", "compare.html", "document.querySelector('#headline.good')"),
        ("grid", "grid.html", f"document.body.innerText.includes('{TIME}')"),
        ("regressions", "grid.html#/regressions",
         f"document.querySelector('#root').innerText.includes('{TIME}')"),
        ("verdicts", "verdicts.html", "document.querySelectorAll('details').length == 10"),
    ],
)  # fmt: skip
def test_a_page_opens_without_a_word_on_the_console(page, address, tmp_path, name, path, shows):
    page.open(f"{address}/{path}", shows)
    page.picture(Path(os.environ.get("HOLDFAST_PICTURES", tmp_path)) / f"{name}.png")
    assert page.complaints == []


def test_the_browser_would_have_told(page, html, address):
    """Else the silence above meant nothing."""
    (html / "loud.html").write_text(
        '<script src="https://elsewhere.example/x.js"></script><script>console.error(1)</script>'
    )
    page.open(f"{address}/loud.html", "true")
    assert "NAME_NOT_RESOLVED" in str(page.complaints)
    assert "'value': 1" in str(page.complaints)


def test_our_page_says_what_the_gate_says(html, project):
    page, first = ((html / f"{name}.html").read_text() for name in ("verdicts", "index"))
    assert page.count('class="good">pass') == 9 and page.count('<b class="bad">fail') == 1
    assert '<details open><summary><b class="bad">' in page and "+49.7 %" in page
    assert "Change &lt;number&gt; 23" in page and "small &lt;b&gt;" in first
    assert "<p>1 skipped, 1 pass</p>" in page and "removed" not in page
    before_last = run_git(project, "rev-parse", "HEAD~1")
    assert f"<h3>{before_last[:8]} on m1</h3>" in first and "not measured" not in first
    assert ">met<" in first and "no wheel" in first and "2 s" in first
    (newest, *_) = sorted((html / "verdicts").iterdir())
    assert newest.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("width", [400, 1600])
def test_a_page_is_never_wider_than_the_window(page, address, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.ask("Emulation.setDeviceMetricsOverride", **size)
    for name in ("index", "compare", "verdicts"):
        page.open(f"{address}/{name}.html", "document.querySelector('h1')")
        root = "document.documentElement"
        assert page.value(f"{root}.scrollWidth - {root}.clientWidth") == 0, name
        # A benchmark's name has half of the window at least, or it would be cut into syllables.
        names = "[...document.querySelectorAll('.rows td:last-child')]"
        narrow = f"{names}.some(one => one.checkVisibility() && one.clientWidth < {width / 2})"
        assert page.value(f"Boolean({narrow})") is False, name


def test_any_two_commits_are_compared_without_a_server(page, html, project):
    commits = run_git(project, "log", "--format=%h", "--abbrev=8").split()
    slow, fast = commits[2], commits[-1]
    shows = "document.querySelector('#headline.bad')"
    page.open(f"file://{html}/compare.html#{fast}..{slow}", shows)
    assert page.value("document.querySelector('#headline').innerText").startswith("FAIL: 1")
    assert "b.time_run" in page.value("document.querySelector('#changed').innerText")
    # The wrong way round means the same pair, and a choice in the page another.
    page.open(f"file://{html}/compare.html#{slow}..{fast}", shows)
    page.value(f"base.value = '{commits[3]}'; base.dispatchEvent(new Event('change'))")
    page.open(page.value("location.href"), "document.querySelector('#headline.good')")
    assert page.value("location.hash") == f"#{commits[3]}..{slow}"
    assert page.complaints == []


def test_the_first_page_leads_with_the_newest_verdict_and_marks_the_step(html):
    page = (html / "index.html").read_text()
    assert '<h1 class="good">PASS: nothing exceeds its limits</h1>' in page
    assert "<b>+49.9 %</b>" in page or "<b>+50.0 %</b>" in page
    assert "Change &lt;number&gt; 18" in page and page.count("<svg") == 2 * page.count("<section")
    assert "Suspects" in page and '<tr class="warn"><td>+' in page


def graph(*values):
    seen = [Point(f"{n:040x}", 86_400_000 * n, value, None) for n, value in enumerate(values)]
    return Graph("t", "b.time_x", "seconds", [Series("", seen, (), ())])


def heights(drawing):
    return [float(y) for y in re.findall(r'cy="([\d.]+)"', drawing)]


def test_an_axis_is_logarithmic_where_values_lie_far_apart():
    a, b, c = heights(draw_graph(graph(0.001, 0.01, 0.1), [], [], 620))
    assert a - b == pytest.approx(b - c, abs=0.2)
    a, b, c = heights(draw_graph(graph(1.0, 1.1, 1.2), [], [], 620))
    assert a - b == pytest.approx(b - c, abs=0.2) and a - c > 50  # the change fills the graph
    for values in ((0.0, 0.0), (5.0,), (0.0, 1.0), (1e-9, 1e9)):
        drawn = draw_graph(graph(*values), [], [], 360)
        assert "nan" not in drawn and all(0 <= y <= 230 for y in heights(drawn))


def test_the_dashboard_says_so_when_it_cannot_be_built(tmp_path):
    python = Path(os.sys.executable)
    ran = subprocess.run(
        [python, "-m", "tools.dashboard"], cwd=Path(__file__).parents[1], capture_output=True,
        text=True, env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 1


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([100, 61, 60, 50, 50, 50, 50], [1, 3]),
        ([50, 50, 50, 80, 80, 80], [3]),
        ([50, 51, 49, 50, 51, 49], []),
        ([50, 50, 90, 50, 50, 50], []),  # one slow measurement
        ([50, 50, 50, 90], []),  # which may be one
        ([], []),
    ],
)
def test_a_step_is_what_lasts(values, places):
    assert find_steps(values) == places
