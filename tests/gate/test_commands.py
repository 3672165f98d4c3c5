import io
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from holdfast.cli import build_parser, main
from holdfast.gate.trust.laboratory import Repository
from support.command_line import unwrap

from .test_piped import COMPARED
from .trees import row

REAL = os.environ.get("HOLDFAST_REALRESULTS")


def gate(*arguments):
    return main(["gate", *map(str, arguments)])


@pytest.fixture
def stored(tree, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tree.suite(**{"b.time_x": "seconds"})
    return tree


@pytest.mark.parametrize(
    ("after", "word", "code"), [(1.0, "PASS", 0), (1.1, "WARN", 0), (1.3, "FAIL", 1)]
)
def test_the_exit_code_is_the_verdict(stored, capsys, after, word, code):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(after)})
    assert gate("a", "b", "--results", stored.folder) == code
    out, err = capsys.readouterr()
    err = unwrap(err)
    assert out.splitlines()[-1].startswith(f"{word}  aaaaaaaa -> bbbbbbbb: 1 ")
    assert err == ""


def test_json_and_markdown(stored, capsys, tmp_path):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.3)})
    outputs = []
    for _ in range(2):
        assert gate("a", "b", "--results", stored.folder, "--json", "--markdown", "out.md") == 1
        outputs.append((capsys.readouterr().out, (tmp_path / "out.md").read_bytes()))
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0][0])["verdict"] == "fail"
    assert outputs[0][1].startswith(b"### FAIL")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["a", "bbbb"], 2, "no asv.conf.json here"),
        (["a", "bbbb", "--config", "none.json"], 2, "there is no file none.json"),
        (["a", "aaaa", "--results", "results"], 2, "the same commit"),
        (["a", "cccc", "--results", "results"], 3, "no results of 'cccc'"),
        (["a", "zzzz", "--results", "results"], 3, "no results of 'zzzz'"),
        (["a", "old", "--results", "results"], 3, "no results of 'old'"),
        (["a", "1111", "--results", "results"], 2, "old format (api version 1); run 'asv update'"),
        (["a", "2222", "--results", "results"], 2, "was cut off (JSONDecodeError"),
        (["3", "b", "--results", "results"], 2, "could be any of 33333333, 34343434; give more"),
        (["a", "b", "--results", "nowhere"], 3, "no results folder"),
        (["a", "b", "--results", "results", "--machine", "mars"], 3, "--machine mars"),
        (["a", "b", "--results", "results", "--env", "mars"], 3, "--env mars"),
        (["a", "b", "--results", "results", "--markdown", "no/x.md"], 2, "cannot be written"),
    ],
)
def test_wrong_calls_get_one_clear_line(stored, capsys, arguments, code, message):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.0)})
    stored.store("1" * 40, {}, version=1)
    stored.store("2" * 40, {}).write_text('{"commit_hash": "222')
    stored.store("3" * 40, {})
    stored.store("34" * 20, {})
    assert gate(*arguments) == code
    err = unwrap(capsys.readouterr().err)
    assert message in err
    assert err.startswith("holdfast: ")
    assert err.count("\n") == 1


def test_results_of_a_project_are_found_by_its_configuration(stored, capsys, tmp_path):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.0)})
    config = tmp_path / "asv.conf.json"
    config.write_text('{"repo": ".", // here\n "results_dir": "results", }')
    assert gate("aaaa", "bbbb") == 0
    assert gate("aaaa", "bbbb", "--config", config) == 0


def test_a_broken_configuration_is_named(stored, capsys, tmp_path):
    (tmp_path / "asv.conf.json").write_text("{")
    assert gate("a", "b") == 2
    assert "asv.conf.json cannot be read" in unwrap(capsys.readouterr().err)


def test_asv_compare_can_be_piped(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(COMPARED))
    assert gate("-", "--json") == 1
    assert json.loads(capsys.readouterr().out)["coarse"] is True


@pytest.mark.parametrize("command", ["gate", "check"])
def test_help_explains_verdicts_and_exit_codes(capsys, command):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for word in ("not sure", "exit code", "HEAD~1", "asv.conf.json"):
        assert word in out


@pytest.mark.skipif(not REAL, reason="HOLDFAST_REALRESULTS names no real results tree")
def test_any_two_real_commits_are_judged(capsys):
    folder = max(Path(REAL).glob("*/"), key=lambda path: len(list(path.iterdir())))
    commits = sorted({path.name[:8] for path in folder.glob("*-*.json")})
    for base, head in list(pairwise(commits))[:40]:
        began = time.perf_counter()
        code = gate(base, head, "--results", folder.parent, "--machine", folder.name)
        assert time.perf_counter() - began < 1
        out, err = capsys.readouterr()
        err = unwrap(err)
        assert code in (0, 1, 2, 3)
        assert (code in (2, 3)) == bool(err)
        assert bool(out) == (code in (0, 1))


def test_every_machine_and_environment_that_has_both_commits_is_judged(stored, capsys, tmp_path):
    for machine, after in (("m1", 1.0), ("m2", 1.3)):
        for env in ("py3.11-a", "py3.12-a", "py3.11-b"):
            new = {"b.time_x": row(after if env != "py3.11-b" else 1.0)}
            stored.pair({"b.time_x": row(1.0)}, new, machine=machine, env=env)
    names = ["a", "b", "--results", stored.folder]
    assert gate(*names, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "fail"
    found = {one["environment"]: one["verdict"] for one in document["benchmarks"]}
    assert len(found) == 6
    bad = {place for place, verdict in found.items() if verdict == "fail"}
    assert bad == {"m2 in py3.11-a", "m2 in py3.12-a"}
    assert gate(*names, "--machine", "m1") == 0
    assert gate(*names, "--env", "*-b") == 0
    assert capsys.readouterr().out.count("PASS") == 2
    assert gate(*names, "--env", "*-c") == 3
    assert "(--env *-c); stored: " in unwrap(capsys.readouterr().err)
    # What to type names the environment that is meant.
    comment = tmp_path / "comment.md"
    assert gate(*names, "--env", "py3.1*-a", "--markdown", comment) == 1
    lines = [line for line in comment.read_text().splitlines() if "holdfast bisect" in line]
    assert {line.rpartition(" ")[2] for line in lines} == {"--env=py3.11-a", "--env=py3.12-a"}


def test_fail_on_warn(stored):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.1)})
    assert gate("a", "b", "--results", stored.folder) == 0
    assert gate("a", "b", "--results", stored.folder, "--fail-on", "warn") == 1


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_it_is_refused(stored, no_colour, coloured):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.3)})
    terminal, end = os.openpty()
    command = [sys.executable, "-m", "holdfast", "gate", "a", "b", "--results", stored.folder]
    subprocess.run(command, stdout=end, env={**os.environ, "NO_COLOR": no_colour}, check=False)
    os.close(end)
    assert (b"\033[31mfail" in os.read(terminal, 10_000)) is coloured
    os.close(terminal)


def test_all_reports_at_once(stored, tmp_path):
    stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.3)})
    assert gate("a", "b", "--results", "results", "--html", "r.html", "--junit", "r.xml") == 1
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")


class TestPolicyOfAProject:
    @pytest.fixture
    def project(self, stored, tmp_path):
        stored.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.08)})
        repository = Repository(tmp_path)
        repository.write(**{"asv.conf.json": '{"repo": "."}', ".gitignore": "results/"})
        return repository

    def test_policy_toml_decides(self, project):
        assert gate("aaaa", "bbbb") == 0
        project.write(**{"benchmarks/policy.toml": "[[rule]]\nmatch = 'time_x'\nfail = 7"})
        assert gate("aaaa", "bbbb") == 1

    def test_pyproject_decides(self, project):
        project.write(**{"pyproject.toml": "[[tool.holdfast.rule]]\nmatch='time_x'\nfail = 7"})
        assert gate("aaaa", "bbbb") == 1

    def test_the_base_commits_policy_cannot_be_loosened(self, project, capsys):
        project.write(**{"benchmarks/policy.toml": "[[rule]]\nmatch = 'time_x'\nfail = 7"})
        project.commit()
        project.write(**{"benchmarks/policy.toml": "[[rule]]\nmatch = 'time_x'\nfail = 99"})
        assert gate("aaaa", "bbbb") == 0
        assert gate("aaaa", "bbbb", "--policy-from", "HEAD") == 1
        assert gate("aaaa", "bbbb", "--policy-from", "none") == 2

    def test_mistakes_name_file_and_line(self, project, capsys):
        project.write(**{"benchmarks/policy.toml": "[[rule]]\nmatch = 'time_y'"})
        assert gate("aaaa", "bbbb") == 2
        assert "benchmarks/policy.toml:2: 'time_y' matches no benchmark" in unwrap(
            capsys.readouterr().err
        )

    def test_somebody_elses_results_are_not_judged_by_this_policy(self, project, tmp_path):
        project.write(**{"benchmarks/policy.toml": "[[rule]]\nmatch = 'elsewhere'"})
        assert gate("aaaa", "bbbb", "--results", "results") == 0


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("1h", 3600)])
def test_budgets(text, seconds):
    assert build_parser().parse_args(["check", "--budget", text]).budget == seconds


def test_an_expression_that_is_none_is_refused_before_measuring(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--bench", "("])
    assert "'(' is not a regular expression" in unwrap(capsys.readouterr().err)


def test_a_budget_is_a_time(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--budget", "soon"])
    assert "'soon' is not a time such as 90s" in unwrap(capsys.readouterr().err)
