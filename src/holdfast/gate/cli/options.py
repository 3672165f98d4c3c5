"""Options that several commands share, as parent parsers, and what they ask for."""

from __future__ import annotations

import argparse
import datetime
import math
import os
import platform
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError
from holdfast.gate.asv.checks import load_measurements
from holdfast.gate.asv.config import check_key, parse_setting, select_pythons
from holdfast.gate.asv.environments import list_environments
from holdfast.gate.asv.plan import Plan
from holdfast.gate.asv.project import Project, find_project
from holdfast.gate.asv.results import HASH, Tree
from holdfast.gate.asv.session import Measurement
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.policy_file import parse_policy

HEAD = "commit, tag or branch (default: %(default)s)"


def project_options() -> argparse.ArgumentParser:
    """Return the options that say which project, machine, environment and policy."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("project")
    group.add_argument(
        "--config", type=Path, metavar="FILE", help="asv.conf.json (default: in this folder)"
    )
    group.add_argument(
        "--machine", metavar="NAME", help="asv's machine name (default: this machine's)"
    )
    group.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one of asv's environments, or all that match a pattern; repeatable "
        "(default: all)",
    )
    group.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=JSON",
        help="replace a key of asv.conf.json for this run, such as environment_type=virtualenv; "
        "repeatable",
    )
    group.add_argument(
        "--python",
        type=_parser(r"\S+", str, "version of Python, such as 3.12"),
        action="append",
        default=[],
        metavar="X.Y",
        help="only this version of Python, whatever 'pythons' in asv.conf.json says; repeatable",
    )
    group.add_argument(
        "--policy-from",
        metavar="REV",
        help="read the policy of this commit, so that a change cannot loosen it",
    )
    parser.set_defaults(bench=None, budget=math.inf, wait=0.0, asv=[])
    return parser


def results_option() -> argparse.ArgumentParser:
    """Return the option that names a results folder."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="asv's results folder (default: that of asv.conf.json)",
    )
    return parser


def measure_options() -> argparse.ArgumentParser:
    """Return the options that say what is measured, and for how long."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("measuring")
    group.add_argument(
        "--bench",
        type=_regex,
        action="append",
        metavar="REGEX",
        help="measure what matches name(params), as with asv; repeatable "
        "(default: 'bench' in the policy, or everything)",
    )
    group.add_argument(
        "--asv",
        action="append",
        default=[],
        metavar="ARGS",
        help="pass options on to asv, such as --asv='--cpu-affinity 0'; repeatable",
    )
    group.add_argument(
        "--budget",
        type=parse_duration,
        default=math.inf,
        metavar="TIME",
        help="stop measuring after 90s, 10m, 1h; what is left is 'not sure' (default: never)",
    )
    group.add_argument(
        "--wait",
        type=parse_duration,
        default=0.0,
        metavar="TIME",
        help="wait up to so long for other programs to leave the machine alone (default: 0s)",
    )
    return parser


def report_options() -> argparse.ArgumentParser:
    """Return the options that say how a report is written."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("report")
    group.add_argument(
        "--fail-on",
        choices=("fail", "undecided", "warn"),
        default="fail",
        help="the mildest verdict that exits with 1 (default: %(default)s)",
    )
    json_option(group)
    for name, what in (
        ("--markdown", "a pull-request comment"),
        ("--html", "a page with the samples drawn"),
        ("--junit", "JUnit XML"),
    ):
        group.add_argument(name, type=Path, metavar="FILE", help=f"also write {what}")
    return parser


def json_option(parser: argparse._ActionsContainer) -> None:
    """Add ``--json``."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document instead of the table"
    )


def param_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--param``, which narrows a benchmark to some of its parameter sets."""
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="VALUE",
        help="only the sets that have this parameter; repeatable",
    )


def stored_commit(tree: Tree, project: Project, name: str) -> str:
    """Return what asv calls a commit; in a repository, a name that is not a hash is git's."""
    named = not HASH.fullmatch(name) and project.git("rev-parse") is not None
    return tree.commit(name, project.commit(name) if named else project.find_commit(name))


def load_project(args: argparse.Namespace, *, required: bool = True) -> Project:
    """Return the project with what --set and --python replace in its configuration."""
    overrides = dict(map(parse_setting, args.set))
    project = find_project(args.config, overrides=overrides, required=required)
    return project.override(select_pythons(project.settings, args.python) if args.python else {})


def load_measured(args: argparse.Namespace) -> tuple[Project, Policy]:
    """Return the project to measure, with the policy's [measure] set, and its policy."""
    project = load_project(args)
    policy = read_policy(args, project)
    # What the command line says comes last.
    wanted = policy.measure.get("set", {})
    ours = {key: value for key, value in wanted.items() if key not in project.overrides}
    for key in ours:
        check_key(key)
    return project.override(ours), policy


def find_checks(args: argparse.Namespace, project: Project) -> list[Measurement]:
    """Return what 'holdfast check' has kept of the two commits."""
    commits = [project.find_commit(name) for name in (args.base, args.head)]
    if None in commits:
        return []
    machine = args.machine or platform.node()
    return load_measurements(project, str(commits[0]), str(commits[1]), machine, args.env)


def make_plan(args: argparse.Namespace, project: Project, policy: Policy) -> Plan:
    """Return what is to be measured, where, and by which policy."""
    bench, machine = args.bench or policy.bench, args.machine or platform.node()
    options = tuple(word for text in args.asv for word in shlex.split(text))
    return Plan(project, policy, machine, bench, None, args.budget, options, args.wait)


def choose_environment(args: argparse.Namespace, project: Project) -> str:
    """Return the one environment that is meant, for a command that measures in one only."""
    found = list_environments(project, args.env)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise UsageError(
            f"asv.conf.json has {len(found)} environments; choose one with --env: {names}"
        )
    return found[0].name


def one_environment(args: argparse.Namespace) -> str | None:
    """Return the environment that --env names, for a command that reads the results of one."""
    if len(args.env) > 1:
        raise UsageError(f"choose one --env, not {len(args.env)}")
    return args.env[0] if args.env else None


def repeat_options(args: argparse.Namespace, *, bench: bool = True) -> list[str]:
    """Return what another command must be told to mean the same project, as words.

    With ``bench``, what chooses what is measured and how as well.
    """
    given = [("--config", [args.config] if args.config else []), ("--set", args.set)]
    given += [("--python", args.python), ("--env", args.env)]
    given += [("--asv", args.asv), ("--bench", args.bench or [])] if bench else []
    return [f"{name}={value}" for name, values in given for value in values]


def read_policy(args: argparse.Namespace, project: Project) -> Policy:
    """Return the policy that the project states, now or in the commit of --policy-from."""
    paths = {
        project.folder("benchmark_dir") / "policy.toml": "",
        project.config.parent / "pyproject.toml": "tool.holdfast.",
    }
    for path, prefix in paths.items():
        # A pull request's author cannot write into the commit that it is based on.
        text = project.read(path, args.policy_from)
        if text and prefix.rstrip(".") in text:
            return parse_policy(text, os.path.relpath(path), datetime.date.today(), prefix)
    return Policy()


def print_progress(text: str) -> None:
    """Print a line of progress on standard error."""
    sys.stderr.write(f"holdfast: {text}\n")
    sys.stderr.flush()


def _regex(text: str) -> str:
    try:
        return re.compile(text).pattern
    except re.error as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a regular expression: {error}"
        ) from error


def _parser(pattern: str, convert: Callable[[str], Any], what: str) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"{text!r} is not a {what}")
        return convert(text)

    return parse


def _seconds(text: str) -> float:
    return float(text.rstrip("smh")) * {"m": 60, "h": 3600}.get(text[-1], 1)


def _per_cents(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


parse_duration = _parser(r"\d+(\.\d+)?[smh]?", _seconds, "time such as 90s, 10m or 1h")
parse_count = _parser(r"[1-9]\d*", int, "number of checks, 1 or more")
parse_per_cents = _parser(r"\d{1,4}(,\d{1,4})*", _per_cents, "list of percentages such as 10,30")
