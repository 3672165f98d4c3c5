"""What a maintainer relies on: hooks equal to lint, a release that matches its tag."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from holdfast.gate.trust.laboratory import Repository

ROOT = Path(__file__).parents[1]


def lint_commands():
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]


def test_the_hooks_are_the_commands_of_make_lint():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == lint_commands()
    for hook in repository["hooks"]:
        assert hook["language"] == "system" and hook["always_run"] and not hook["pass_filenames"]


@pytest.mark.parametrize(
    ("tag", "changes", "code"), [("v1.2", "## 1.2\n", 0), ("v1.3", "## 1.2\n", 2), ("v1.2", "", 2)]
)
def test_a_tag_is_the_version_and_has_its_changes(tmp_path, tag, changes, code):
    made = Repository(tmp_path / "project")
    made.write(**{
        ".ci/tag-matches": (ROOT / ".ci" / "tag-matches").read_text(),
        "pyproject.toml": 'version = "1.2"\n',
        "CHANGELOG.md": f"# Changelog\n\n{changes}",
    })  # fmt: skip
    ran = subprocess.run(
        ["bash", ".ci/tag-matches", tag], cwd=made.folder, capture_output=True, text=True
    )
    assert ran.returncode == code and bool(ran.stderr) == bool(code)


def test_the_job_that_publishes_runs_nothing_of_the_repository():
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    publish = release["jobs"]["publish"]
    assert publish["environment"]["name"] == "pypi"
    assert not any("run" in step or "checkout" in step["uses"] for step in publish["steps"])
    assert "id-token" not in release["jobs"]["build"]["permissions"]


def test_the_badges_claim_what_is_tested():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    tested = jobs["test"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    stated = [one.rpartition(" ")[2] for one in project["classifiers"] if ":: 3." in one]
    readme = (ROOT / "README.md").read_text()
    assert f"/badge/python-{'_|_'.join(tested)}-" in readme and tested == stated
    assert f"/badge/licence-{project['license'].replace('-', '--')}-" in readme


def test_the_readme_is_one_page():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 150 and len(text.encode()) <= 8_000


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml")))
def test_an_issue_form_is_one_that_github_takes(path):
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= form.keys()
    kinds = {"textarea", "input", "checkboxes", "markdown", "dropdown"}
    assert all(item["type"] in kinds and item["attributes"]["label"] for item in form["body"])
    names = [item["id"] for item in form["body"]]
    assert len(set(names)) == len(names)
