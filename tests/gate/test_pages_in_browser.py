"""The pages that a person opens from a file, in a real browser that finds no network."""

import json
import os
import re
import time
from pathlib import Path

import pytest

from browser import CHROMIUM, browser
from holdfast.cli import main

from .profiles import TINY, Installation, profile
from .trees import Tree, row

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium here; 'make chromium' installs it"
)
WORK = """
def load(n):
    return [i * 7 % 1009 for i in range(n)]

def parse(values):
    total = 0
    for value in values:
        total = (total * 3 + value) % 1000003
    return total

def index(values):
    return sorted(map(str, values))

def work(n):
    values = load(n * 500)
    return index(values), parse(values * 2)
"""
BEFORE = TINY.partition("def work")[0] + WORK
AFTER = BEFORE.replace("values * 2", "values * 8").replace(
    "map(str, values)", "map(str, values[::9])"
)
FRAMES = """
document.querySelectorAll('details').forEach(each => each.open = true);
JSON.stringify([...document.querySelectorAll('.flame rect')].map(rect => {
  rect.scrollIntoView({block: 'center'});
  const {x, y, width, height} = rect.getBoundingClientRect();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  const name = rect.parentNode.querySelector('title').textContent;
  return {name, width, height, fill: getComputedStyle(rect).fill, hit: hit === rect};
}))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    """What 'blame --html' and 'gate --html' write of two commits, the later one slower."""
    folder = tmp_path_factory.mktemp("pages")
    laboratory, tree = Installation(folder), Tree(folder / "results")
    tree.suite(**{"b.time_x": "seconds", "b.time_y": "seconds"})
    for text, level in ((BEFORE, 1.0), (AFTER, 1.5)):
        commit, benchmark = laboratory.commit(text)
        samples = [[level + 0.001 * (number * 7 % 10) for number in range(30)]]
        steady = [[1.0 + 0.001 * (number * 3 % 7) for number in range(30)]]
        slower = row(level, samples=samples, profile=profile(benchmark))
        tree.store(commit, {"b.time_x": slower, "b.time_y": row(1.0, samples=steady)})
    options = ("--config", str(folder / "asv.conf.json"), "--html")
    assert main(["blame", "HEAD~1", "HEAD", "b.time_x", *options, str(folder / "flame.html")]) == 0
    assert main(["gate", "HEAD~1", "HEAD", *options, str(folder / "report.html")]) == 1
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["flame", "report"])
def test_a_page_is_drawn_and_asks_for_nothing(pages, tmp_path, name, scheme):
    address = (pages / f"{name}.html").as_uri()
    with browser(tmp_path / "profile") as page:
        wanted = {"name": "prefers-color-scheme", "value": scheme}
        page.ask("Emulation.setEmulatedMedia", features=[wanted])
        page.open(address, "document.querySelector('.flame')")
        frames = read_frames(page)
        page.value("scrollTo(0, 0)")
        page.picture(Path(os.environ.get("HOLDFAST_PICTURES", tmp_path)) / f"{name}-{scheme}.png")
        assert page.complaints == []
        assert page.requests == [address]
    assert len(frames) >= 6
    # Each can be seen and pointed at, which shows its numbers.
    assert [frame for frame in frames if not can_be_pointed_at(frame)] == []
    assert all(": own time " in frame["name"] for frame in frames)
    red, green, blue = colour(frames, "tiny.parse")  # which does more
    assert red > 2 * max(green, blue)
    red, green, blue = colour(frames, "builtins.sorted")  # which does less
    assert blue > 2 * red


def test_a_benchmark_s_name_is_not_cut_into_syllables_on_a_phone(pages, tmp_path):
    size = {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    with browser(tmp_path / "profile") as page:
        page.ask("Emulation.setDeviceMetricsOverride", **size)
        page.open((pages / "report.html").as_uri(), "document.querySelector('td')")
        assert page.value("document.querySelector('td:last-child').clientWidth") > 300
        root = "document.documentElement"
        assert page.value(f"{root}.scrollWidth - {root}.clientWidth") == 0


def read_frames(page):
    """Return the frames as they lie once all can be pointed at, or after 20 seconds."""
    end = time.monotonic() + 20
    while True:
        frames = json.loads(page.value(FRAMES))
        if all(map(can_be_pointed_at, frames)) or time.monotonic() > end:
            return frames
        time.sleep(0.05)


def can_be_pointed_at(frame):
    return frame["width"] > 0 and frame["height"] > 8 and frame["hit"]


def colour(frames, function):
    (fill,) = (one["fill"] for one in frames if one["name"].startswith(f"{function}:"))
    return map(int, re.findall(r"\d+", fill))


def test_a_request_would_have_been_seen(tmp_path):
    """Else the silence above meant nothing."""
    (tmp_path / "style.css").write_text("")
    (tmp_path / "x.html").write_text(
        '<link rel="stylesheet" href="style.css"><img src="http://elsewhere.example/x.png">'
    )
    with browser(tmp_path / "profile") as page:
        page.open((tmp_path / "x.html").as_uri(), "true")
        assert len(page.requests) == 3
