"""Keep one issue for each guilty commit: opened, renewed, and closed when it has recovered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tools.github import gh
from tools.nights.text import Issue, find_commit

LABEL = "performance"
_BOT = "github-actions[bot]"
_RECOVERED = "Everything in it has recovered."


def post(repository: str, issues: Sequence[Issue]) -> list[str]:
    """Open, renew and close issues, and return what was done.

    Parameters
    ----------
    repository
        ``owner/name``.
    issues
        What is guilty now. An open issue of a commit that is not among them is closed.
    """
    address = f"repos/{repository}/issues"
    listing = f"{address}?state=open&labels={LABEL}&per_page=100"
    pages = json.loads(gh("api", "--paginate", "--slurp", listing))
    known = {}
    for one in (one for page in pages for one in page if one["user"]["login"] == _BOT):
        if commit := find_commit(str(one["body"])):
            known[commit] = one
    done = [_keep(address, issue, known.get(issue.commit)) for issue in issues]
    guilty = {issue.commit for issue in issues}
    for commit, one in known.items():
        if commit not in guilty:
            there = f"{address}/{one['number']}"
            _send("POST", f"{there}/comments", {"body": _RECOVERED})
            _send("PATCH", there, {"state": "closed"})
            done.append(f"closed the issue {one['number']}: {commit[:8]} has recovered")
    return done


def _keep(address: str, issue: Issue, known: Any) -> str:
    document = {"title": issue.title, "body": issue.body}
    if known is None:
        _send("POST", address, {**document, "labels": [LABEL]})
        return f"opened an issue: {issue.title}"
    if (known["title"], known["body"]) == (issue.title, issue.body):
        return f"left the issue {known['number']} as it is"
    _send("PATCH", f"{address}/{known['number']}", document)
    return f"renewed the issue {known['number']}: {issue.title}"


def _send(method: str, address: str, document: object) -> None:
    gh("api", "--method", method, address, "--input", "-", given=json.dumps(document))
