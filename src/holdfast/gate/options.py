"""The gate's options, and what they ask for: a commit, a policy, a plan of what to measure."""

from __future__ import annotations

import argparse
import datetime
import inspect
import math
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from holdfast.gate.measure import Plan
from holdfast.gate.policy import Policy, parse_policy
from holdfast.gate.project import Project
from holdfast.gate.results import HASH, Tree

Commands = Mapping[str, Callable[[argparse.Namespace], int]]


def add_commands(
    parsers: argparse._SubParsersAction[argparse.ArgumentParser], commands: Commands, epilog: str
) -> None:
    """Add commands to the command line's parser, each with the options that name it."""
    for name, run in commands.items():
        # What a command does is said once, in its docstring.
        text = inspect.getdoc(run) or ""
        summary = text.partition(".")[0]
        parser = parsers.add_parser(
            name, help=summary[:1].lower() + summary[1:], description=text, epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        parser.set_defaults(run=run, bench=None, budget=math.inf)
        for takers, argument, meaning, settings in _OPTIONS:
            if name in takers.split():
                parser.add_argument(argument, help=meaning, **settings)


def stored_commit(tree: Tree, project: Project, name: str) -> str:
    """Return what asv calls a commit; in a repository, what is no hash is a name of git's."""
    named = not HASH.fullmatch(name) and project.git("rev-parse") is not None
    return tree.commit(name, project.commit(name) if named else project.find_commit(name))


def plan_of(args: argparse.Namespace, project: Project) -> Plan:
    """Return what is to be measured, where, and by which policy."""
    policy, machine = policy_of(args, project), args.machine or platform.node()
    bench = args.bench or policy.bench
    return Plan(project, policy, machine, bench, args.env, args.budget)


def policy_of(args: argparse.Namespace, project: Project) -> Policy:
    """Return the policy that the project states, now or in the commit of --policy-from."""
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


def say(text: str) -> None:
    """Print a line of progress."""
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
_EVERY = "check calibrate gate targets blame bisect history"
_FILE = {"type": Path, "metavar": "FILE"}
_OPTIONS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("gate", "base", "commit, tag or branch; '-' reads 'asv compare' from stdin", {}),
    ("check", "base", "default: where HEAD left the main branch, or HEAD~1", {"nargs": "?"}),
    ("check gate", "head", "default: HEAD", {"nargs": "?", "default": "HEAD"}),
    ("targets", "commit", "default: HEAD", {"nargs": "?", "default": "HEAD"}),
    ("blame", "base", "commit, tag or branch", {}),
    ("blame", "head", "commit, tag or branch", {}),
    ("bisect", "base", "GOOD: a commit in which it is fast", {"metavar": "good"}),
    ("bisect", "head", "BAD: a later one in which it is slow", {"metavar": "bad"}),
    ("blame bisect", "benchmark", "its name, with or without parameters, as in a report", {}),
    ("history", "benchmark", "its name, with or without parameters", {"nargs": "?"}),
    ("history", "--steps", "list the steps of all benchmarks, by commit", {"action": "store_true"}),
    ("history", "--plot", "also draw it, as .png or .svg (needs matplotlib)", _FILE),
    ("blame bisect history", "--param", "only the sets that have this parameter; repeatable",
     {"action": "append", "default": [], "metavar": "VALUE"}),
    ("gate targets blame history", "--results", "asv's results folder",
     {"type": Path, "metavar": "DIR"}),
    ("check calibrate", "--bench",
     "measure what matches name(params), as with asv; repeatable "
     "(default: 'bench' in the policy, or everything)",
     {"type": _regex, "action": "append", "metavar": "REGEX"}),
    ("check calibrate", "--budget",
     "stop measuring again after 90s, 10m, 1h; what is left is 'not sure'",
     {"type": _DURATION, "default": math.inf, "metavar": "TIME"}),
    ("check", "--allow-dirty", "go on, although uncommitted edits are not measured",
     {"action": "store_true"}),
    ("check", "--profile", "profile what failed in both commits, and say which functions grew",
     {"action": "store_true"}),
    ("calibrate", "--runs", "checks (default: 5)", {"type": _COUNT, "default": 5, "metavar": "N"}),
    ("calibrate", "--plant", "extra work to plant, per cent",
     {"type": _PER_CENTS, "default": [], "metavar": "P,P"}),
    ("calibrate", "--json",
     "keep each check in this file as soon as it is done, and go on from what it holds", _FILE),
    (_EVERY, "--config", "asv.conf.json (default: in this folder)",
     {"type": Path, "metavar": "PATH"}),
    (_EVERY, "--machine", "asv's machine name (default: this one)",
     {"metavar": "NAME"}),
    (_EVERY, "--env", "asv's environment name, if there are several",
     {"metavar": "NAME"}),
    (_EVERY, "--policy-from",
     "read the policy of this commit, so that a change cannot loosen it", {"metavar": "REV"}),
    ("check gate", "--fail-on", "what exits with 1",
     {"choices": ("fail", "warn"), "default": "fail"}),
    ("check gate targets blame", "--json", "print one JSON document instead of the table",
     {"action": "store_true"}),
    ("check gate", "--markdown", "also write a pull-request comment", _FILE),
    ("check gate", "--html", "also write a page with the samples drawn", _FILE),
    ("blame", "--html", "also write a page with a differential flame graph", _FILE),
    ("check gate", "--junit", "also write JUnit XML", _FILE),
)  # fmt: skip
