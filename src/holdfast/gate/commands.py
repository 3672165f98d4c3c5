"""The gate's commands: their options and what they print."""

from __future__ import annotations

import argparse
import datetime
import math
import os
import platform
import re
import sys
import tempfile
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate import (
    calibrate,
    history,
    markdown,
    measure,
    pages,
    piped,
    report,
    revisions,
    targets,
)
from holdfast.gate.judgement import Report, judge
from holdfast.gate.policy import Policy, parse_policy
from holdfast.gate.project import Project, find_project
from holdfast.gate.results import label, list_tree
from holdfast.gate.verdict import Verdict

_TOOL = "tool.holdfast."
_VERDICTS = """
verdicts, per benchmark and parameter set:
  fail, warn        more than 20 %, more than 5 % slower (or larger); the limits are
                    set per benchmark in policy.toml, or [tool.holdfast] in pyproject.toml
  improved          more than 5 % faster
  not sure          changed, but the samples do not prove it
  newly failing     ran at BASE, fails at HEAD: counts as fail
  removed           HEAD has no result of it: counts as warn
  not comparable    the benchmark itself, or the machine, is another one
  (in brackets)     a known regression that the policy waives for a while

exit code:
  0 pass or warn    1 fail    2 wrong usage    3 nothing was measured
"""
_GATE = """
Judge two commits by results that asv has stored. Measures nothing.

  holdfast gate HEAD~1               HEAD~1 against HEAD
  holdfast gate v1.0 main --json     one JSON document
  asv compare main HEAD | holdfast gate -
                                     judge asv's printed table (three digits: coarse)

Earlier results of the same machine show how noisy each benchmark is: a change must
exceed four of its median deviations as well.
"""
_CHECK = """
Measure two commits with asv, each in its own environment, and judge the difference.

Every benchmark runs in several processes, base and head in turn; what looks slower
is measured again, and judged on the new samples alone. asv keeps all results.

  holdfast check                     what this branch changed, or HEAD~1 against HEAD
  holdfast check main                main against HEAD
  holdfast check --bench time_sort   only benchmarks that match
"""
_CALIBRATE = """
Show how far this machine's verdicts can be trusted.

  holdfast calibrate                 check HEAD against an equal commit, five times:
                                     false alarms, and the noise of each benchmark
  holdfast calibrate --plant 10,30   check a small package with that much work planted
                                     (per cent): how often it is seen

Works in throw-away clones; results of the project stay as they are.
"""
_TARGETS = """\
Hold a commit's stored results against the [[target]] tables of the policy. Measures nothing.

  holdfast targets                   HEAD
  holdfast targets v1.0 --json       one JSON document

Exit code: 0 all met, 1 one is missed, 3 one was not measured.
"""
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gate's commands to the command line's parser."""
    check = _command(commands, "check", "measure two commits with asv and judge them", _CHECK)
    check.add_argument(
        "base", nargs="?", help="default: where HEAD left the main branch, or HEAD~1"
    )
    check.add_argument("head", nargs="?", default="HEAD", help="default: HEAD")
    add = check.add_argument_group("measuring").add_argument
    add("--bench", type=_regex, action="append", metavar="REGEX",
        help="measure what matches name(params), as with asv; repeatable "
             "(default: 'bench' in the policy, or everything)")  # fmt: skip
    add("--budget", type=_duration, default=math.inf, metavar="TIME",
        help="stop measuring again after 90s, 10m, 1h; what is left is 'not sure'")  # fmt: skip
    add("--allow-dirty", action="store_true",
        help="go on, although uncommitted edits are not measured")  # fmt: skip
    _add_common(check)
    _add_report(check)
    check.set_defaults(run=run_check)

    trial = _command(commands, "calibrate", "try the gate on this machine", _CALIBRATE)
    trial.add_argument("--runs", type=_count, default=5, metavar="N", help="checks (default: 5)")
    trial.add_argument(
        "--plant", type=_per_cents, default=[], metavar="P,P", help="extra work to plant, per cent"
    )
    trial.add_argument(
        "--bench", type=_regex, action="append", metavar="REGEX", help="as for 'check'"
    )
    _add_common(trial)
    trial.set_defaults(run=run_calibrate)

    wanted = _command(commands, "targets", "hold a commit's results against the targets", _TARGETS)
    wanted.add_argument("commit", nargs="?", default="HEAD", help="default: HEAD")
    wanted.add_argument("--json", action="store_true", help="print one JSON document instead")
    wanted.add_argument("--results", type=Path, metavar="DIR", help="asv's results folder")
    _add_common(wanted)
    wanted.set_defaults(run=run_targets)

    gate = _command(commands, "gate", "judge two commits by stored asv results", _GATE)
    gate.add_argument("base", help="commit, tag or branch; '-' reads 'asv compare' from stdin")
    gate.add_argument("head", nargs="?", default="HEAD", help="default: HEAD")
    gate.add_argument("--results", type=Path, metavar="DIR", help="asv's results folder")
    _add_common(gate)
    _add_report(gate)
    gate.set_defaults(run=run_gate)


def run_gate(args: argparse.Namespace) -> int:
    """Judge stored results."""
    project = _project_if_any(args)
    own = project is not None and (args.config or not args.results)
    policy = _policy(args, project) if project and (own or args.base == "-") else Policy()
    if args.base == "-":
        return _show(args, piped.judge_text(sys.stdin.read(), policy))
    tree = list_tree(args.results or find_project(args.config).folder("results_dir"))
    commits = [
        tree.commit(name, revisions.full_hash(project.repository, name) if project else None)
        for name in (args.base, args.head)
    ]
    if commits[0] == commits[1]:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {commits[0]}")
    base, head = tree.sides(*commits, machine=args.machine, env=args.env, here=platform.node())
    suite = tree.suite()
    policy.require_matches(label(key) for key in [*suite.all_keys(), *head.readings])
    return _show(args, judge(base, head, suite, policy, history.noise(base)))


def run_targets(args: argparse.Namespace) -> int:
    """Hold one commit's stored results against the policy's targets."""
    project = find_project(args.config)
    policy = _policy(args, project)
    if not policy.targets:
        raise UsageError("the policy has no [[target]]; name some in policy.toml")
    tree = list_tree(args.results or project.results)
    commit = tree.commit(args.commit, revisions.full_hash(project.repository, args.commit))
    machine = tree.machine(args.machine, this_machine(), commit)
    side = tree.side(machine, commit, tree.environment(args.env, machine, commit))
    units = {name: benchmark.unit for name, benchmark in tree.suite().items()}
    outcomes = targets.check_targets(policy.targets, side, units)
    shown = (
        targets.to_json(outcomes, side.commit, machine) if args.json else targets.to_text(outcomes)
    )
    sys.stdout.write(shown)
    return targets.exit_code(outcomes)


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
    policy = _policy(args, project)
    plan = measure.Plan(
        args.machine or platform.node(), args.bench or policy.bench, args.env, budget=args.budget
    )
    found = measure.measure(project, base, head, plan, policy, _say)
    judged = judge(found.base, found.head, found.suite, policy, remarks=found.remarks)
    return _show(args, judged)


def run_calibrate(args: argparse.Namespace) -> int:
    """Measure equal code, or planted work, and print how often the gate was right."""
    machine = args.machine or platform.node()
    with tempfile.TemporaryDirectory(prefix="holdfast-") as place:
        folder = Path(place).resolve()
        if args.plant:
            trials = calibrate.planted(args.plant, measure.Plan(machine), args.runs, folder, _say)
            sys.stdout.write(calibrate.detections(trials))
            return 0
        project = find_project(args.config)
        policy = _policy(args, project)
        plan = measure.Plan(machine, args.bench or policy.bench, args.env)
        trials = calibrate.same_code(project, plan, policy, args.runs, folder, _say)
    sys.stdout.write(calibrate.false_alarms(trials))
    return 0


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=help_, description=text, epilog=_VERDICTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _add_common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("project").add_argument
    add("--config", type=Path, metavar="PATH", help="asv.conf.json (default: in this folder)")
    add("--machine", metavar="NAME", help="asv's machine name (default: this one)")
    add("--env", metavar="NAME", help="asv's environment name, if there are several")
    add("--policy-from", metavar="REV",
        help="read the policy of this commit, so that a change cannot loosen it")  # fmt: skip


def _add_report(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("report").add_argument
    add("--fail-on", choices=("fail", "warn"), default="fail", help="what exits with 1")
    add("--json", action="store_true", help="print one JSON document instead of the table")
    add("--markdown", type=Path, metavar="FILE", help="also write a pull-request comment")
    add("--html", type=Path, metavar="FILE", help="also write a page with the samples drawn")
    add("--junit", type=Path, metavar="FILE", help="also write JUnit XML")


def _show(args: argparse.Namespace, found: Report) -> int:
    files = (
        (args.markdown, markdown.to_markdown),
        (args.html, pages.to_html),
        (args.junit, pages.to_junit),
    )
    for path, render in files:
        if path:
            report.write_file(path, render(found))
    colour = report.wants_colour(sys.stdout)
    text = report.to_json(found) if args.json else report.to_terminal(found, colour=colour)
    sys.stdout.write(text)
    bad = {Verdict.FAIL, Verdict.WARN} if args.fail_on == "warn" else {Verdict.FAIL}
    return int(found.verdict in bad)


def _project_if_any(args: argparse.Namespace) -> Project | None:
    try:
        return find_project(args.config)
    except UsageError:
        if (args.results or args.base == "-") and not args.config:
            return None
        raise


def _policy(args: argparse.Namespace, project: Project) -> Policy:
    today = datetime.date.today()
    places = (
        (project.folder("benchmark_dir") / "policy.toml", ""),
        (project.config.parent / "pyproject.toml", _TOOL),
    )
    for path, prefix in places:
        text = _text(args, project, path)
        if text and (not prefix or "tool.holdfast" in text):
            return parse_policy(text, os.path.relpath(path), today, prefix)
    return Policy()


def _text(args: argparse.Namespace, project: Project, path: Path) -> str | None:
    if args.policy_from:
        # Read where the author of a pull request cannot write: in the commit it is based on.
        commit = revisions.commit(project, args.policy_from)
        return revisions.file_at(project.repository, commit, path)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _refuse_uncommitted(project: Project) -> None:
    names = revisions.uncommitted(project)
    if names:
        listed = ", ".join(map(report.plain, names[:3])) + (", ..." if names[3:] else "")
        raise UsageError(
            f"uncommitted changes would not be measured ({listed}); "
            "commit or stash them, or go on with --allow-dirty"
        )


def _duration(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90s, 10m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from error
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of checks, 1 or more")
    return int(text)


def _per_cents(text: str) -> list[int]:
    if not re.fullmatch(r"\d{1,4}(,\d{1,4})*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of per cents such as 10,30")
    return [int(part) for part in text.split(",")]


def _say(text: str) -> None:
    sys.stderr.write(f"holdfast: {text}\n")
    sys.stderr.flush()
