"""The gate's commands: their options, and what they print."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate import calibrate, history, measure, pages, piped, report, targets
from holdfast.gate.blame import compare_profiles
from holdfast.gate.judgement import Report, explain, judge
from holdfast.gate.options import add_commands, plan_of, policy_of, say, stored_commit
from holdfast.gate.policy import Policy
from holdfast.gate.project import find_project
from holdfast.gate.results import label, list_tree
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


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gate's commands to the command line's parser."""
    commands = {
        "check": run_check, "calibrate": run_calibrate, "targets": run_targets, "gate": run_gate,
    }  # fmt: skip
    add_commands(parsers, commands, _EPILOG)


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
    found = judge(base, head, suite, policy, history.past(base, head))
    failed = {row.key[0] for row in found.rows if row.fails}
    if failed or policy.limits:
        # The limits are for all functions; without one, only a failure has to be explained.
        blames = compare_profiles([(base, head)], project, None if policy.limits else failed)
        found = explain(found, blames, policy)
    return _show(args, found)


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
    plan = plan_of(args, project)
    found = measure.measure(plan, base, head, say)
    failed = [row.key for row in found.rows if row.fails and row.unit == "seconds"]
    if args.profile and failed:
        blames = measure.take_profiles(plan, base, head, failed, say)
        found = explain(found, blames, plan.policy)
    code = _show(args, found)
    sys.stdout.flush()
    say(f"the check took {time.monotonic() - began:.0f} s")
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
            plan = replace(plan_of(args, laboratory.project), bench=())
        else:
            project = find_project(args.config)
            laboratory = calibrate.equal_code(project, folder)
            plan = replace(plan_of(args, project), project=laboratory.project)
        trials = calibrate.run_trials(laboratory, plan, args.runs, args.json, say)
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


def _show(args: argparse.Namespace, found: Report) -> int:
    for name, render in _FILES.items():
        if path := getattr(args, name):
            write_file(path, render(found))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = report.to_json(found) if args.json else report.to_terminal(found, colour=colour)
    sys.stdout.write(text)
    bad = {Verdict.FAIL, Verdict.WARN} if args.fail_on == "warn" else {Verdict.FAIL}
    return int(found.verdict in bad)
