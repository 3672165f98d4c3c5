"""'holdfast blame': which functions made a benchmark slower."""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import replace
from pathlib import Path

from holdfast.atomic import write_text
from holdfast.errors import NothingMeasured
from holdfast.gate.asv.lock import hold
from holdfast.gate.asv.preflight import preflight, update_mirror
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import list_tree
from holdfast.gate.cli import options
from holdfast.gate.cli.choice import choose_stored, refuse_equal, two_commits
from holdfast.gate.show import flame
from holdfast.gate.why import blame
from holdfast.gate.why.blame import Blame, compare_profiles
from holdfast.gate.why.take import take_profiles
from holdfast.usage import ANSWER_EXITS, Commands, add_command


def add_to(parsers: Commands) -> None:
    """Add the command to the parser of a command line."""
    parser = add_command(
        parsers,
        "blame",
        run_blame,
        parents=(options.project_options(), options.results_option()),
        exits=ANSWER_EXITS,
        examples="""
        holdfast blame HEAD~1 HEAD b.time_x
        holdfast blame v1.0 main "b.Read.time_rows('quick')" --html why.html
        """,
    )
    parser.add_argument("base", help="commit, tag or branch")
    parser.add_argument("head", help="commit, tag or branch")
    parser.add_argument("benchmark", help="its name, with or without parameters, as in a report")
    options.param_option(parser)
    options.json_option(parser)
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="also write a page with a differential flame graph",
    )


def run_blame(args: argparse.Namespace) -> int:
    """Show which functions made a benchmark slower between two commits.

    Compares the profiles that asv has stored of both ('asv run --profile'). Where there are
    none, three of each are taken in turn, and the least that each function took is compared.
    asv stores one profile per benchmark, of all the parameter sets that it ran: a set of your
    own choice is always profiled anew.

    Functions go by module and qualified name: a line that moved changes nothing.
    """
    project = options.load_project(args, required=not args.results)
    name = args.benchmark.partition("(")[0]
    chosen = bool(args.param) or name != args.benchmark
    blames = [] if chosen and not args.results else _read_blames(args, project, name)
    if not blames and args.results:
        raise NothingMeasured(
            f"{args.results} has no profiles of {name} for both commits; "
            f"take them with 'asv run --profile --bench {name}'"
        )
    if not blames:
        blames = _take(args)
    if not blames:
        raise NothingMeasured(f"{name} has no profile of both commits; asv's output says why")
    if args.html:
        write_text(args.html, flame.to_html(blames[0]))
    sys.stdout.write((blame.to_json if args.json else blame.to_text)(blames[0]))
    return 0


def _take(args: argparse.Namespace) -> list[Blame]:
    """Take profiles of both commits."""
    say = options.print_progress
    project, policy = options.load_measured(args)
    update_mirror(project, say)
    base, head = two_commits(args, project)
    preflight(project, head)
    plan = options.make_plan(args, project, policy)
    plan = replace(plan, environment=options.choose_environment(args, project))
    with hold(project, say):
        keys = choose_stored(args, plan, head)
        takes = take_profiles(plan, base, head, keys, say)
    return compare_profiles(takes, project, {name for name, _ in keys})


def _read_blames(args: argparse.Namespace, project: Project, name: str) -> list[Blame]:
    kept = [] if args.results else options.find_checks(args, project)
    for taken in kept[:1]:
        if found := compare_profiles([(taken.base, taken.head)], project, [name]):
            return found
    try:
        tree = list_tree(args.results or project.folder("results_dir"))
        commits = [
            options.stored_commit(tree, project, commit) for commit in (args.base, args.head)
        ]
        refuse_equal(args, *commits)
        sides = tree.sides(
            *commits, machine=args.machine, env=options.one_environment(args), here=platform.node()
        )
    except NothingMeasured:
        if args.results:
            raise
        return []
    return compare_profiles([sides], project, [name])
