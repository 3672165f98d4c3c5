"""The workflows: nothing that the linters do not see, and every command is one for a developer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from holdfast.gate.trust.laboratory import Repository
from tools.walk_workflows import ACTION, FOLDER, KNOWN, filled_in, steps

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(
    r"^ *- (?:id: .*\n +)?uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE
)


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return request.param


def test_nothing_is_allowed_that_a_job_does_not_ask_for(workflow):
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}


def test_actions_are_pinned_and_leave_no_credentials(workflow):
    text = workflow.read_text()
    assert len(PINNED.findall(text)) == text.count("uses: ") - text.count("uses: ./")
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_a_step_can_be_walked_or_needs_github(workflow):
    for step in steps(workflow):
        if not step.needs_github:
            for value in step.environment.values():
                filled_in(value)  # an expression that nobody knows is an error


def test_no_step_takes_text_of_an_event_into_its_script(workflow):
    assert not [step.command for step in steps(workflow) if "${{" in step.command]


def test_our_own_workflows_use_the_action_for_both_of_its_jobs():
    by_name = {path.stem: list(steps(path)) for path in WORKFLOWS}
    measure, comment = by_name["benchmark"], by_name["benchmark-comment"]
    assert any(".ci/pull-request" in step.command for step in measure)
    assert {step.environment["GITHUB_ACTION_PATH"] for step in measure} == {"{checkout}/./judge"}
    assert [step.needs_github for step in comment] == [False, True]
    assert not any(".ci/pull-request" in step.command for step in comment)


def test_the_action_s_inputs_are_all_used_and_documented():
    text = ACTION.read_text()
    page = (ROOT / "docs" / "action.md").read_text()
    for name, one in yaml.safe_load(text)["inputs"].items():
        assert f"inputs.{name}" in text and f"`{name}`" in page and one["description"]


@pytest.mark.parametrize(("labels", "measured"), [("", False), ("run-benchmarks", True)])
def test_a_step_of_the_action_measures_a_foreign_project(checkout, tmp_path, labels, measured):
    """The step as a runner calls it: the Action elsewhere, options with quotes, another label."""
    action = tmp_path / "action"
    program = action / ".venv" / "bin"
    program.mkdir(parents=True)
    (action / ".ci").mkdir()
    (action / ".ci" / "pull-request").write_text((ROOT / ".ci" / "pull-request").read_text())
    (action / ".ci" / "pull-request").chmod(0o755)
    for name, ending in (("asv", 0), ("holdfast", 3)):
        (program / name).write_text(
            f'#!/bin/bash\nprintf "[%s]" "$@" >seen-{name}\nexit {ending}\n'
        )
        (program / name).chmod(0o755)
    checkout.git("update-ref", "refs/remotes/origin/main", "HEAD")
    checkout.write(**{"asv.conf.json": "{}"})
    checkout.commit()
    (step,) = (s for s in steps(FOLDER / "benchmark.yml") if ".ci/pull-request" in s.command)
    given = {
        **dict.fromkeys(step.environment, ""), "GITHUB_ACTION_PATH": str(action),
        "BASE_REF": "main", "CONFIG": "asv.conf.json", "BUDGET": "5m", "UNJUDGED_LABEL": "mine",
        "OPTIONS": "--bench '^io[.] x' --fail-on warn", "ACCEPT_UNJUDGED": str(measured).lower(),
    }  # fmt: skip
    ran, _ = run(checkout, tmp_path, "-c", step.command, **given)
    assert ran.returncode == (0 if measured else 3), ran.stderr
    seen = (checkout.folder / "seen-holdfast").read_text()
    assert seen.startswith("[check]")
    assert "[--budget][5m][--bench][^io[.] x][--fail-on][warn]" in seen
    assert "version" in (checkout.folder / "asv.conf.json").read_text()  # the base's
    assert "the label 'mine'" in (checkout.folder / "pull-request" / "comment.md").read_text()


def test_make_targets_of_the_workflows_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        step.command.removeprefix("make ")
        for path in WORKFLOWS
        for step in steps(path)
        if step.command.startswith("make ")
    }
    assert (
        named <= targets
        and {"lint", "test", "test-wheel", "test-bare", "docs", "dashboard"} <= named
    )


def test_an_expression_nobody_knows_is_an_error():
    assert filled_in("origin/${{ github.base_ref }}") == f"origin/{KNOWN['github.base_ref']}"
    with pytest.raises(KeyError):
        filled_in("${{ github.actor }}")


@pytest.fixture
def checkout(tmp_path) -> Repository:
    """A repository with the scripts, this Python's holdfast, and a project that asv cannot run."""
    made = Repository(tmp_path / "checkout")
    made.write(**{
        **{f".ci/{path.name}": path.read_text() for path in (ROOT / ".ci").iterdir()},
        ".gitignore": "/.venv\n/pull-request\n/env\n",
        "asv.conf.json": '{"version": 1, "project": "x", "repo": ".", "branches": ["main"], '
        '"environment_type": "existing:nowhere"}',
        "benchmarks/__init__.py": "",
    })  # fmt: skip
    made.commit()
    (made.folder / ".venv").mkdir()
    (made.folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return made


def run(checkout, tmp_path, *command, **environment):
    """Run a script as a runner does; return what came of it, and the run's summary."""
    summary = tmp_path / "summary.md"
    summary.write_text("")
    ran = subprocess.run(
        ["bash", *command], cwd=checkout.folder, capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary),
             **environment},
    )  # fmt: skip
    return ran, summary.read_text()


ENDINGS = {
    "a wrong call": ("exit 2", 2, "called wrongly"),
    "nothing measured": ("exit 3", 3, "Too little was measured"),
    "a segmentation fault": ("kill -SEGV $$", 139, "broke down (exit code 139)"),
    "out of memory": ("kill -KILL $$", 137, "broke down (exit code 137)"),
    "no report": ("exit 0", 3, "left no report"),
}


@pytest.mark.parametrize(("body", "code", "reason"), ENDINGS.values(), ids=ENDINGS)
def test_what_could_not_be_judged_is_red_unless_a_label_accepts_it(
    checkout, tmp_path, body, code, reason
):
    program = checkout.folder / ".venv" / "bin"
    program.unlink()
    program.mkdir()
    checkout.write(**{".venv/bin/holdfast": f"#!/bin/bash\n{body}\n"})
    (program / "holdfast").chmod(0o755)
    ran, summary = run(checkout, tmp_path, ".ci/pull-request", "main")
    assert ran.returncode == code
    assert "::error title=Could not judge::" in ran.stdout and reason in ran.stdout
    assert "benchmarks-unjudged" in summary
    ran, summary = run(checkout, tmp_path, ".ci/pull-request", "main", ACCEPT_UNJUDGED="true")
    assert ran.returncode == 0
    assert "::warning title=Could not judge::" in ran.stdout and reason in ran.stdout
    comment = (checkout.folder / "pull-request" / "comment.md").read_text()
    assert "lets it pass by the label" in comment and "lets it pass by the label" in summary


def test_the_judge_is_the_checkout_that_the_script_lies_in(checkout, tmp_path):
    """Of a pull request that brings a gate, a script and a configuration of its own."""
    checkout.git("branch", "base")
    checkout.git("worktree", "add", "--quiet", "--detach", "judge", "base")
    config = (checkout.folder / "asv.conf.json").read_text()
    checkout.write(**{".ci/pull-request": "exit 0\n", "asv.conf.json": "{}", ".gitignore": "judge"})
    checkout.commit()
    for folder, ending in ((checkout.folder, "exit 0"), (checkout.folder / "judge", "exit 2")):
        program = folder / ".venv" / "bin"
        program.unlink(missing_ok=True)
        program.mkdir(parents=True)
        (program / "holdfast").write_text(f"#!/bin/bash\ncat asv.conf.json >seen\n{ending}\n")
        (program / "holdfast").chmod(0o755)
    ran, _ = run(checkout, tmp_path, "judge/.ci/pull-request", "base")
    assert ran.returncode == 2, ran.stderr
    assert (checkout.folder / "seen").read_text() == config


def test_a_wrong_call_of_the_real_gate_is_red(checkout, tmp_path):
    ran, _ = run(checkout, tmp_path, ".ci/pull-request", "main")  # the base is the change
    assert ran.returncode == 2 and "are the same commit" in ran.stderr


def test_a_suite_that_cannot_be_measured_is_red(checkout, tmp_path):
    checkout.git("branch", "base")
    checkout.commit()
    ran, summary = run(checkout, tmp_path, ".ci/pull-request", "base")
    assert ran.returncode in (2, 3), ran.stderr
    assert "Could not judge" in summary


def test_a_night_without_news_measures_nothing_and_its_results_are_none(checkout, tmp_path):
    head = checkout.git("rev-parse", "HEAD")
    measured = tmp_path / "measured" / "m1"
    measured.mkdir(parents=True)
    (measured / f"{head[:8]}-env.json").write_text("{}")
    ran, _ = run(checkout, tmp_path, ".ci/keep-results", str(measured.parent))
    assert ran.returncode == 0, ran.stderr
    assert (
        checkout.git("show", "--name-only", "--format=", "HEAD")
        == f"results/m1/{head[:8]}-env.json"
    )
    ran, _ = run(checkout, tmp_path, ".ci/history", "quick")  # that commit is no news
    assert ran.returncode == 0, ran.stderr
    assert f"nothing new since {head[:8]}" in ran.stderr
    assert checkout.git("status", "--porcelain") == ""


def test_what_is_kept_of_a_night_is_asv_s_files_alone(checkout, tmp_path):
    head, measured = checkout.git("rev-parse", "HEAD"), tmp_path / "measured"
    (measured / "m1" / "deep").mkdir(parents=True)
    (measured / "-m").mkdir()
    for name in (
        "evil.sh",
        "peers.json",
        "m1/run.py",
        "m1/deep/a.json",
        "-m/a.json",
        "m1/.git.json",
    ):
        (measured / name).write_text("{}")
    (measured / "m1" / "link.json").symlink_to("/etc/passwd")
    ran, _ = run(checkout, tmp_path, ".ci/keep-results", str(measured))
    assert ran.returncode == 0, ran.stderr
    assert checkout.git("rev-parse", "HEAD") == head
    assert checkout.git("status", "--porcelain") == ""
    (measured / "benchmarks.json").write_text("{}")
    run(checkout, tmp_path, ".ci/keep-results", str(measured))
    assert checkout.git("show", "--name-only", "--format=", "HEAD") == "results/benchmarks.json"


def test_a_merge_that_was_measured_is_no_news(checkout, tmp_path):
    checkout.git("switch", "--quiet", "--create", "topic")
    checkout.write(code="new")
    checkout.commit()
    checkout.git("switch", "--quiet", "main")
    checkout.write(**{"results/m1/machine.json": "{}"})
    checkout.commit("Keep what was measured")
    checkout.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    merge = checkout.git("rev-parse", "HEAD")[:8]
    checkout.write(**{f"results/m1/{merge}-env.json": "{}"})
    ran, _ = run(checkout, tmp_path, ".ci/history", "quick")
    assert ran.returncode == 0, ran.stderr
    assert f"nothing new since {merge}" in ran.stderr


def test_a_release_is_refused_for_uncommitted_code_but_not_for_results(checkout, tmp_path):
    checkout.write(**{"pyproject.toml": 'version = "1.2"\n', "CHANGELOG.md": "## 1.2\n"})
    checkout.commit()
    checkout.write(**{"results/m1/machine.json": "{}"})
    ran, _ = run(checkout, tmp_path, ".ci/release-check", "m1")
    assert "No rule to make target 'lint'" in ran.stderr  # the first thing after the refusals
    checkout.write(code="new")
    ran, _ = run(checkout, tmp_path, ".ci/release-check", "m1")
    assert ran.returncode == 2 and "there are uncommitted changes" in ran.stderr
