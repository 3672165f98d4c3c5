"""'holdfast check': measure two commits, and judge the difference."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from functools import partial

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.base import find_base
from holdfast.gate.asv.checks import write_measurement
from holdfast.gate.asv.edits import refuse_uncommitted
from holdfast.gate.asv.environments import list_environments
from holdfast.gate.asv.lock import hold
from holdfast.gate.asv.names import require_selection
from holdfast.gate.asv.options import read_options
from holdfast.gate.asv.pairs import judge_measurement, take
from holdfast.gate.asv.plan import Plan, Progress
from holdfast.gate.asv.preflight import preflight, update_mirror
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.session import Measurement
from holdfast.gate.cli import options
from holdfast.gate.cli.choice import refuse_equal
from holdfast.gate.cli.output import EXITS, NOTES, Judged, write_reports
from holdfast.gate.core.report import Report
from holdfast.gate.why.blame import compare_profiles
from holdfast.gate.why.explain import explain
from holdfast.gate.why.take import take_profiles
from holdfast.gate.why.witness import WITNESSES, ask_witnesses, require_witness
from holdfast.usage import add_command


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser of a command line."""
    parents = (options.project_options(), options.measure_options(), options.report_options())
    parser = add_command(
        parsers,
        "check",
        run_check,
        parents=parents,
        notes=NOTES,
        exits=EXITS,
        examples="""
        holdfast check                            what this branch changed
        holdfast check v1.0 main --budget 10m     two commits, in ten minutes
        holdfast check --bench '^io[.]' --profile --html report.html
        """,
    )
    parser.add_argument(
        "base",
        nargs="?",
        help="commit, tag or branch (default: where HEAD left the main branch, or HEAD~1)",
    )
    parser.add_argument("head", nargs="?", default="HEAD", help=options.HEAD)
    parser.add_argument(
        "--allow-dirty",
        action="store_true",
        help="go on, although uncommitted edits are not measured",
    )
    parser.add_argument(
        "--keep", action="store_true", help="add what is measured to asv's own results, too"
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="profile what failed in both commits, and say which functions grew",
    )
    parser.add_argument(
        "--witness",
        choices=WITNESSES,
        default=WITNESSES[0],
        help="what is counted of what may be slower, beside its CPU time: calls of functions, "
        "or with callgrind its instructions, too, under valgrind (default: %(default)s)",
    )


def run_check(args: argparse.Namespace) -> int:
    """Measure two commits with asv, each in its own environment, and judge the difference.

    Without arguments: what this branch changed, or HEAD~1 against HEAD. Every benchmark
    runs in a process of each, seconds apart, in two pairs; what may have changed gets more
    pairs, and is judged on the new ones alone. The measurement is kept in .holdfast, where
    'holdfast gate' finds it; --keep adds it to asv's results.
    """
    began = time.monotonic()
    say = options.print_progress
    require_witness(args.witness)
    project, policy = options.load_measured(args)
    update_mirror(project, say)
    base, head = _choose_commits(args, project)
    if not args.allow_dirty:
        refuse_uncommitted(project)
    plan = replace(options.make_plan(args, project, policy), keep=args.keep)
    require_selection(project.folder("benchmark_dir"), args.bench or ())
    preflight(project, head)
    environments = list_environments(project, args.env)
    read_options(plan.options)
    found, failures = [], []
    with hold(project, say):
        for number, environment in enumerate(environments, start=1):
            if environments[1:]:
                say(f"environment {number} of {len(environments)}: {environment.name}")
            try:
                one = replace(plan, environment=environment.name)
                found.append(_judge(args, one, base, head))
            except NothingMeasured as error:
                failures.append(error)
    # What could not be measured must not pass, whatever the others say.
    code = write_reports(args, found, project) if found else 0
    say(f"the check took {time.monotonic() - began:.0f} s")
    for failure in failures if code else failures[1:]:
        say(str(failure))
    if failures and not code:
        raise failures[0]
    return code


def _choose_commits(args: argparse.Namespace, project: Project) -> tuple[str, str]:
    """Return the full hashes of base and head; a base that was not given is explained."""
    head = project.commit(args.head)
    if args.base:
        base = project.commit(args.base)
        refuse_equal(args, base, head)
        return base, head
    # In a GitHub workflow for a pull request: the branch that it is to be merged into.
    chosen = find_base(project, head, os.environ.get("GITHUB_BASE_REF", ""))
    options.print_progress(f"base: {chosen.commit[:8]}, {chosen.why}")
    return chosen.commit, head


def measure_and_hear(
    plan: Plan, base: str, head: str, progress: Progress, witness: str = WITNESSES[0]
) -> tuple[Measurement, Report]:
    """Measure two commits, ask the witnesses of what may be slower, and judge."""
    ask = partial(ask_witnesses, witness, plan, progress)
    taken = take(plan, base, head, progress, witness=ask)
    return taken, judge_measurement(taken, plan.policy)


def _judge(args: argparse.Namespace, plan: Plan, base: str, head: str) -> Judged:
    say = options.print_progress
    taken, report = measure_and_hear(plan, base, head, say, args.witness)
    write_measurement(plan.project, taken)
    failed = [row.key for row in report.rows if row.fails and row.unit == "seconds"]
    if not (args.profile and failed):
        return Judged(report)
    takes = take_profiles(plan, base, head, failed, say)
    write_measurement(plan.project, taken.with_profiles(*takes[-1]))
    blames = compare_profiles(takes, plan.project)
    return Judged(explain(report, blames, plan.policy), blames)
