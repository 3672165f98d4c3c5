"""The issue about one guilty commit, as text."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from holdfast.escapes import escape
from holdfast.gate import Row
from holdfast.gate.core.text import format_change, format_value
from holdfast.gate.show.markdown import escape_markdown
from tools.nights.guilty import Guilty

_MARK = "<!-- holdfast: night {} -->"
_FOUND = re.compile(r"^<!-- holdfast: night ([0-9a-f]{40}) -->")
_MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Commit:
    """What git knows of a commit."""

    date: str
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What GitHub is asked to keep."""

    commit: str
    title: str
    body: str


def write_issue(found: Guilty, commit: Commit) -> Issue:
    """Return the issue about a commit; the same facts give the same text."""
    worst = max(found.rows, key=lambda row: row.ratio or 0.0)
    owners = sorted({row.owner for row in found.rows if row.owner})
    more = f" and {len(found.rows) - 1} more" if found.rows[1:] else ""
    title = f"Slower since {found.head[:8]}: {_name(worst)} {_change(worst)}{more}"
    author, subject = map(escape_markdown, (commit.author, commit.subject))
    body = [
        _MARK.format(found.head),
        f"`{found.head[:8]}` of {commit.date} by {author}: {subject}",
        "",
        f"Owner: {', '.join(map(escape_markdown, owners)) or 'none is named in the policy'}.",
        "",
        "| verdict | change | between | before | after | benchmark |",
        "|---|--:|---|--:|--:|---|",
        *(_format_row(row) for row in found.rows[:_MOST_ROWS]),
    ]
    if len(found.rows) > _MOST_ROWS:
        body.append(f"\n... and {len(found.rows) - _MOST_ROWS} more.")
    packages = escape_markdown(found.packages) if found.packages else "the same in both"
    body += ["", f"Packages: {packages}.", "", "Which functions, and is it this commit?", ""]
    body += [f"    {command}" for command in list_commands(found, worst)]
    body += ["", "This issue is renewed each night, and closed when all of it has recovered."]
    return Issue(found.head, title[:250], "\n".join(body) + "\n")


def list_commands(found: Guilty, worst: Row) -> list[str]:
    """Return the commands that go on from here."""
    base, head, name = found.base[:8], found.head[:8], shlex.quote(escape(worst.label))
    return [f"holdfast {verb} {base} {head} {name}" for verb in ("blame", "bisect")]


def find_commit(body: str) -> str | None:
    """Return the commit that an issue is about; None for an issue of somebody else's."""
    found = _FOUND.match(body)
    return found[1] if found else None


def _format_row(row: Row) -> str:
    low_high = [format_change(end) for end in row.interval or ()]
    cells = (
        row.verdict, _change(row), " to ".join(low_high),
        format_value(row.before, row.unit), format_value(row.after, row.unit),
        escape_markdown(row.label),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _change(row: Row) -> str:
    return format_change(row.ratio) if row.ratio is not None else str(row.verdict)


def _name(row: Row) -> str:
    return escape(row.label)[:120]
