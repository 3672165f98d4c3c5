"""Write a report in the forms that were asked for, and turn its verdict into an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from holdfast.gate.core.report import Report
from holdfast.gate.core.text import write_file
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.html import to_html
from holdfast.gate.show.json_report import to_json
from holdfast.gate.show.junit import to_junit
from holdfast.gate.show.markdown import to_markdown
from holdfast.gate.show.terminal import to_terminal
from holdfast.gate.why.blame import Blame

EPILOG = """
verdicts, per benchmark and parameter set:
  fail, warn        more than 20 %, more than 5 % slower (or larger); the limits are
                    set per benchmark in policy.toml, or [tool.holdfast] in pyproject.toml
  not sure          changed, but the samples do not prove it
  newly failing, removed   count as fail, as warn
  (in brackets)     a known regression that the policy waives for a while

exit code:
  0 pass or warn    1 fail    2 wrong usage    3 nothing was measured
"""


def write_report(args: argparse.Namespace, report: Report, blames: Sequence[Blame] = ()) -> int:
    """Write the files that were asked for, print the report, and return the exit code."""
    if args.markdown:
        write_file(args.markdown, to_markdown(report))
    if args.junit:
        write_file(args.junit, to_junit(report))
    if args.html:
        write_file(args.html, to_html(report, {blame.benchmark: blame for blame in blames}))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.write(to_json(report) if args.json else to_terminal(report, colour=colour))
    sys.stdout.flush()
    bad = {Verdict.FAIL, Verdict.WARN} if args.fail_on == "warn" else {Verdict.FAIL}
    return int(report.verdict in bad)
