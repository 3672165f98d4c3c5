"""What the nights find: who is guilty, what the issue says, and that it is kept once."""

import json
import stat
import sys

import pytest

from gate.trees import Tree, row
from holdfast.gate.asv.results import list_tree
from holdfast.gate.core.policy import Policy
from holdfast.gate.trust.laboratory import Repository
from tools.dashboard.facts import commits_of
from tools.dashboard.series import read_sides
from tools.nights.guilty import review, stored_judge
from tools.nights.post import post
from tools.nights.text import Commit, find_commit, write_issue

NAMES = [f"b.time_{letter}" for letter in "abcdefghij"]


@pytest.fixture
def nights(tmp_path):
    """Return what a series of nights finds; each night is a level for each benchmark."""

    def run(*levels, release=0, yesterday=-2, **store):
        project = Repository(tmp_path / "project")
        project.write(x="1")
        tree = Tree(project.folder / "results")
        tree.suite(**dict.fromkeys(NAMES, "seconds"))
        commits = []
        for number, level in enumerate(levels):
            commit = project.commit(f"Change {number} @team `x`")
            rows = {
                name: row(at, samples=[[at * (1 + 0.001 * n) for n in range(12)]])
                for name, at in zip(NAMES, level, strict=False)
            }
            tree.store(commit, rows, date=number * 86_400_000)
            commits.append(commit)
        stored = list_tree(tree.folder)
        sides = read_sides(stored, "m1", "env-py3", list(commits_of(project.folder)))
        compare = stored_judge(stored.suite(), Policy())
        return commits, review(sides, compare, commits[release], commits[yesterday])

    return run


EVEN = [1.0] * 10
ONE_SLOW = [1.6, *EVEN[1:]]


def test_a_commit_that_made_one_slower_is_guilty_as_long_as_it_is(nights):
    commits, night = nights(EVEN, EVEN, ONE_SLOW, ONE_SLOW)
    (guilty,) = night.guilty
    assert (guilty.base, guilty.head) == (commits[1], commits[2])
    assert [one.label for one in guilty.rows] == ["b.time_a"]
    assert night.since_release.verdict == "fail" and night.since_yesterday.verdict == "pass"


def test_one_that_has_recovered_is_guilty_no_more(nights):
    _, night = nights(EVEN, ONE_SLOW, EVEN)
    assert not night.guilty and night.since_release.verdict == "pass"


def test_a_shift_of_the_whole_suite_is_nobodys_commit(nights):
    commits, night = nights(EVEN, [1.6] * 10, [1.6] * 10)
    assert not night.guilty
    assert [report.head for report in night.shifts] == [commits[1]]


def test_what_is_older_than_the_release_is_not_asked_about(nights):
    _, night = nights(EVEN, ONE_SLOW, ONE_SLOW, release=1)
    assert not night.guilty


def test_the_issue_has_all_that_one_needs(nights):
    commits, night = nights(EVEN, ONE_SLOW)
    issue = write_issue(night.guilty[0], Commit("2026-01-01", "Someone", "Change @team `x` | y"))
    assert issue.title == f"Slower since {commits[1][:8]}: b.time_a +60.0 %"
    assert find_commit(issue.body) == commits[1]
    assert "@team" not in issue.body and "| fail | +60.0 % |" in issue.body
    assert "Packages: the same in both." in issue.body and "Owner: none" in issue.body
    for verb in ("blame", "bisect"):
        assert f"    holdfast {verb} {commits[0][:8]} {commits[1][:8]} b.time_a" in issue.body
    assert find_commit("x" + issue.body) is None


GH = f"""#!{sys.executable}
import json, sys
from pathlib import Path
here, call = Path(__file__).parent, sys.argv[1:]
given = sys.stdin.read()
if "--method" not in call:
    print((here / "open.json").read_text())
else:
    with open(here / "calls", "a") as calls:
        path = next(part for part in call if part.startswith("repos/"))
        calls.write(json.dumps([call[2], path, json.loads(given)]) + "\\n")
"""


def test_issues_are_opened_renewed_once_and_closed(nights, tmp_path, monkeypatch):
    _, night = nights(EVEN, ONE_SLOW)
    issue = write_issue(night.guilty[0], Commit("2026-01-01", "Someone", "Change"))
    folder = tmp_path / "gh"
    folder.mkdir()
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    bot = {"login": "github-actions[bot]"}
    known = {"number": 4, "user": bot, "title": issue.title, "body": issue.body}

    def run(issues, *listed):
        (folder / "open.json").write_text(json.dumps([list(listed)]))
        (folder / "calls").unlink(missing_ok=True)
        post("o/r", issues)
        calls = folder / "calls"
        return (
            [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
        )

    ((method, path, document),) = run([issue])
    assert (method, path) == ("POST", "repos/o/r/issues")
    assert document == {"title": issue.title, "body": issue.body, "labels": ["performance"]}
    assert run([issue], known) == []  # nothing new: nobody gets a mail
    ((method, path, _),) = run([issue], {**known, "title": "older"})
    assert (method, path) == ("PATCH", "repos/o/r/issues/4")
    comment, closed = run([], known)
    assert comment[1] == "repos/o/r/issues/4/comments" and closed[2] == {"state": "closed"}
    assert run([], {**known, "user": {"login": "someone"}}) == []  # not ours
