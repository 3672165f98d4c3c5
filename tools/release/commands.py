"""The commands of pull requests and releases: their options, and what they print."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import replace
from pathlib import Path

from holdfast.atomic import write_text
from holdfast.errors import NothingMeasured, UsageError
from holdfast.gate.asv.past import read_past
from holdfast.gate.asv.project import Project, find_project
from holdfast.gate.asv.results import Tree, list_tree
from holdfast.gate.cli.options import HEAD, read_policy, stored_commit
from holdfast.gate.core.readings import Side
from holdfast.gate.core.report import judge
from holdfast.gate.core.targets import check_targets
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.show.json_report import to_json
from holdfast.gate.show.terminal import to_terminal
from holdfast.usage import Commands, add_command
from tools.release import baseline

_EXITS = "0 all is well    1 a target is missed, or slower    2 wrong usage    3 not measured"
_EPILOG = """\
examples:
  holdfast baseline save --machine server
  holdfast baseline check

exit code:
  0 all is well    1 a target is missed, or slower    2 wrong usage    3 not measured
"""


def add_to(commands: Commands) -> None:
    """Add these commands to the command line's parser."""
    text = "Keep the figures of a release, and judge by them."
    group = commands.add_parser(
        "baseline", help=text[:1].lower() + text[1:-1], description=text, epilog=_EPILOG
    )
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    save = add_command(
        actions, "save", run_save, exits=_EXITS, examples="holdfast baseline save --machine server"
    )
    check = add_command(actions, "check", run_check, exits=_EXITS, examples="""
        holdfast baseline check
        holdfast baseline check main --json
        """)  # fmt: skip
    migrate = add_command(
        actions, "migrate", run_migrate, exits="0 printed    2 wrong usage, or another file",
        examples="holdfast baseline migrate old.json",
    )  # fmt: skip
    for parser in (save, check):
        parser.add_argument("commit", nargs="?", default="HEAD", help=HEAD)
        parser.add_argument(
            "--config", type=Path, metavar="FILE", help="asv.conf.json (default: in this folder)"
        )
        parser.add_argument("--env", metavar="NAME", help="asv's environment, if there are several")
        parser.add_argument("--policy-from", metavar="REV", help="read the policy of this commit")
    save.add_argument(
        "--machine", metavar="NAME", help="asv's machine name (default: this machine's)"
    )
    save.add_argument("--story", metavar="TEXT", help="what the release is about (default: the "
                      "commit's subject)")  # fmt: skip
    check.add_argument("--json", action="store_true", help="print one JSON document instead")
    migrate.add_argument("old", type=Path, help="the older file")


def run_save(args: argparse.Namespace) -> int:
    """Keep a commit's stored figures as the baseline of later ones.

    Measures nothing. While a target of the policy is missed, or not measured, the old file
    stays as it is. Exit code 1: one is missed, 3: something was not measured.
    """
    project = find_project(args.config)
    policy, tree = read_policy(args, project), list_tree(project.folder("results_dir"))
    side = _side(args, project, tree, args.machine)
    outcomes = check_targets(policy.targets, side, tree.suite())
    told = project.git("log", "-1", "--format=%H%n%cs%n%s", "--end-of-options", side.commit)
    commit, date, subject = (told or f"{side.commit}\n\n").split("\n", 2)
    about = {"commit": commit, "date": date, "story": args.story or subject}
    document = baseline.make(side, outcomes, about)
    path = tree.folder / baseline.FILE_NAME
    write_text(path, json.dumps(document, indent=2) + "\n")
    sys.stdout.write(f"{path}: {commit[:8]} on {side.machine}, all targets met\n")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Judge a commit's stored figures against the baseline.

    Measures nothing. The limits are those of 'holdfast gate': more than 5 % slower warns, more
    than 20 % fails. Exit code 1: something fails, 3: something was not measured.
    """
    project = find_project(args.config)
    policy, tree = read_policy(args, project), list_tree(project.folder("results_dir"))
    path = tree.folder / baseline.FILE_NAME
    if not path.exists():
        raise NothingMeasured(f"there is no {path}; 'holdfast baseline save' writes one")
    base = baseline.read(_text(path), str(path))
    head = _side(args, project, tree, None, here=base.machine)
    baseline.refuse_another(base, head)
    head = replace(head, readings=baseline.require(head, list(base.readings)))
    # What interpreter and imports need is no figure of the baseline: memory is judged as a whole.
    whole = replace(policy, memory_baseline="")
    suite = tree.suite()
    found = judge(base, head, suite, whole, read_past(head, suite))
    text = to_json(found) if args.json else to_terminal(found, colour=False)
    sys.stdout.write(text)
    return int(found.verdict is Verdict.FAIL)


def run_migrate(args: argparse.Namespace) -> int:
    """Print a baseline of the older layout in today's words.

    The key 'decimal_rust' becomes 'pure_python_optimized'; everything else stays as it is.
    """
    migrated = baseline.migrate(_text(args.old), str(args.old))
    sys.stdout.write(json.dumps(migrated, indent=2) + "\n")
    return 0


def _side(
    args: argparse.Namespace, project: Project, tree: Tree, machine: str | None, here: str = ""
) -> Side:
    commit = stored_commit(tree, project, args.commit)
    here = here or platform.node()
    (side,) = tree.sides(commit, machine=machine, env=args.env, here=here)
    return side


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
