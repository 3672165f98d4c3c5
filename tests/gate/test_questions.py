import json

import pytest

from holdfast.cli import main
from support.command_line import unwrap

from .profiles import TINY, Installation, profile
from .test_pages import Outline
from .trees import Tree, row

SLOWER = TINY.replace(
    "def work(n):\n", "def work(n):\n    for _ in range(500_000):\n        n += 0\n"
)


@pytest.fixture
def laboratory(tmp_path, monkeypatch):
    """A project of two commits, with a profile of each; the later one works harder."""
    laboratory = Installation(tmp_path)
    monkeypatch.chdir(tmp_path)
    tree = Tree(tmp_path / "results")
    tree.suite(**{"b.time_x": "seconds", "b.time_y": "seconds"})
    for text in (TINY, SLOWER):
        commit, benchmark = laboratory.commit(text)
        rows = {
            "b.time_x": row(1.0, profile=profile(benchmark)),
            "b.time_y": row(1.0),
        }
        tree.store(commit, rows)
    return laboratory


def blame(*arguments):
    return main(["blame", *arguments])


def test_stored_profiles_answer_at_once(laboratory, capsys):
    assert blame("HEAD~1", "HEAD", "b.time_x") == 0
    out, err = capsys.readouterr()
    err = unwrap(err)
    lines = out.splitlines()
    assert lines[1].split()[0] == "1"
    assert lines[1].split()[-1] == "tiny.work"
    assert lines[-1].startswith("b.time_x  ")
    assert err == ""


def test_json_and_page(laboratory, capsys, tmp_path):
    answers = []
    for _ in range(2):
        assert blame("HEAD~1", "HEAD", "b.time_x", "--json", "--html", "flame.html") == 0
        answers.append((capsys.readouterr().out, (tmp_path / "flame.html").read_text()))
    assert answers[0] == answers[1]
    document = json.loads(answers[0][0])
    assert document["functions"][0]["function"] == "tiny.work"
    assert document["head"] == laboratory.repository.git("rev-parse", "HEAD")
    assert Outline(answers[0][1]).open == []


def test_results_of_others_can_be_asked(laboratory, capsys, tmp_path, monkeypatch):
    names = laboratory.repository.git("log", "--format=%h", "--abbrev=8").split()
    monkeypatch.chdir(tmp_path.parent)
    laboratory.installed.unlink()
    folder = str(tmp_path / "results")
    assert blame(*reversed(names), "b.time_x", "--results", folder) == 0
    # Without the repository, what stands in its files has to be enough.
    assert "tiny.<genexpr>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["HEAD", "HEAD", "b.time_x"], 2, "the same commit"),
        (["HEAD~9", "HEAD", "b.time_x"], 2, "'HEAD~9' is not a commit"),
        (["HEAD~1", "HEAD", "b.time_y", "--results", "results"], 3, "has no profiles of b.time_y"),
        (["HEAD~1", "HEAD", "b.time_x", "--results", "none"], 3, "no results folder"),
        (["HEAD~1", "HEAD", "b.time_x", "--html", "no/x.html"], 2, "cannot be written"),
    ],
)
def test_wrong_calls_get_one_clear_line(laboratory, capsys, arguments, code, message):
    assert blame(*arguments) == code
    out, err = capsys.readouterr()
    err = unwrap(err)
    assert message in err
    assert (err.count("\n"), out) == (1, "")


def test_functions_beyond_their_limits_warn_in_the_gate(laboratory, capsys):
    assert main(["gate", "HEAD~1", "HEAD"]) == 0
    assert "PASS" in capsys.readouterr().out
    policy = "[[function]]\nmatch = '^tiny\\.work'\nwarn = 20\n"
    laboratory.repository.write(**{"benchmarks/policy.toml": policy})
    assert main(["gate", "HEAD~1", "HEAD", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "warn"
    assert document["benchmarks"][0]["name"].startswith("b.time_x: tiny.work")


def test_a_bisect_needs_a_line_of_commits(laboratory, capsys):
    laboratory.repository.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    side = laboratory.repository.commit()
    assert main(["bisect", side, "main", "b.time_x"]) == 2
    assert f"{side[:8]} is not an ancestor" in unwrap(capsys.readouterr().err)
    assert main(["bisect", "main", "main", "b.time_x"]) == 2
    assert "the same commit" in unwrap(capsys.readouterr().err)
