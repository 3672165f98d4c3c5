"""'holdfast gate', 'targets' and 'comment': judge what is stored, measure nothing."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate.asv.compare_text import judge_text
from holdfast.gate.asv.pairs import judge_measurement
from holdfast.gate.asv.past import read_past
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import Tree, list_tree
from holdfast.gate.asv.session import Measurement
from holdfast.gate.cli import options
from holdfast.gate.cli.output import EXITS, NOTES, Judged, write_report, write_reports
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Side, label
from holdfast.gate.core.report import Report, judge
from holdfast.gate.core.targets import check_targets, exit_code
from holdfast.gate.show import targets
from holdfast.gate.show.json_report import read_report
from holdfast.gate.show.markdown import to_annotations, to_markdown
from holdfast.gate.why.blame import compare_profiles
from holdfast.gate.why.explain import explain
from holdfast.usage import Commands, add_command


def add_to(parsers: Commands) -> None:
    """Add the commands to the parser of a command line."""
    _add_gate(parsers)
    _add_targets(parsers)
    _add_comment(parsers)


def _add_gate(parsers: Commands) -> None:
    parser = add_command(
        parsers,
        "gate",
        run_gate,
        parents=(options.project_options(), options.results_option(), options.report_options()),
        notes=NOTES,
        exits=EXITS,
        examples="""
        holdfast gate HEAD~1                       HEAD~1 against HEAD
        holdfast gate v1.0 main --machine server   as measured on another machine
        asv compare main HEAD | holdfast gate -    judge asv's printed table (coarse)
        """,
    )
    parser.add_argument("base", help="commit, tag or branch; '-' reads 'asv compare' from stdin")
    parser.add_argument("head", nargs="?", default="HEAD", help=options.HEAD)


def _add_targets(parsers: Commands) -> None:
    parser = add_command(
        parsers,
        "targets",
        run_targets,
        parents=(options.project_options(), options.results_option()),
        exits="0 all are met    1 one is missed    2 wrong usage    3 one was not measured",
        examples="""
        holdfast targets                  of HEAD, as measured on this machine
        holdfast targets v1.0 --machine server --json
        """,
    )
    parser.add_argument("commit", nargs="?", default="HEAD", help=options.HEAD)
    options.json_option(parser)


def _add_comment(parsers: Commands) -> None:
    parser = add_command(
        parsers,
        "comment",
        run_comment,
        exits="0 written    2 wrong usage, or the file is not such a report",
        examples="""
        holdfast comment report.json
        holdfast comment report.json --annotations     what GitHub shows beside the job
        """,
    )
    parser.add_argument("report", type=Path, help="the JSON file")
    parser.add_argument(
        "--annotations",
        action="store_true",
        help="print what makes GitHub mark the failed benchmarks instead",
    )


def run_gate(args: argparse.Namespace) -> int:
    """Judge two commits by results that asv has stored.

    Measures nothing. What 'holdfast check' has kept of the same two commits is judged as it was
    there.

    Earlier results of the same machine show how noisy each benchmark is: a change must
    exceed four of its median deviations as well.
    """
    printed = args.base == "-"
    project = options.load_project(args, required=not (args.results or printed))
    # The results of others are not judged by this project's policy.
    foreign = args.results and not (args.config or printed)
    policy = Policy() if foreign else options.read_policy(args, project)
    if printed:
        return write_report(args, judge_text(sys.stdin.read(), policy))
    if not args.results and (kept := options.find_checks(args, project)):
        judged = [_judge_kept(taken, project, policy) for taken in kept]
        return write_reports(args, judged, project)
    tree = list_tree(args.results or project.folder("results_dir"))
    commits = [options.stored_commit(tree, project, name) for name in (args.base, args.head)]
    if commits[0] == commits[1]:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {commits[0]}")
    places = tree.list_places(*commits, machine=args.machine, envs=args.env)
    found = [_judge(tree, tree.read(place, *commits), project, policy) for place in places]
    return write_reports(args, found, project)


def _judge(tree: Tree, sides: Sequence[Side], project: Project, policy: Policy) -> Judged:
    """Judge two commits of one machine and environment."""
    (base, head), suite = sides, tree.suite()
    policy.require_matches(map(label, [*suite.all_keys(), *head.readings]))
    report = judge(base, head, suite, policy, read_past(base, suite, head))
    return _explain(report, sides, project, policy)


def _judge_kept(taken: Measurement, project: Project, policy: Policy) -> Judged:
    """Judge what a check has kept, as it was judged there."""
    policy.require_matches(map(label, taken.suite.all_keys()))
    report = judge_measurement(taken, policy)
    return _explain(report, (taken.base, taken.head), project, policy)


def _explain(report: Report, sides: Sequence[Side], project: Project, policy: Policy) -> Judged:
    """Add what stored profiles say."""
    failed = {row.key[0] for row in report.rows if row.fails}
    if not failed and not policy.function_limits:
        return Judged(report)
    # The limits are for all functions; without one, only a failure has to be explained.
    blames = compare_profiles([sides], project, None if policy.function_limits else failed)
    return Judged(explain(report, blames, policy), blames)


def run_targets(args: argparse.Namespace) -> int:
    """Hold a commit's stored results against the [[target]] tables of the policy.

    They say what a layer must save, what a number must stay below. Measures nothing.
    """
    project = options.load_project(args)
    policy = options.read_policy(args, project)
    if not policy.targets:
        raise UsageError("the policy has no [[target]]; name some in policy.toml")
    tree = list_tree(args.results or project.folder("results_dir"))
    commit = options.stored_commit(tree, project, args.commit)
    (side,) = tree.sides(
        commit, machine=args.machine, env=options.one_environment(args), here=platform.node()
    )
    outcomes = check_targets(policy.targets, side, tree.suite())
    render = targets.to_json if args.json else targets.to_text
    sys.stdout.write(render(outcomes, side))
    return exit_code(outcomes)


def run_comment(args: argparse.Namespace) -> int:
    """Write a pull-request comment from a stored report.

    The report is what 'check --json' or 'gate --json' printed. Nothing in it is trusted.
    """
    try:
        report = read_report(args.report.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{args.report} cannot be read: {error}") from error
    sys.stdout.write((to_annotations if args.annotations else to_markdown)(report))
    return 0
