"""Keep one comment on a pull request that says what its benchmark run found.

Runs in a workflow that may write comments, on the main branch's code. What the pull request's
own run left is the work of a stranger: only its report is taken, of limited size, and read by
``holdfast``, which trusts nothing in it. Everything is asked of GitHub through its ``gh`` command.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.show.json_report import read_report
from holdfast.gate.show.markdown import to_markdown

MARK = "<!-- holdfast: benchmark -->"
BOT = "github-actions[bot]"
LARGEST_ARTIFACT = 50_000_000
LARGEST_REPORT = 4_000_000


def main(run: Mapping[str, str]) -> str:
    """Write or renew the comment, and return what was done in one line."""
    number = pull_request(run)
    if number is None:
        return f"no open pull request has the head {run['HEAD_SHA'][:8]} any more: no comment"
    report = report_of(run)
    if report is None:
        return "the run left no report: nothing was judged, no comment"
    body = f"{MARK}\n{to_markdown(read_report(report))}"
    return post(run["REPOSITORY"], number, body)


def pull_request(run: Mapping[str, str]) -> int | None:
    """Return the open pull request whose head is the commit of the run, if there still is one."""
    head = f"head={run['HEAD_OWNER']}:{run['HEAD_BRANCH']}"
    # '--raw-field': a branch that is named '@file' must not become that file's content.
    options = ("--method", "GET", "--raw-field", "state=open", "--raw-field", head)
    found = json.loads(gh("api", f"repos/{run['REPOSITORY']}/pulls", *options))
    return next((one["number"] for one in found if one["head"]["sha"] == run["HEAD_SHA"]), None)


def report_of(run: Mapping[str, str]) -> str | None:
    """Return the report that the run left, or None; nothing is unpacked onto the disk."""
    actions = f"repos/{run['REPOSITORY']}/actions"
    listed = json.loads(gh("api", f"{actions}/runs/{run['RUN_ID']}/artifacts"))["artifacts"]
    artifact = next((one for one in listed if one["name"] == "benchmark"), None)
    if artifact is None:
        return None
    if artifact["size_in_bytes"] > LARGEST_ARTIFACT:
        raise UsageError(f"the artifact has {artifact['size_in_bytes']:,} bytes; it is not read")
    packed = gh("api", f"{actions}/artifacts/{artifact['id']}/zip")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            report = files.open("pull-request/report.json").read(LARGEST_REPORT + 1)
    except KeyError:
        return None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
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


def gh(*arguments: str, given: str = "") -> bytes:
    """Return what GitHub's command prints."""
    done = subprocess.run(["gh", *arguments], input=given.encode(), capture_output=True)
    if done.returncode != 0:
        raise UsageError(f"gh {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


if __name__ == "__main__":
    try:
        sys.stdout.write(main(os.environ) + "\n")
    except UsageError as error:
        sys.exit(f"sticky_comment: {error}")
