"""Write a report in the forms that were asked for, and turn its verdict into an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from holdfast.atomic import write_text
from holdfast.gate.asv.project import Project
from holdfast.gate.cli import options
from holdfast.gate.core.report import Report, combine
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.html import to_html
from holdfast.gate.show.json_report import to_json
from holdfast.gate.show.junit import to_junit
from holdfast.gate.show.markdown import to_markdown
from holdfast.gate.show.terminal import to_terminal
from holdfast.gate.why.blame import Blame

_FAIL_ON = ("fail", "undecided", "warn")
_BAD = (Verdict.FAIL, Verdict.UNDECIDED, Verdict.WARN)
NOTES = """
verdicts, per benchmark and parameter set:
  fail, warn        more than 20 %, more than 5 % slower (or larger); the limits are
                    set per benchmark in policy.toml, or [tool.holdfast] in pyproject.toml
  not sure          changed, but the samples do not prove it; where it may exceed the
                    limit of fail, the whole is undecided
  newly failing     counts as fail
  removed, newly skipped, not comparable   count as warn, or as fail of a strict policy
  (in brackets)     a known regression that the policy waives for a while
"""
EXITS = "0 pass or warn    1 fail    2 wrong usage    3 undecided, or nothing was measured"


class Judged(NamedTuple):
    """What was found in one environment."""

    report: Report
    blames: Sequence[Blame] = ()


def write_report(args: argparse.Namespace, report: Report, blames: Sequence[Blame] = ()) -> int:
    """Write the report of one environment, and return the exit code."""
    return write_reports(args, [Judged(report, blames)])


def write_reports(
    args: argparse.Namespace, found: Sequence[Judged], project: Project | None = None
) -> int:
    """Write one report of all environments in the forms asked for, and return the exit code."""
    report = combine([one.report for one in found])
    report = replace(report, options=options.repeat_options(args))
    if args.markdown:
        write_text(args.markdown, to_markdown(report))
    if args.junit:
        write_text(args.junit, to_junit(report))
    if args.html:
        pages = {blame.benchmark: blame for one in found for blame in one.blames}
        write_text(args.html, to_html(report, pages, _describe(report, project)))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.write(to_json(report) if args.json else to_terminal(report, colour=colour))
    sys.stdout.flush()
    return find_exit_code(report.verdict, args.fail_on)


def _describe(report: Report, project: Project | None) -> list[str]:
    """Return the project, and of both commits the date and the subject, as far as git knows."""
    if project is None:
        return []
    name = str(project.settings.get("project") or project.config.parent.name)
    lines = [f"{name}, {report.base[:8]} to {report.head[:8]}"]
    for word, commit in (("before", report.base), ("after", report.head)):
        form = ("show", "--no-patch", "--format=%h, %cs: %s", "--abbrev=8", "--end-of-options")
        if told := project.git(*form, commit):
            lines.append(f"{word}: {told.strip()}")
    return lines


def find_exit_code(verdict: Verdict, fail_on: str) -> int:
    """Return 1 for what ``fail_on`` calls bad, else 3 for an undecided report, else 0."""
    bad = _BAD[: _FAIL_ON.index(fail_on) + 1]
    if verdict in bad:
        return 1
    return 3 if verdict is Verdict.UNDECIDED else 0
