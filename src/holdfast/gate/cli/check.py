"""'holdfast check': measure two commits, and judge the difference."""

from __future__ import annotations

import argparse
import time

from holdfast.errors import UsageError
from holdfast.gate.asv.project import find_project
from holdfast.gate.asv.rounds import measure
from holdfast.gate.cli import options
from holdfast.gate.cli.output import EPILOG, write_report
from holdfast.gate.why.explain import explain
from holdfast.gate.why.take import take_profiles


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser of a command line."""
    parents = (options.project_options(), options.measure_options(), options.report_options())
    parser = options.add_command(parsers, "check", run_check, parents, EPILOG)
    parser.add_argument(
        "base", nargs="?", help="default: where HEAD left the main branch, or HEAD~1"
    )
    parser.add_argument("head", nargs="?", default="HEAD", help="default: HEAD")
    parser.add_argument(
        "--allow-dirty",
        action="store_true",
        help="go on, although uncommitted edits are not measured",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="profile what failed in both commits, and say which functions grew",
    )


def run_check(args: argparse.Namespace) -> int:
    """Measure two commits with asv, each in its own environment, and judge the difference.

    Without arguments: what this branch changed, or HEAD~1 against HEAD. Every benchmark
    runs in several processes, base and head in turn; what looks slower is measured again,
    and judged on the new samples alone. asv keeps all results.
    """
    began = time.monotonic()
    project = find_project(args.config)
    head = project.commit(args.head)
    base = project.commit(args.base) if args.base else project.default_base(head)
    if base == head:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {head[:8]}")
    if not args.allow_dirty:
        project.refuse_uncommitted()
    plan = options.make_plan(args, project)
    report, blames = measure(plan, base, head, options.print_progress), []
    failed = [row.key for row in report.rows if row.fails and row.unit == "seconds"]
    if args.profile and failed:
        blames = take_profiles(plan, base, head, failed, options.print_progress)
        report = explain(report, blames, plan.policy)
    code = write_report(args, report, blames)
    options.print_progress(f"the check took {time.monotonic() - began:.0f} s")
    return code
