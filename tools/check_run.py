"""The check on a pull request's commit, which a branch rule can require."""

from __future__ import annotations

import json
from collections.abc import Mapping

from holdfast.gate import Report, Verdict
from holdfast.gate.show.headline import format_headline
from tools.github import find_run_address, gh

NAME = "holdfast"
_LONGEST_TITLE = 250
_CONCLUSIONS = {
    Verdict.PASS: "success",
    Verdict.WARN: "success",
    Verdict.UNDECIDED: "failure",
    Verdict.FAIL: "failure",
}


def publish_check(
    run: Mapping[str, str], report: Report | None, summary: str, *, accepted: bool
) -> str:
    """Write the check, and return what it says in one line.

    Parameters
    ----------
    run
        REPOSITORY, RUN_ID, HEAD_SHA, and CONCLUSION of the run that measured.
    report
        What it left; None when it left nothing.
    summary
        Markdown.
    accepted
        Whether a maintainer's label lets what could not be judged pass. It never lets a
        regression pass: that is what a waiver in the policy is for.
    """
    conclusion, title = _conclude(run.get("CONCLUSION", ""), report, accepted)
    document = {
        "name": NAME,
        "head_sha": run["HEAD_SHA"],
        "status": "completed",
        "conclusion": conclusion,
        "details_url": find_run_address(run),
        "output": {"title": title[:_LONGEST_TITLE], "summary": summary},
    }
    address = f"repos/{run['REPOSITORY']}/check-runs"
    gh("api", "--method", "POST", address, "--input", "-", given=json.dumps(document))
    return f"check: {conclusion}, {title}"


def _conclude(ended: str, report: Report | None, accepted: bool) -> tuple[str, str]:
    """Return the check's conclusion and title; one that is not measured blocks nothing."""
    if ended == "skipped":
        return "neutral", "Not measured: a label asks for it, or against it"
    conclusion = "failure" if report is None else _CONCLUSIONS[report.verdict]
    title = "Could not judge" if report is None else format_headline(report)
    unjudged = report is None or report.verdict is Verdict.UNDECIDED
    return ("neutral" if unjudged and accepted else conclusion), title
