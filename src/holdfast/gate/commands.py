"""The gate's commands: their options, and what they print."""

from __future__ import annotations

import argparse
import datetime
import inspect
import math
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate import calibrate, history, measure, pages, piped, report, targets
from holdfast.gate.judgement import Report, judge
from holdfast.gate.policy import Policy, parse_policy
from holdfast.gate.project import Project, find_project
from holdfast.gate.results import HASH, Tree, label, list_tree
from holdfast.gate.text import write_file
from holdfast.gate.verdict import Verdict

_EPILOG = """
verdicts, per benchmark and parameter set:
  fail, warn        more than 20 %, more than 5 % slower (or larger); the limits are
                    set per benchmark in policy.toml, or [tool.holdfast] in pyproject.toml
  not sure          changed, but the samples do not prove it
  newly failing, removed   count as fail, as warn
  (in brackets)     a known regression that the policy waives for a while

exit code:
  0 pass or warn    1 fail    2 wrong usage    3 nothing was measured
"""
_FILES = {"markdown": pages.to_markdown, "html": pages.to_html, "junit": pages.to_junit}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gate's commands to the command line's parser."""
    for name, run in _COMMANDS.items():
        # What a command does is said once, in its docstring.
        text = inspect.getdoc(run) or ""
        summary = text.partition(".")[0]
        parser = commands.add_parser(
            name, help=summary[:1].lower() + summary[1:], description=text, epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        parser.set_defaults(run=run)
        for takers, argument, meaning, settings in _ARGUMENTS:
            if name in takers.split():
                parser.add_argument(argument, help=meaning, **settings)


def run_gate(args: argparse.Namespace) -> int:
    """Judge two commits by results that asv has stored.

    Measures nothing.

      holdfast gate HEAD~1                       HEAD~1 against HEAD
      asv compare main HEAD | holdfast gate -    judge asv's printed table (coarse)

    Earlier results of the same machine show how noisy each benchmark is: a change must
    exceed four of its median deviations as well.
    """
    printed = args.base == "-"
    project = find_project(args.config, required=not (args.results or printed))
    # The results of others are not judged by this project's policy.
    foreign = args.results and not (args.config or printed)
    policy = Policy() if foreign else policy_of(args, project)
    if printed:
        return _show(args, piped.judge_text(sys.stdin.read(), policy))
    tree = list_tree(args.results or project.folder("results_dir"))
    commits = [stored_commit(tree, project, name) for name in (args.base, args.head)]
    if commits[0] == commits[1]:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {commits[0]}")
    base, head = tree.sides(*commits, machine=args.machine, env=args.env, here=platform.node())
    suite = tree.suite()
    policy.require_matches(map(label, [*suite.all_keys(), *head.readings]))
    return _show(args, judge(base, head, suite, policy, history.noise(base)))


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
    code = _show(args, measure.measure(_plan(args, project), base, head, _say))
    sys.stdout.flush()
    _say(f"the check took {time.monotonic() - began:.0f} s")
    return code


def run_calibrate(args: argparse.Namespace) -> int:
    """Show how far this machine's verdicts can be trusted.

    Checks HEAD against an equal commit (false alarms, and the noise of each benchmark), or
    with --plant a small package with that much extra work (how often it is seen). Results of
    the project stay as they are.
    """
    with tempfile.TemporaryDirectory(prefix="holdfast-") as place:
        folder = Path(place).resolve()
        if args.plant:
            laboratory = calibrate.planted_work(args.plant, folder)
            plan = replace(_plan(args, laboratory.project), bench=())
        else:
            project = find_project(args.config)
            laboratory = calibrate.equal_code(project, folder)
            plan = replace(_plan(args, project), project=laboratory.project)
        trials = calibrate.run_trials(laboratory, plan, args.runs, args.json, _say)
    show = calibrate.detections if args.plant else calibrate.false_alarms
    sys.stdout.write(show(trials))
    return 0


def run_targets(args: argparse.Namespace) -> int:
    """Hold a commit's stored results against the [[target]] tables of the policy.

    They say what a layer must save, what a number must stay below. Measures nothing. Exit
    code 1: one is missed, 3: one was not measured.
    """
    project = find_project(args.config)
    policy = policy_of(args, project)
    if not policy.targets:
        raise UsageError("the policy has no [[target]]; name some in policy.toml")
    tree = list_tree(args.results or project.folder("results_dir"))
    commit = stored_commit(tree, project, args.commit)
    (side,) = tree.sides(commit, machine=args.machine, env=args.env, here=platform.node())
    units = {name: benchmark.unit for name, benchmark in tree.suite().items()}
    outcomes = targets.check_targets(policy.targets, side, units)
    render = targets.to_json if args.json else targets.to_text
    sys.stdout.write(render(outcomes, side))
    return targets.exit_code(outcomes)


def stored_commit(tree: Tree, project: Project, name: str) -> str:
    """Return what asv calls a commit; in a repository, what is no hash is a name of git's."""
    named = not HASH.fullmatch(name) and project.git("rev-parse") is not None
    return tree.commit(name, project.commit(name) if named else project.find_commit(name))


def _plan(args: argparse.Namespace, project: Project) -> measure.Plan:
    policy, machine = policy_of(args, project), args.machine or platform.node()
    bench = args.bench or policy.bench
    return measure.Plan(project, policy, machine, bench, args.env, args.budget)


def policy_of(args: argparse.Namespace, project: Project) -> Policy:
    """Return what the project expects, as it is now or in the commit that --policy-from names."""
    places = {
        project.folder("benchmark_dir") / "policy.toml": "",
        project.config.parent / "pyproject.toml": "tool.holdfast.",
    }
    for path, prefix in places.items():
        # A pull request's author cannot write into the commit that it is based on.
        text = project.read(path, args.policy_from)
        if text and prefix.rstrip(".") in text:
            return parse_policy(text, os.path.relpath(path), datetime.date.today(), prefix)
    return Policy()


def _show(args: argparse.Namespace, found: Report) -> int:
    for name, render in _FILES.items():
        if path := getattr(args, name):
            write_file(path, render(found))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = report.to_json(found) if args.json else report.to_terminal(found, colour=colour)
    sys.stdout.write(text)
    bad = {Verdict.FAIL, Verdict.WARN} if args.fail_on == "warn" else {Verdict.FAIL}
    return int(found.verdict in bad)


def _say(text: str) -> None:
    sys.stderr.write(f"holdfast: {text}\n")
    sys.stderr.flush()


def _parsed(pattern: str, convert: Callable[[str], Any], what: str) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}")
        return convert(text)

    return parse


def _seconds(text: str) -> float:
    return float(text.rstrip("smh")) * {"m": 60, "h": 3600}.get(text[-1], 1)


def _regex(text: str) -> str:
    try:
        return re.compile(text).pattern
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from error


_DURATION = _parsed(r"\d+(\.\d+)?[smh]?", _seconds, "time such as 90s, 10m or 1h")
_COUNT = _parsed(r"[1-9]\d*", int, "number of checks, 1 or more")
_PER_CENTS = _parsed(
    r"\d{1,4}(,\d{1,4})*", lambda text: [int(part) for part in text.split(",")],
    "list of per cents such as 10,30",
)  # fmt: skip
_FILE = {"type": Path, "metavar": "FILE"}
_COMMANDS = {
    "check": run_check, "calibrate": run_calibrate, "targets": run_targets, "gate": run_gate
}  # fmt: skip
_ARGUMENTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("gate", "base", "commit, tag or branch; '-' reads 'asv compare' from stdin", {}),
    ("check", "base", "default: where HEAD left the main branch, or HEAD~1", {"nargs": "?"}),
    ("check gate", "head", "default: HEAD", {"nargs": "?", "default": "HEAD"}),
    ("targets", "commit", "default: HEAD", {"nargs": "?", "default": "HEAD"}),
    ("gate targets", "--results", "asv's results folder", {"type": Path, "metavar": "DIR"}),
    ("check calibrate", "--bench",
     "measure what matches name(params), as with asv; repeatable "
     "(default: 'bench' in the policy, or everything)",
     {"type": _regex, "action": "append", "metavar": "REGEX"}),
    ("check calibrate", "--budget",
     "stop measuring again after 90s, 10m, 1h; what is left is 'not sure'",
     {"type": _DURATION, "default": math.inf, "metavar": "TIME"}),
    ("check", "--allow-dirty", "go on, although uncommitted edits are not measured",
     {"action": "store_true"}),
    ("calibrate", "--runs", "checks (default: 5)", {"type": _COUNT, "default": 5, "metavar": "N"}),
    ("calibrate", "--plant", "extra work to plant, per cent",
     {"type": _PER_CENTS, "default": [], "metavar": "P,P"}),
    ("calibrate", "--json",
     "keep each check in this file as soon as it is done, and go on from what it holds", _FILE),
    ("check calibrate gate targets", "--config", "asv.conf.json (default: in this folder)",
     {"type": Path, "metavar": "PATH"}),
    ("check calibrate gate targets", "--machine", "asv's machine name (default: this one)",
     {"metavar": "NAME"}),
    ("check calibrate gate targets", "--env", "asv's environment name, if there are several",
     {"metavar": "NAME"}),
    ("check calibrate gate targets", "--policy-from",
     "read the policy of this commit, so that a change cannot loosen it", {"metavar": "REV"}),
    ("check gate", "--fail-on", "what exits with 1",
     {"choices": ("fail", "warn"), "default": "fail"}),
    ("check gate targets", "--json", "print one JSON document instead of the table",
     {"action": "store_true"}),
    ("check gate", "--markdown", "also write a pull-request comment", _FILE),
    ("check gate", "--html", "also write a page with the samples drawn", _FILE),
    ("check gate", "--junit", "also write JUnit XML", _FILE),
)  # fmt: skip
