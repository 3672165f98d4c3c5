"""The comment on a pull request, written through a stand-in for GitHub's own command."""

import contextlib
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gate.trees import BASE, HEAD
from holdfast.errors import UsageError
from tools.sticky_comment import unpack_report

ROOT = Path(__file__).parents[1]
TOPIC = "c" * 40
"""The head of the pull request; the run measured HEAD, its merge into BASE."""
REPORT = {
    "schema": 1, "verdict": "pass", "base": BASE, "head": HEAD, "machine": "m",
    "environment": "e", "coarse": False, "strict": False, "remarks": [],
    "options": [], "shift": None,
    "benchmarks": [{
        "name": "b.time_x", "params": [], "param_names": [], "verdict": "fail", "waived": False,
        "ratio": 1.5, "interval": None, "before": 1.0, "after": 1.5, "unit": "seconds",
        "owner": "", "note": "", "may_fail": False, "noise": None, "measured": [1.0, 1.5],
        "environment": "",
    }],
}  # fmt: skip
GH = f"""#!{sys.executable}
import json, sys
from pathlib import Path
here = Path(__file__).parent
call = sys.argv[1:]
given = sys.stdin.read()
with open(here / "calls", "a") as calls:
    calls.write(json.dumps([call, given]) + "\\n")
path = next(part for part in call if part.startswith("repos/"))
if "PATCH" not in call and "POST" not in call:
    answer = here / path.replace("/", "_")
    if not answer.exists():
        sys.exit("HTTP 404")
    sys.stdout.buffer.write(answer.read_bytes())
"""


class GitHub:
    """A folder with a ``gh`` that answers from files, and notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "gh").write_text(GH)
        (folder / "gh").chmod(stat.S_IRWXU)
        self.answers("pulls", [{"number": 7, "head": {"sha": TOPIC}, "labels": []}])
        self.answers("pulls/7/files", [[{"filename": "src/holdfast/run.py"}]])
        self.answers(f"commits/{HEAD}", {"sha": HEAD, "parents": [{"sha": BASE}, {"sha": TOPIC}]})
        self.answers("actions/runs/11/artifacts", {"artifacts": [
            {"name": "benchmark", "id": 5, "size_in_bytes": 1000},
        ]})  # fmt: skip
        self.leaves(json.dumps(REPORT))
        self.answers("issues/7/comments", [[]])

    def answers(self, path: str, document: object) -> None:
        self._file(path).write_text(json.dumps(document))

    def leaves(self, report: str | bytes, name: str = "pull-request/report.json") -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
            files.writestr(name, report)
        self._file("actions/artifacts/5/zip").write_bytes(packed.getvalue())

    def run(self, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "REPOSITORY": "o/r",
            "RUN_ID": "11", "HEAD_SHA": TOPIC, "HEAD_BRANCH": "@evil", "HEAD_OWNER": "someone",
            **more,
        }  # fmt: skip
        command = [sys.executable, "-m", "tools.sticky_comment"]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    @property
    def calls(self) -> list[tuple[list[str], str]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def body(self) -> str:
        ((_, given),) = self.written
        return str(json.loads(given)["body"])

    @property
    def written(self) -> list[tuple[list[str], str]]:
        """What was written of comments."""
        return [call for call in self._writes() if "check-runs" not in str(call[0])]

    @property
    def check(self) -> dict:
        ((_, given),) = (call for call in self._writes() if "check-runs" in str(call[0]))
        return json.loads(given)

    def _writes(self) -> list[tuple[list[str], str]]:
        return [call for call in self.calls if "--method" in call[0] and "GET" not in call[0]]

    def _file(self, path: str) -> Path:
        return self.folder / f"repos_o_r_{path.replace('/', '_')}"


@pytest.fixture
def github(tmp_path):
    return GitHub(tmp_path / "gh")


def test_a_first_comment_is_written(github):
    ran = github.run()
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("wrote a comment on pull request 7; check: failure, FAIL")
    ((call, given),) = github.written
    assert "POST" in call and "repos/o/r/issues/7/comments" in call
    body = json.loads(given)["body"]
    assert body.startswith("<!-- holdfast: benchmark -->\n### FAIL")  # whatever the document says
    assert "head=someone:@evil" in github.calls[0][0]


def test_later_ones_renew_it_and_only_it(github):
    mark = "<!-- holdfast: benchmark -->"
    someone, bot = {"login": "someone"}, {"login": "github-actions[bot]"}
    pages = [
        [{"id": 1, "user": someone, "body": f"{mark} mine"}],
        [{"id": 2, "user": bot, "body": "another workflow's"}],
        [{"id": 3, "user": bot, "body": mark}],
    ]
    github.answers("issues/7/comments", pages)
    assert github.run().stdout.startswith("renewed the comment on pull request 7;")
    ((call, _),) = github.written
    assert "PATCH" in call and "repos/o/r/issues/comments/3" in call


def test_a_pull_request_that_moved_on_gets_none(github):
    github.answers("pulls", [{"number": 7, "head": {"sha": BASE}}])
    ran = github.run()
    assert ran.returncode == 0 and "no open pull request" in ran.stdout
    assert not github.written


@pytest.mark.parametrize("name", ["pull-request/report.json", "results/x.json"])
def test_a_run_that_left_no_report_is_told_as_one(github, name):
    github.leaves("", name)
    github.answers("pulls", [
        {"number": 7, "head": {"sha": TOPIC}, "labels": [{"name": "benchmarks-unjudged"}]},
    ])  # fmt: skip
    assert github.run().returncode == 0
    body = github.body
    assert (
        "### Could not judge" in body and "the label `benchmarks-unjudged` lets it" in body.lower()
    )


def test_it_says_whose_run_it_is_and_that_the_judge_would_change(github):
    names = ["src/holdfast/gate/core/rules.py", "README.md", ".ci/`run`"]
    github.answers("pulls/7/files", [[{"filename": name}] for name in names])
    assert github.run().returncode == 0
    assert "[the pull request's own run](https://github.com/o/r/actions/runs/11)" in github.body
    assert "`src/holdfast/gate/core/rules.py`, `.ci/run`" in github.body
    assert "README.md" not in github.body


@pytest.mark.parametrize(
    ("commit", "message"),
    [
        (None, "is not a commit of the pull request"),
        ({"sha": HEAD, "parents": [{"sha": TOPIC}]}, "not of the merge of cccccccc"),
        ({"sha": HEAD, "parents": [{"sha": BASE}, {"sha": HEAD}]}, "not of the merge of"),
        ({"sha": HEAD, "parents": [{"sha": HEAD}, {"sha": TOPIC}]}, "not of the merge of"),
    ],
)
def test_a_report_of_other_commits_is_refused(github, commit, message):
    if commit is None:
        (github.folder / f"repos_o_r_commits_{HEAD}").unlink()
    else:
        github.answers(f"commits/{HEAD}", commit)
    ran = github.run()
    assert ran.returncode == 1 and message in ran.stderr and "Traceback" not in ran.stderr
    assert not github.written


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ("not json", "this is not a report"),
        (json.dumps({**REPORT, "base": "](https://evil)"}), "is not a commit"),
        (b"\xff\xfe", "this is not a report"),
        (b" " * 5_000_000, "larger than 4,000,000 bytes"),  # a few kilobytes when packed
    ],
)
def test_a_hostile_report_is_refused(github, report, message):
    github.leaves(report)
    ran = github.run()
    assert ran.returncode == 1 and message in ran.stderr and "Traceback" not in ran.stderr
    assert not github.written


@pytest.mark.parametrize("place", [0, 35, 60, -40, -20, -10])
def test_a_damaged_artifact_is_refused(place):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("pull-request/report.json", json.dumps(REPORT))
    raw = bytearray(packed.getvalue())
    assert unpack_report(bytes(raw)) == json.dumps(REPORT)
    for byte in range(256):
        raw[place] = byte
        with contextlib.suppress(UsageError):
            unpack_report(bytes(raw))


def test_a_hostile_artifact_is_refused(github):
    (github.folder / "repos_o_r_actions_artifacts_5_zip").write_bytes(b"no archive")
    ran = github.run()
    assert ran.returncode == 1 and "cannot be unpacked" in ran.stderr
    github.answers("actions/runs/11/artifacts", {"artifacts": [
        {"name": "benchmark", "id": 5, "size_in_bytes": 10**9},
    ]})  # fmt: skip
    ran = github.run()
    assert ran.returncode == 1 and "1,000,000,000 bytes" in ran.stderr
    assert not github.written


def test_the_check_says_what_the_comment_says(github):
    assert github.run(DASHBOARD="https://x.example/h/").returncode == 0
    check = github.check
    assert (check["name"], check["head_sha"], check["conclusion"]) == ("holdfast", TOPIC, "failure")
    assert check["output"]["title"] == "FAIL: 1 benchmark fails; b.time_x +50.0 %"
    assert check["output"]["summary"] == github.body
    assert f"### {check['output']['title']}" in github.body.replace("\\", "")
    assert "[compare commits](https://x.example/h/compare.html)" in github.body


@pytest.mark.parametrize(
    ("verdict", "label", "conclusion"),
    [
        ("pass", "", "success"),
        ("fail", "mine", "failure"),  # a label lets no regression pass
        (None, "", "failure"),
        (None, "mine", "neutral"),
    ],
)
def test_what_a_check_concludes(github, verdict, label, conclusion):
    (row,) = REPORT["benchmarks"]
    ratio = 1.5 if verdict == "fail" else 1.0
    row = {**row, "verdict": verdict, "ratio": ratio, "after": ratio, "measured": [1.0, ratio]}
    github.leaves(json.dumps({**REPORT, "benchmarks": [row]}) if verdict else "")
    labels = [{"name": label}]
    github.answers("pulls", [{"number": 7, "head": {"sha": TOPIC}, "labels": labels}])
    ran = github.run(UNJUDGED_LABEL="mine")
    assert ran.returncode == 0, ran.stderr
    assert github.check["conclusion"] == conclusion


def test_a_run_that_a_label_left_out_blocks_nothing(github):
    assert github.run(CONCLUSION="skipped").returncode == 0
    assert not github.written and github.check["conclusion"] == "neutral"
