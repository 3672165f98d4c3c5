import json
import time

import pytest

from holdfast.cli import main
from holdfast.gate.history import noise, spread
from holdfast.gate.results import read_side

from .trees import BASE, HEAD, row


def store_at(tree, commit, date, rows):
    path = tree.store(commit, rows)
    # asv writes the date before the results.
    path.write_text(path.read_text().replace('"date": 0', f'"date": {date}'))
    return path


def test_spread_is_the_median_deviation_by_the_median():
    assert spread([1.0, 1.0, 1.0, 9.0]) == 0.0
    assert spread([90, 100, 110]) == 0.1
    assert spread([0.0, 0.0]) == 0.0


def base_of(tree):
    return read_side(tree.folder / "m1" / f"{BASE[:8]}-env-py3.json")


def fill(tree, values, version="v1"):
    store_at(tree, BASE, 100, {"b.time_x": row(1.0)})
    store_at(tree, HEAD, 101, {"b.time_x": row(1.3)})
    for number, value in enumerate(values):
        commit = f"{number:08x}".ljust(40, "0")
        store_at(tree, commit, 50 + number, {"b.time_x": row(value, version=version)})
    return noise(base_of(tree))


def test_earlier_commits_show_the_noise(tree):
    assert fill(tree, [0.8, 1.2, 0.9, 1.1, 1.0]) == {("b.time_x", ()): pytest.approx(0.1)}


def test_few_earlier_commits_or_another_version_show_nothing(tree):
    assert fill(tree, [0.8, 1.2, 0.9, 1.1]) == {}
    assert fill(tree, [0.8, 1.2, 0.9, 1.1, 1.0, 1.0], version="old") == {}


def test_later_commits_do_not_count(tree):
    assert fill(tree, []) == {}
    for number in range(8):
        store_at(tree, f"{number:08x}".ljust(40, "1"), 200 + number, {"b.time_x": row(9.0)})
    assert noise(base_of(tree)) == {}


def test_a_noisy_past_turns_a_fail_into_a_pass(tree, capsys):
    fill(tree, [])
    assert main(["gate", "aaaa", "bbbb", "--results", str(tree.folder)]) == 1
    fill(tree, [0.7, 1.3, 0.8, 1.2, 1.0, 0.75])
    (tree.folder / "m1" / "00000099-env-py3.json").write_text('{"date": 60, cut')
    assert main(["gate", "aaaa", "bbbb", "--results", str(tree.folder)]) == 0


def test_thousands_of_files_cost_little(tree, capsys):
    rows = {
        f"b.time_{number}": row(*[1.0] * 20, params=[list(map(str, range(20)))])
        for number in range(20)
    }
    text = tree.store(BASE, rows).read_text()
    for number in range(5000):
        path = tree.folder / "m1" / f"{number:08x}-env-py3.json"
        path.write_text(text.replace('"date": 0', f'"date": {number + 1}'))
    assert json.loads(text)["results"]
    began = time.process_time()
    assert main(["gate", "00001000", "00001001", "--results", str(tree.folder)]) == 0
    assert time.process_time() - began < 2
