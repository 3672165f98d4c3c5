"""The gate's commands: their options and what they print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate import measure, piped, report, revisions
from holdfast.gate.policy import Policy, read_policy
from holdfast.gate.project import Project, find_project, this_machine
from holdfast.gate.results import Suite, Tree, list_tree
from holdfast.gate.verdict import Report, Verdict, judge

_VERDICTS = """
verdicts, per benchmark and parameter set:
  fail, warn        more than 20 %, more than 5 % slower (or larger)
  improved          more than 5 % faster
  not sure          changed, but the samples do not prove it
  newly failing     ran at BASE, fails at HEAD: counts as fail
  removed           HEAD has no result of it: counts as warn
  not comparable    the benchmark itself, or the machine, is another one
exit code:
  0 pass or warn    1 fail    2 wrong usage    3 nothing was measured
"""
_GATE = """
Judge two commits by results that asv has stored. Measures nothing.

  holdfast gate HEAD~1               HEAD~1 against HEAD
  holdfast gate v1.0 main --json     one JSON document
  asv compare main HEAD | holdfast gate -
                                     judge asv's printed table (three digits: coarse)
"""
_CHECK = """
Measure two commits with asv, each in its own environment, and judge the difference.

Every benchmark runs in several processes, base and head in turn; what looks slower
is measured again, and judged on the new samples alone. asv keeps all results.

  holdfast check                     what this branch changed, or HEAD~1 against HEAD
  holdfast check main                main against HEAD
  holdfast check --bench time_sort   only benchmarks that match
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gate's commands to the command line's parser."""
    check = _command(commands, "check", "measure two commits with asv and judge them", _CHECK)
    check.add_argument(
        "base", nargs="?", help="default: where HEAD left the main branch, or HEAD~1"
    )
    check.add_argument("head", nargs="?", default="HEAD", help="default: HEAD")
    check.add_argument(
        "--bench", action="append", metavar="REGEX",
        help="measure what matches name(params), as with asv; repeatable "
        "(default: 'bench' in the suite's policy.toml, or everything)",
    )  # fmt: skip
    check.add_argument(
        "--allow-dirty",
        action="store_true",
        help="go on, although uncommitted edits are not measured",
    )
    _add_common(check)
    check.set_defaults(run=run_check)

    gate = _command(commands, "gate", "judge two commits by stored asv results", _GATE)
    gate.add_argument("base", help="commit, tag or branch; '-' reads 'asv compare' from stdin")
    gate.add_argument("head", nargs="?", default="HEAD", help="default: HEAD")
    gate.add_argument("--results", type=Path, metavar="DIR", help="asv's results folder")
    _add_common(gate)
    gate.set_defaults(run=run_gate)


def run_gate(args: argparse.Namespace) -> int:
    """Judge stored results."""
    if args.base == "-":
        policy = _policy(find_project(args.config)) if args.config else Policy()
        return _show(args, piped.judge_text(sys.stdin.read(), policy), Suite())
    project = _project_if_any(args)
    tree = list_tree(args.results or find_project(args.config).results)
    commits = [_stored_commit(tree, project, name) for name in (args.base, args.head)]
    if commits[0] == commits[1]:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {commits[0]}")
    machine = tree.machine(args.machine, this_machine(), *commits)
    environment = tree.environment(args.env, machine, *commits)
    base, head = (tree.side(machine, commit, environment) for commit in commits)
    suite = tree.suite()
    policy = _policy(project) if project else Policy()
    return _show(args, judge(base, head, suite, policy), suite)


def run_check(args: argparse.Namespace) -> int:
    """Measure, then judge."""
    project = find_project(args.config)
    head = revisions.commit(project, args.head)
    base = revisions.commit(project, args.base) if args.base else None
    base = base or revisions.default_base(project, head)
    if base == head:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {head[:8]}")
    if not args.allow_dirty:
        _refuse_uncommitted(project)
    policy = _policy(project)
    plan = measure.Plan(args.machine or this_machine(), args.bench or policy.bench, args.env)
    base_side, head_side, suite = measure.measure(project, base, head, plan, _say)
    return _show(args, judge(base_side, head_side, suite, policy), suite)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=help_, description=text, epilog=_VERDICTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="PATH", help="asv.conf.json (default: in this folder)"
    )
    parser.add_argument("--machine", metavar="NAME", help="asv's machine name (default: this one)")
    parser.add_argument(
        "--env", metavar="NAME", help="asv's environment name, if there are several"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="also write a pull-request comment"
    )


def _show(args: argparse.Namespace, found: Report, suite: Suite) -> int:
    if args.markdown:
        report.write_file(args.markdown, report.to_markdown(found))
    names = {name: benchmark.param_names for name, benchmark in suite.items()}
    colour = report.wants_colour(sys.stdout)
    text = report.to_json(found, names) if args.json else report.to_terminal(found, colour=colour)
    sys.stdout.write(text)
    return 1 if found.verdict is Verdict.FAIL else 0


def _project_if_any(args: argparse.Namespace) -> Project | None:
    try:
        return find_project(args.config)
    except UsageError:
        if args.results and not args.config:
            return None
        raise


def _stored_commit(tree: Tree, project: Project | None, name: str) -> str:
    return tree.commit(name, revisions.full_hash(project.repository, name) if project else None)


def _policy(project: Project) -> Policy:
    return read_policy(project.benchmarks / "policy.toml")


def _refuse_uncommitted(project: Project) -> None:
    names = revisions.uncommitted(project)
    if names:
        listed = ", ".join(report.plain(name) for name in names[:3]) + (
            ", ..." if names[3:] else ""
        )
        raise UsageError(
            f"uncommitted changes would not be measured ({listed}); "
            "commit or stash them, or go on with --allow-dirty"
        )


def _say(text: str) -> None:
    sys.stderr.write(f"holdfast: {text}\n")
    sys.stderr.flush()
