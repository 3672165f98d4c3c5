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
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate import calibrate, history, measure, pages, piped, report, revisions
from holdfast.gate.judgement import Report, judge
from holdfast.gate.policy import Policy, parse_policy
from holdfast.gate.project import Project, find_project
from holdfast.gate.results import label, list_tree
from holdfast.gate.verdict import Verdict

_Options = dict[str, dict[str, Any]]
_TOOL = "tool.holdfast."
_VERDICTS = """
verdicts, per benchmark and parameter set:
  fail, warn        more than 20 %, more than 5 % slower (or larger); the limits are
                    set per benchmark in policy.toml, or [tool.holdfast] in pyproject.toml
  not sure          changed, but the samples do not prove it
  newly failing, removed   count as fail, as warn
  (in brackets)     a known regression that the policy waives for a while

exit code:
  0 pass or warn    1 fail    2 wrong usage    3 nothing was measured
"""
_GATE = """
Judge two commits by results that asv has stored. Measures nothing.

  holdfast gate HEAD~1                       HEAD~1 against HEAD
  asv compare main HEAD | holdfast gate -    judge asv's printed table (coarse)

Earlier results of the same machine show how noisy each benchmark is: a change must
exceed four of its median deviations as well.
"""
_CHECK = """
Measure two commits with asv, each in its own environment, and judge the difference.

Without arguments: what this branch changed, or HEAD~1 against HEAD. Every benchmark
runs in several processes, base and head in turn; what looks slower is measured again,
and judged on the new samples alone. asv keeps all results.
"""
_CALIBRATE = """
Show how far this machine's verdicts can be trusted: check HEAD against an equal commit
(false alarms, and the noise of each benchmark), or with --plant a small package with
that much extra work (how often it is seen). Results of the project stay as they are.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gate's commands to the command line's parser."""
    for name, (run, help_, text, groups) in _COMMANDS.items():
        parser = commands.add_parser(
            name, help=help_, description=text, epilog=_VERDICTS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        parser.set_defaults(run=run)
        for option, settings in (pair for group in groups for pair in group.items()):
            parser.add_argument(option, **settings)


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
    """Measure, then judge; the last line says how long it took."""
    began = time.monotonic()
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
    code = _show(args, judged)
    sys.stdout.flush()
    _say(f"the check took {time.monotonic() - began:.0f} s")
    return code


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


def _show(args: argparse.Namespace, found: Report) -> int:
    files = (
        (args.markdown, pages.to_markdown),
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


def _say(text: str) -> None:
    sys.stderr.write(f"holdfast: {text}\n")
    sys.stderr.flush()


def _parsed(pattern: str, convert: Callable[[str], Any], what: str) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return convert(text if re.fullmatch(pattern, text) else "(")
        except (ValueError, re.error) as error:
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}") from error

    return parse


def _seconds(text: str) -> float:
    return float(text.rstrip("smh")) * {"m": 60, "h": 3600}.get(text[-1], 1)


_REGEX = _parsed(r"(?s).*", lambda text: re.compile(text).pattern, "regular expression")
_DURATION = _parsed(r"\d+(\.\d+)?[smh]?", _seconds, "time such as 90s, 10m or 1h")
_COUNT = _parsed(r"[1-9]\d*", int, "number of checks, 1 or more")
_PER_CENTS = _parsed(
    r"\d{1,4}(,\d{1,4})*",
    lambda text: [int(part) for part in text.split(",")],
    "list of per cents such as 10,30",
)
_HEAD: _Options = {"head": {"nargs": "?", "default": "HEAD", "help": "default: HEAD"}}
_BENCH: _Options = {
    "--bench": {
        "type": _REGEX, "action": "append", "metavar": "REGEX",
        "help": "measure what matches name(params), as with asv; repeatable "
                "(default: 'bench' in the policy, or everything)",
    },
}  # fmt: skip
_PROJECT: _Options = {
    "--config": {"type": Path, "metavar": "PATH", "help": "asv.conf.json (default: here)"},
    "--machine": {"metavar": "NAME", "help": "asv's machine name (default: this one)"},
    "--env": {"metavar": "NAME", "help": "asv's environment name, if there are several"},
    "--policy-from": {
        "metavar": "REV", "help": "read this commit's policy, which a change cannot loosen"
    },
}  # fmt: skip
_REPORT: _Options = {
    "--fail-on": {"choices": ("fail", "warn"), "default": "fail", "help": "what exits with 1"},
    "--json": {"action": "store_true", "help": "print one JSON document, no table"},
    "--markdown": {"type": Path, "metavar": "FILE", "help": "also write a pull-request comment"},
    "--html": {"type": Path, "metavar": "FILE", "help": "also write a page, samples drawn"},
    "--junit": {"type": Path, "metavar": "FILE", "help": "also write JUnit XML"},
}
_GATE_ONLY: _Options = {
    "base": {"help": "commit, tag or branch; '-' reads 'asv compare' from stdin"},
    **_HEAD,
    "--results": {"type": Path, "metavar": "DIR", "help": "asv's results folder"},
}
_CHECK_ONLY: _Options = {
    "base": {"nargs": "?", "help": "default: where HEAD left the main branch, or HEAD~1"},
    **_HEAD,
    "--budget": {
        "type": _DURATION, "default": math.inf, "metavar": "TIME",
        "help": "stop measuring again after 90s, 10m, 1h; what is left is 'not sure'",
    },
    "--allow-dirty": {
        "action": "store_true", "help": "go on, although uncommitted edits are not measured"
    },
}  # fmt: skip
_CALIBRATE_ONLY: _Options = {
    "--runs": {"type": _COUNT, "default": 5, "metavar": "N", "help": "checks (default: 5)"},
    "--plant": {
        "type": _PER_CENTS, "default": [], "metavar": "P,P", "help": "extra work, per cent"
    },
}  # fmt: skip
_COMMANDS: dict[str, tuple[Callable[..., int], str, str, tuple[_Options, ...]]] = {
    "check": (
        run_check, "measure two commits with asv and judge them", _CHECK,
        (_CHECK_ONLY, _BENCH, _PROJECT, _REPORT),
    ),
    "calibrate": (
        run_calibrate, "try the gate on this machine", _CALIBRATE,
        (_CALIBRATE_ONLY, _BENCH, _PROJECT),
    ),
    "gate": (
        run_gate, "judge two commits by stored asv results", _GATE, (_GATE_ONLY, _PROJECT, _REPORT)
    ),
}  # fmt: skip
