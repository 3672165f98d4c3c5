import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from holdfast.cli import main
from holdfast.gate.asv.results import list_tree
from holdfast.gate.show.chart import draw, to_terminal
from holdfast.gate.since.trend import Level, Point, levels, points
from holdfast.gate.since.trend import day as format_day
from holdfast.gate.trust.laboratory import Repository
from needs import needs_asv, needs_matplotlib
from support.command_line import unwrap

from .trees import BASE, HEAD, row

DAY = 86_400_000
NAN = float("nan")
X = ("b.time_x", ())


def commit(number):
    return f"{number:08x}" * 5


@pytest.fixture
def history(tree, tmp_path, monkeypatch):
    """Return a function that stores one commit a day, with these values per benchmark."""
    monkeypatch.chdir(tmp_path)

    def history(**series):
        tree.suite(**dict.fromkeys((f"b.{name}" for name in series), "seconds"))
        for day, values in enumerate(zip(*series.values(), strict=True), start=1):
            names = (f"b.{name}" for name in series)
            rows = {name: row(value) for name, value in zip(names, values, strict=True)}
            # Their hashes say nothing of their order.
            tree.store(commit(99 - day), rows, date=day * DAY)
        return tree

    return history


def ask(*arguments):
    return main(["history", "--results", "results", *arguments])


SLOWER = [1.0, 1.01, 0.99, 1.0, 1.01, 1.2, 1.21, 1.19, 1.2, 1.21]


def test_a_series_is_in_the_order_of_the_commits(tree):
    values = [row(1.0), row(None), row(NAN), row(2.0), row(7.0, version="v0"), row(4.0)]
    for day, cells in enumerate(values):
        tree.store(commit(99 - day), {"b.time_x": cells}, date=day)
    tree.store(commit(1), {"b.time_y": row(1.0)}, date=9)
    sides = list_tree(tree.folder).past()
    assert [point.value for point in points(sides, X)] == [1.0, 2.0, 4.0]


def test_what_asv_trusts_more_weighs_more(tree):
    tree.store(commit(1), {"b.time_x": row(1.0, interval=(0.9, 1.1))})
    side = list_tree(tree.folder).past()
    assert points(side, X)[0].weight == pytest.approx(10)


def series(values):
    return [Point(commit(number), number, value, None) for number, value in enumerate(values)]


@needs_asv
def test_levels_are_asvs():
    found = levels(series(SLOWER))
    assert [(level.first, level.end) for level in found] == [(0, 5), (5, 10)]
    assert [level.value for level in found] == pytest.approx([1.0, 1.2])
    assert len(levels(series([1.0]))) == 1


def test_the_terminal_shows_dots_and_levels():
    text = to_terminal(
        series([1.0, 1.0, 3.0, 3.0]), [Level(0, 2, 2.0), Level(2, 4, 3.0)], "seconds"
    )
    lines = text.splitlines()
    assert lines[0] == "3.00 s │  ••"
    assert lines[5].endswith("│") or lines[6].endswith("│──")
    assert "──" in text
    assert lines[11] == "1.00 s │••"
    assert lines[12] == "        00000000 .. 00000003, 4 commits"
    assert len(lines) == 13
    flat = to_terminal(series([5.0]), [Level(0, 1, 5.0)], "seconds")
    assert flat.count("•") == 1


def test_a_long_history_fits_a_terminal():
    many = to_terminal(series(range(1, 1000)), [Level(0, 999, 500.0)], "seconds")
    assert max(map(len, many.splitlines())) <= 90


@pytest.mark.parametrize("value", [0.0, 5e-324, 1e20, -1.7e308, 1.7e308])
def test_a_history_without_a_change_is_drawn_however_large(value):
    flat = to_terminal(series([value, value]), [Level(0, 2, value)], "seconds")
    assert [line.count("•") for line in flat.splitlines() if "•" in line] == [2]


EXTREMES = """
from holdfast.gate.asv.steps import detect_steps
values, weights = (1.0, 5e-324, 1e20, 1.7e308), (None, 1.0, float("inf"), 5e-324, 1e308)
for first in weights:
    for last in weights:
        assert detect_steps(values, [first, 1.0, 5e-324, last])[-1][1] == 4
assert detect_steps([1.0, 10.0, 1e8], [float("inf"), 1.0, None])[0][2] == 1.0
"""


@needs_asv
def test_asvs_search_for_steps_ends_whatever_values_and_weights():
    """In a process of its own: what hangs in it would hang here."""
    subprocess.run([sys.executable, "-c", EXTREMES], check=True, timeout=60)


@needs_asv
@needs_matplotlib
def test_the_picture_is_whole_and_needs_nothing_else(tmp_path):
    values, title = series(SLOWER), "b.time_x('<b>', '$x_1$', '\x1b')"
    for name in ("one.svg", "two.svg", "one.png", "two.png"):
        draw(values, levels(values), "seconds", title, tmp_path / name)
    pictures = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert pictures["one.svg"] == pictures["two.svg"]
    assert pictures["one.png"] == pictures["two.png"]
    assert pictures["one.png"].startswith(b"\x89PNG")
    elements = list(ET.fromstring(pictures["one.svg"]).iter())
    texts = {element.text for element in elements if element.tag.endswith("}text")}
    # Every second commit, with its day; numbers of seconds; and the step.
    assert {"00000009", "00000007", "1970-01-01", "1.00", "s", "+20.0 %"} <= texts
    assert title.replace("\x1b", "\\x1b") in texts
    links = {value for each in elements for name, value in each.items() if name.endswith("href")}
    assert {link[0] for link in links} == {"#"}


@needs_matplotlib
@pytest.mark.parametrize("gaps", [(9, 9), (1, 1), (1, 1, 1, 1, 1)])
def test_what_each_step_says_can_be_read(tmp_path, gaps):
    """Where the steps are too near for their texts to stand beside each other."""
    values = [1.0] * 30
    for number, gap in enumerate((*gaps, 30)):
        values += [1.5 + number % 2 + number / 9] * gap
    found = series(values)
    draw(found, levels(found), "seconds", "b.time_x", tmp_path / "x.svg")
    texts = [
        each for each in ET.parse(tmp_path / "x.svg").iter()
        if each.tag.endswith("}text") and (each.text or "").endswith(" %")
    ]  # fmt: skip
    assert len(texts) == len(gaps) + 1
    places = [re.findall(r"[\d.]+", each.get("transform"))[-2:] for each in texts]
    for (x1, y1), (x2, y2) in combinations([(float(x), float(y)) for x, y in places], 2):
        assert abs(x1 - x2) > 34 or abs(y1 - y2) > 8


@needs_matplotlib
def test_history_draws_a_benchmark_and_names_its_step(history, capsys, tmp_path):
    history(time_x=SLOWER)
    assert ask("b.time_x", "--plot", "x.svg") == 0
    out = capsys.readouterr().out
    assert out.startswith("b.time_x\n1.21 s │")
    assert out.endswith(f"+20.0 %  {commit(94)[:8]}..{commit(93)[:8]}\n")
    assert "+20.0 %" in (tmp_path / "x.svg").read_text()


def test_without_matplotlib_the_way_out_is_said(history, capsys, monkeypatch):
    history(time_x=SLOWER)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert ask("b.time_x", "--plot", "x.png") == 2
    out, err = capsys.readouterr()
    err = unwrap(err)
    assert (out, err.count("\n")) == ("", 1)
    assert "pip install 'asv-holdfast[plots]'" in err


@needs_asv
def test_steps_are_listed_by_commit_the_latest_first(history, capsys):
    history(time_x=SLOWER, time_y=[1.0] * 10, time_z=[2.0, 2.0, 2.0, *[1.0] * 7])
    assert ask("--steps") == 0
    assert capsys.readouterr().out == (
        f"{commit(93)[:8]}  1970-01-07\n"
        "    +20.0 %  1.00 s -> 1.20 s  b.time_x\n"
        f"{commit(95)[:8]}  1970-01-05\n"
        "    -50.0 %  2.00 s -> 1.00 s  b.time_z\n"
    )


@needs_asv
def test_a_step_within_the_limit_is_none(history, capsys, tmp_path):
    tree = history(time_x=[1.0] * 5 + [1.2] * 5)
    (tmp_path / "asv.conf.json").write_text("{}")
    policy = tmp_path / "benchmarks" / "policy.toml"
    policy.parent.mkdir()
    for warn, expected in ((20, "no steps\n"), (19, "+20.0 %")):
        policy.write_text(f"[[rule]]\nmatch = 'time_x'\nwarn = {warn}\nfail = 90")
        assert main(["history", "--steps"]) == 0
        assert expected in capsys.readouterr().out
    assert tree


@needs_asv
@pytest.mark.parametrize(("slower", "whole"), [(5, True), (4, False)])
def test_a_shift_of_the_whole_suite_is_told_apart(history, capsys, slower, whole):
    names = [f"time_{letter}" for letter in "abcdefgh"]
    history(**{name: SLOWER if place < slower else [1.0] * 10 for place, name in enumerate(names)})
    assert ask("--steps") == 0
    out = capsys.readouterr().out
    assert ("+20.0 %  the whole suite (5 of 8 benchmarks, in seconds)" in out) is whole
    assert ("b.time_a" in out) is not whole


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "name a benchmark, or ask for the --steps of all"),
        (["b.time_z"], 2, "'b.time_z' is not a benchmark; did you mean b.time_"),
        (["b.time_y"], 3, "no commit has a result of b.time_y"),
        (["b.time_x", "--machine", "mars"], 3, "no results of that machine"),
        (["b.time_x", "--plot", "no/x.svg"], 2, "there is no folder"),
        (["b.time_x", "--plot", "x.gif"], 2, "must end in .png or .svg"),
    ],
)
def test_wrong_calls_get_one_clear_line(history, capsys, arguments, code, message):
    history(time_x=[1.0] * 3, time_y=[NAN] * 3)
    assert ask(*arguments) == code
    err = unwrap(capsys.readouterr().err)
    assert message in err
    assert err.count("\n") == 1


@needs_asv
def test_what_is_damaged_or_of_another_machine_is_left_out(history, capsys):
    tree = history(time_x=SLOWER)
    tree.store(commit(7), {}).write_text("{")
    assert ask("b.time_x") == 0
    assert "10 commits" in capsys.readouterr().out
    tree.store(commit(8), {"b.time_x": row(1.0)}, machine="other")
    assert ask("b.time_x") == 2
    assert "--machine: m1, other" in unwrap(capsys.readouterr().err)
    assert ask("b.time_x", "--machine", "m1") == 0


@needs_asv
def test_a_stored_hash_that_is_an_option_of_gits_writes_no_file(history, capsys, tmp_path):
    repository = Repository(tmp_path)
    repository.write(**{"asv.conf.json": '{"version": 1, "repo": "."}', "victim.sh": "mine"})
    repository.commit("id > pwned; # a subject that a shell would run")
    tree = history(time_x=SLOWER)
    path = next(tree.folder.glob(f"m1/{commit(93)[:8]}-*"))  # the sixth, where the step is
    path.write_text(path.read_text().replace(commit(93), "--output=victim.sh"))
    assert main(["history", "--steps", "--machine", "m1"]) == 0
    assert "+20.5 %" in capsys.readouterr().out
    assert (tmp_path / "victim.sh").read_text() == "mine"


@needs_asv
def test_values_at_the_ends_of_what_a_float_holds_are_drawn(tree, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tree.suite(**{"b.time_x": "seconds"})
    tree.store(BASE, {"b.time_x": row(-1e308)}, date=1)
    tree.store(HEAD, {"b.time_x": row(1e308)}, date=2)
    assert main(["history", "b.time_x", "--results", str(tree.folder)]) == 0
    assert capsys.readouterr().out.count("•") == 2


@needs_asv
def test_a_name_of_the_results_moves_no_cursor(tree, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tree.store(BASE, {"b.time_x": row(1.0)}, date=1)
    entry = {"unit": "seconds", "params": [["\x1b[2J"]], "param_names": ["n"]}
    (tree.folder / "benchmarks.json").write_text(json.dumps({"b.time_x": entry, "version": 2}))
    assert main(["history", "b.time_x", "--results", str(tree.folder)]) == 3
    err = unwrap(capsys.readouterr().err)
    assert "\\x1b[2J" in err and "\x1b" not in err


@pytest.mark.parametrize("date", [10**20, -(10**20), 10**15])
def test_a_date_that_is_none_is_said_to_be_none(date):
    assert format_day(date) == "no date"
