"""The published pages, in a real browser that finds no network."""

import http.server
import json
import os
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from browser import CHROMIUM, browser
from gate.trees import Tree, row
from holdfast.gate.asv.project import run_git
from holdfast.gate.trust.laboratory import Repository
from tools.dashboard import vendor
from tools.dashboard.__main__ import build

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
    try:
        build(project, folder)
    except vendor.Unvendored as error:
        pytest.skip(f"the libraries of asv's pages are out of reach: {error}")
    return folder


@pytest.fixture(scope="module")
def address(html):
    """Serve the pages: from files, a browser lets no script read another file."""
    handler = partial(Quiet, directory=html)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def test_nothing_comes_from_elsewhere(html):
    page = (html / "index.html").read_text()
    assert not vendor.ELSEWHERE.search(page)
    assert page.count('src="vendor/') == 9 and page.count('href="vendor/') == 1
    assert '<a href="verdicts.html">Verdicts</a>' in page
    for name in {path.name for path in (html / "vendor").iterdir()}:
        assert list((html / "vendor" / name).glob("LICENSE*")) or name == "flot-orderbars"


@pytest.mark.skipif(not CHROMIUM, reason="no chromium here; 'make chromium' installs it")
@pytest.mark.parametrize(
    ("name", "path", "shows"),
    [
        ("grid", "index.html#/", "document.querySelector('#summarygrid-display .benchmark-plot')"),
        ("graph", f"index.html#{TIME}", "document.querySelector('#main-graph canvas')"),
        ("regressions", "index.html#/regressions",
         f"document.querySelector('#regressions-body').innerText.includes('{TIME}')"),
        ("verdicts", "verdicts.html", "document.querySelectorAll('details').length == 10"),
    ],
)  # fmt: skip
def test_a_page_opens_without_a_word_on_the_console(address, tmp_path, name, path, shows):
    with browser(tmp_path / "profile") as page:
        page.open(f"{address}/{path}", shows)
        page.picture(Path(os.environ.get("HOLDFAST_PICTURES", tmp_path)) / f"{name}.png")
        assert page.complaints == []


@pytest.mark.skipif(not CHROMIUM, reason="no chromium here; 'make chromium' installs it")
def test_the_browser_would_have_told(html, address, tmp_path):
    """Else the silence above meant nothing."""
    (html / "loud.html").write_text(
        '<script src="https://elsewhere.example/x.js"></script><script>console.error(1)</script>'
    )
    with browser(tmp_path / "profile") as page:
        page.open(f"{address}/loud.html", "true")
        assert "NAME_NOT_RESOLVED" in str(page.complaints)
        assert "'value': 1" in str(page.complaints)


def test_our_page_says_what_the_gate_says(html, project):
    page = (html / "verdicts.html").read_text()
    assert page.count('class="good">pass') == 9 and page.count('<b class="bad">fail') == 1
    assert '<details open><summary><b class="bad">' in page and "+49.7 %" in page
    assert "Change &lt;number&gt; 23" in page and "small &lt;b&gt;" in page
    assert "<p>1 skipped, 1 pass</p>" in page and "removed" not in page
    before_last = run_git(project, "rev-parse", "HEAD~1")
    assert f"<h3>{before_last[:8]} on m1</h3>" in page and "not measured" not in page
    assert "met" in page and "no wheel" in page and "2 s" in page
    (newest, *_) = sorted((html / "verdicts").iterdir())
    assert newest.read_text().startswith("<!doctype html>")


def test_a_package_that_changed_is_refused(monkeypatch, tmp_path):
    archive = tmp_path / "source" / "package.tgz"
    archive.parent.mkdir()
    archive.write_bytes(b"something else")
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\ncp {archive} "$6"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "there").mkdir()
    with pytest.raises(vendor.Unvendored, match="has the digest sha512-"):
        vendor.packed("jquery@3.3.1", "sha512-of-jquery", tmp_path / "there")


def test_a_file_that_no_package_has_is_an_error():
    page = '<script src="https://cdn.example/new.js" integrity="x"></script>'
    with pytest.raises(vendor.Unvendored, match=r"loads new\.js"):
        vendor.with_local_files(page, {})
    assert vendor.with_local_files('<a href="https://asv.example/x">asv</a>', {}).count("asv") == 2


def test_without_npm_the_way_out_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(vendor.Unvendored, match="npm is not installed"):
        vendor.packed("jquery@3.3.1", "sha512-x", tmp_path)


def test_the_dashboard_says_so_when_it_cannot_be_built(tmp_path):
    python = Path(os.sys.executable)
    ran = subprocess.run(
        [python, "-m", "tools.dashboard"], cwd=Path(__file__).parents[1], capture_output=True,
        text=True, env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 1
