import json
import time

import pytest

from holdfast.cli import main
from holdfast.gate.asv.past import cut_at_step, read_past, spread
from holdfast.gate.asv.results import read_side
from holdfast.gate.core.readings import Suite
from holdfast.gate.trust.laboratory import Repository
from needs import needs_asv

from .trees import BASE, HEAD, Tree, row


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
    return read_past(base_of(tree), Suite()).values


def test_earlier_commits_show_the_usual_value_and_its_noise(tree):
    (found,) = fill(tree, [1.6, 2.4, 1.8, 2.2, 2.0]).values()
    assert (found.middle, found.noise, found.count) == (
        pytest.approx(1.9),
        pytest.approx(0.3 / 1.9),
        6,
    )


def test_few_earlier_commits_or_another_version_show_nothing(tree):
    assert fill(tree, [0.8, 1.2, 0.9, 1.1]) == {}
    assert fill(tree, [0.8, 1.2, 0.9, 1.1, 1.0, 1.0], version="old") == {}


def test_later_commits_do_not_count(tree):
    assert fill(tree, []) == {}
    for number in range(8):
        store_at(tree, f"{number:08x}".ljust(40, "1"), 200 + number, {"b.time_x": row(9.0)})
    assert read_past(base_of(tree), Suite()).values == {}


def test_the_commit_to_judge_is_no_past_of_its_own(tree):
    fill(tree, [1.0, 1.0, 1.0, 1.0])
    head = store_at(tree, HEAD, 100, {"b.time_x": row(1.3)})  # as old as the base: a rebase
    assert read_past(base_of(tree), Suite(), read_side(head)).values == {}
    assert read_past(base_of(tree), Suite()).values.keys() == {("b.time_x", ())}


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
        dated = text.replace('"date": 0', f'"date": {number + 1}')
        path.write_text(dated.replace(BASE, f"{number:08x}" + "a" * 32))
    assert json.loads(text)["results"]
    began = time.process_time()
    assert main(["gate", "00001000", "00001001", "--results", str(tree.folder)]) == 0
    assert time.process_time() - began < 2


def test_contention_shows_though_no_sweep_is_slower(tmp_path, monkeypatch, capsys):
    """Seven sweeps' variation strays by a third from commit to commit, their mean hardly."""
    project = Repository(tmp_path)
    project.write(**{
        "asv.conf.json": '{"version": 1, "project": "p", "repo": ".", "branches": ["main"]}',
        "benchmarks/policy.toml": "[[rule]]\nmatch = 'track_variation'\nhistory = true\n",
    })  # fmt: skip
    monkeypatch.chdir(tmp_path)
    tree = Tree(tmp_path / "results")
    tree.suite(**{"b.time_sweep": "seconds", "b.track_variation": "%"})

    def store(number, variation, mean=1.0):
        rows = {"b.time_sweep": row(mean), "b.track_variation": row(variation)}
        store_at(tree, project.commit(), 50 + number, rows)

    for number, variation in enumerate([2.0, 3.1, 2.4, 1.6, 2.9, 2.2, 3.4, 1.7]):
        store(number, variation)
    # Twice the base's variation is usual here; three times the usual one is not.
    store(8, 3.4)
    assert main(["gate", "HEAD~1"]) == 0
    assert "2 pass" in capsys.readouterr().out
    store(9, 7.2, mean=1.02)
    assert main(["gate", "HEAD~1"]) == 1
    shown = capsys.readouterr().out
    assert "1 fail, 1 pass" in shown and "against the median of 9 commits" in shown


@needs_asv
def test_git_tells_the_order_of_commits_whose_dates_do_not(tmp_path, monkeypatch, capsys):
    project = Repository(tmp_path)
    project.write(**{
        "asv.conf.json": '{"version": 1, "project": "p", "repo": ".", "branches": ["main"]}'
    })  # fmt: skip
    monkeypatch.chdir(tmp_path)
    tree, commits = Tree(tmp_path / "results"), []
    tree.suite(**{"b.time_x": "seconds"})
    for number in range(12):
        commits.append(project.commit(f"change {number}"))
        store_at(tree, commits[-1], 50 - number % 3, {"b.time_x": row(1 + (number > 5) / 2)})
    assert main(["history", "b.time_x"]) == 0
    assert f"+50.0 %  {commits[5][:8]}..{commits[6][:8]}" in capsys.readouterr().out


def test_the_past_begins_where_a_benchmark_last_changed_for_good(tree):
    # Newest last: three commits at another level, then six at today's.
    (found,) = fill(tree, [2.0, 2.1, 2.0, 1.0, 1.1, 1.0, 1.05, 1.0]).values()
    assert (found.count, found.high) == (6, 1.1)


@pytest.mark.parametrize(
    "newest_first",
    [
        [1.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0],  # one bad day
        [5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],  # of the base itself
        [1.0, 1.0, 1.0, 1.05, 1.08, 1.09, 1.1],  # a slow drift
        [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0],  # noise
        [1.0, 1.0, 1.0, 0.0, 0.0, 0.0],  # no ratio to zero
    ],
)
def test_what_is_no_step_is_noise(newest_first):
    assert cut_at_step(newest_first) == newest_first
