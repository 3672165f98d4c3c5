"""Keep one comment on a pull request that says what its benchmark run found, and one check.

Runs in a workflow that may write comments, on the main branch's code. What the pull request's
own run left is the work of a stranger: only its report is taken, of limited size, and read by
``holdfast``, which trusts nothing in it. Everything is asked of GitHub through its ``gh`` command.
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from holdfast.errors import UsageError
from holdfast.escapes import escape
from holdfast.gate import Report, read_report
from holdfast.gate.show.markdown import to_markdown
from tools.check_run import publish_check
from tools.github import find_run_address, gh

MARK = "<!-- holdfast: benchmark -->"
BOT = "github-actions[bot]"
LABEL = "benchmarks-unjudged"
JUDGING = (
    ".ci/",
    ".github/",
    "Makefile",
    "asv.conf.json",
    "benchmarks/policy.toml",
    "src/holdfast/gate/",
)
"""What of this repository measures and judges a pull request; its base's is used."""
_OF_ZIPFILE = (ValueError, RuntimeError, OSError, EOFError)
"""What zipfile raises of a damaged archive, beside its own errors."""
LARGEST_ARTIFACT = 50_000_000
LARGEST_REPORT = 4_000_000
NO_REPORT = "### Could not judge\n\nThe run left no report; its log says why.\n"


def main(run: Mapping[str, str]) -> str:
    """Write or renew the comment and the check, and return what was done."""
    pull = find_pull_request(run)
    if pull is None:
        return f"no open pull request has the head {run['HEAD_SHA'][:8]} any more: no comment"
    if run.get("CONCLUSION") == "skipped":
        return publish_check(run, None, "No benchmark was run.", accepted=False)
    text = download_report(run)
    report = None if text is None else read_report(text)
    if report is not None:
        require_own_commits(report, run)
    said = to_markdown(report) if report else NO_REPORT
    accepted = any(label["name"] == label_of(run) for label in pull.get("labels", ()))
    body = f"{MARK}\n{said}\n{describe_run(run, pull, accepted)}\n"
    posted = post(run["REPOSITORY"], pull["number"], body)
    return f"{posted}; {publish_check(run, report, body, accepted=accepted)}"


def label_of(run: Mapping[str, str]) -> str:
    """Return the label by which a maintainer lets what could not be judged pass."""
    return run.get("UNJUDGED_LABEL") or LABEL


def find_pull_request(run: Mapping[str, str]) -> Any:
    """Return the open pull request whose head is the commit of the run, if there still is one."""
    head = f"head={run['HEAD_OWNER']}:{run['HEAD_BRANCH']}"
    # '--raw-field': a branch that is named '@file' must not become that file's content.
    options = ("--method", "GET", "--raw-field", "state=open", "--raw-field", head)
    found = json.loads(gh("api", f"repos/{run['REPOSITORY']}/pulls", *options))
    return next((one for one in found if one["head"]["sha"] == run["HEAD_SHA"]), None)


def require_own_commits(report: Report, run: Mapping[str, str]) -> None:
    """Raise ``UsageError`` unless a report is of the merge that GitHub made of the pull request.

    A merge's first parent is where the pull request leaves its base, its second the head.
    """
    try:
        commit = json.loads(gh("api", f"repos/{run['REPOSITORY']}/commits/{report.head}"))
    except UsageError as error:
        raise UsageError(f"{report.head} is not a commit of the pull request: {error}") from error
    own = [commit["sha"], *(parent["sha"] for parent in commit["parents"])]
    if own != [report.head, report.base, run["HEAD_SHA"]]:
        raise UsageError(
            f"the report is of {report.base[:8]} and {report.head[:8]}, and not of the merge of "
            f"{run['HEAD_SHA'][:8]} into its base"
        )


def describe_run(run: Mapping[str, str], pull: Mapping[str, Any], accepted: bool) -> str:
    """Return whose run the comment reports, where the history is, and what a label changes."""
    pulls = f"repos/{run['REPOSITORY']}/pulls"
    files = json.loads(gh("api", "--paginate", "--slurp", f"{pulls}/{pull['number']}/files"))
    judging = [
        one["filename"] for page in files for one in page if one["filename"].startswith(JUDGING)
    ]
    address = find_run_address(run)
    lines = [
        f"Reported by [the pull request's own run]({address}) of {run['HEAD_SHA'][:8]}: its code "
        "ran there, and its figures are as trustworthy as that code."
    ]
    if dashboard := run.get("DASHBOARD", "").rstrip("/"):
        lines += [f"[The history]({dashboard}/) · [compare commits]({dashboard}/compare.html)"]
    if accepted:
        lines += [f"The label `{label_of(run)}` lets it pass when it could not be judged."]
    if judging:
        names = ", ".join(f"`{escape(name).replace('`', '')}`" for name in judging[:5])
        more = ", ..." if judging[5:] else ""
        lines += [f"It changes what judges the next ones; review with care: {names}{more}."]
    return "\n\n".join(lines)


def download_report(run: Mapping[str, str]) -> str | None:
    """Return the report that the run left, or None; nothing is unpacked onto the disk."""
    actions = f"repos/{run['REPOSITORY']}/actions"
    listed = json.loads(gh("api", f"{actions}/runs/{run['RUN_ID']}/artifacts"))["artifacts"]
    artifact = next((one for one in listed if one["name"] == "benchmark"), None)
    if artifact is None:
        return None
    if artifact["size_in_bytes"] > LARGEST_ARTIFACT:
        raise UsageError(f"the artifact has {artifact['size_in_bytes']:,} bytes; it is not read")
    return unpack_report(gh("api", f"{actions}/artifacts/{artifact['id']}/zip"))


def unpack_report(packed: bytes) -> str | None:
    """Return the report of a zip archive, or None where it holds none."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            report = files.open("pull-request/report.json").read(LARGEST_REPORT + 1)
    except KeyError:
        return None
    except (zipfile.BadZipFile, zlib.error, *_OF_ZIPFILE) as error:
        raise UsageError(f"the artifact cannot be unpacked: {error}") from error
    if len(report) > LARGEST_REPORT:
        raise UsageError(f"the report is larger than {LARGEST_REPORT:,} bytes; it is not read")
    return report.decode("utf-8", errors="replace") or None


def post(repository: str, number: int, body: str) -> str:
    """Write the comment, over the earlier one if there is one."""
    comments = f"repos/{repository}/issues/{number}/comments"
    pages = json.loads(gh("api", "--paginate", "--slurp", comments))
    ours = next((one for page in pages for one in page if is_ours(one)), None)
    there = f"repos/{repository}/issues/comments/{ours['id']}" if ours else comments
    method = "PATCH" if ours else "POST"
    gh("api", "--method", method, there, "--input", "-", given=json.dumps({"body": body}))
    return f"{'renewed the' if ours else 'wrote a'} comment on pull request {number}"


def is_ours(comment: Mapping[str, Any]) -> bool:
    """Say whether a comment is the one to renew: anybody could write the mark, one wrote both."""
    return comment["user"]["login"] == BOT and str(comment["body"]).startswith(MARK)


if __name__ == "__main__":
    try:
        sys.stdout.write(main(os.environ) + "\n")
    except UsageError as error:
        sys.exit(f"sticky_comment: {error}")
