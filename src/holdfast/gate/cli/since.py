"""'holdfast bisect' and 'history': since which commit a benchmark is slower."""

from __future__ import annotations

import argparse
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from holdfast.errors import NothingMeasured, UsageError
from holdfast.escapes import escape
from holdfast.gate.asv.lock import hold
from holdfast.gate.asv.preflight import preflight, update_mirror
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import list_tree
from holdfast.gate.cli import options
from holdfast.gate.cli.choice import choose_stored, two_commits
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Key, label
from holdfast.gate.core.selection import choose
from holdfast.gate.core.text import format_change
from holdfast.gate.show import chart
from holdfast.gate.since import trend
from holdfast.gate.since.bisect import Culprit, find_culprit
from holdfast.plots import check_plot
from holdfast.usage import ANSWER_EXITS, Commands, add_command


def add_to(parsers: Commands) -> None:
    """Add the commands to the parser of a command line."""
    _add_bisect(parsers)
    _add_history(parsers)


def _add_bisect(parsers: Commands) -> None:
    parser = add_command(
        parsers,
        "bisect",
        run_bisect,
        parents=(options.project_options(),),
        exits=ANSWER_EXITS,
        examples="""
        holdfast bisect v1.0 main b.time_x
        holdfast bisect v1.0 main b.Read.time_rows --param quick
        """,
    )
    parser.add_argument("base", metavar="good", help="a commit in which it is fast")
    parser.add_argument("head", metavar="bad", help="a later one in which it is slow")
    parser.add_argument("benchmark", help="its name, with or without parameters, as in a report")
    options.param_option(parser)


def _add_history(parsers: Commands) -> None:
    parser = add_command(
        parsers,
        "history",
        run_history,
        parents=(options.project_options(), options.results_option()),
        exits=ANSWER_EXITS,
        examples="""
        holdfast history b.time_x
        holdfast history "b.Read.time_rows('quick')" --plot rows.svg
        holdfast history --steps
        """,
    )
    parser.add_argument("benchmark", nargs="?", help="its name, with or without parameters")
    options.param_option(parser)
    parser.add_argument(
        "--steps", action="store_true", help="list the steps of all benchmarks, by commit"
    )
    parser.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help="also draw it: .png or .svg (needs matplotlib)",
    )


def run_bisect(args: argparse.Namespace) -> int:
    """Find the commit that made a benchmark slower.

    First it measures whether GOOD and BAD differ at all. Each midpoint is then measured together
    with both, in turn, and again where that leaves a doubt; a commit that does not build is
    skipped. What is found is confirmed against its parent with fresh samples.

    asv keeps the results of every commit: the same command goes on where it was stopped.
    """
    say = options.print_progress
    project, policy = options.load_measured(args)
    update_mirror(project, say)
    good, bad = two_commits(args, project)
    commits = _list_commits(project, good, bad)
    preflight(project, bad)
    plan = options.make_plan(args, project, policy)
    plan = replace(plan, environment=options.choose_environment(args, project))
    with hold(project, say):
        found = find_culprit(plan, commits, choose_stored(args, plan, bad), say)
    sys.stdout.write(format_culprit(project, found, options.repeat_options(args, bench=False)))
    return 0


def run_history(args: argparse.Namespace) -> int:
    """Show how a benchmark went over all stored commits, and where asv sees steps.

    With --steps: the steps of all benchmarks that exceed their limit in the policy, by commit;
    where most of the suite stepped at once, that is said instead. Measures nothing.
    """
    _refuse_idle(args)
    project = options.load_project(args, required=not args.results)
    policy = Policy() if args.results and not args.config else options.read_policy(args, project)
    tree = list_tree(args.results or project.folder("results_dir"))
    sides, suite = (
        tree.past(args.machine, options.one_environment(args), platform.node()),
        tree.suite(),
    )
    # Dates lie where branches were merged or rebased; git knows which commit came first.
    known = (project.git("rev-list", "--all", "--topo-order", "--reverse") or "").split()
    ages = {commit: age for age, commit in enumerate(known)}
    sides.sort(key=lambda side: ages.get(side.commit, -1))  # else by date, as they are
    if args.steps:
        groups = trend.group_steps(sides, suite, policy)
        sys.stdout.write(trend.to_text(groups, lambda commit: _read_subject(project, commit)))
        return 0
    keys = choose(suite, args.benchmark, args.param, policy.bench)
    if args.plot and len(keys) > 1:
        raise UsageError(f"--plot draws one of {', '.join(map(label, keys))}; name it, or --param")
    check_plot("--plot", args.plot)
    for key in keys:
        _show_series(args, key, trend.points(sides, key), suite.unit(key[0]))
    return 0


def _refuse_idle(args: argparse.Namespace) -> None:
    """Refuse what would do nothing: --steps asks of all benchmarks, the rest of one."""
    if not args.steps and not args.benchmark:
        raise UsageError("name a benchmark, or ask for the --steps of all")
    given = {"a benchmark": args.benchmark, "--param": args.param, "--plot": args.plot}
    if idle := [name for name, value in given.items() if args.steps and value]:
        raise UsageError(f"--steps lists all benchmarks; leave {idle[0]} out")


def _show_series(
    args: argparse.Namespace, key: Key, series: Sequence[trend.Point], unit: str
) -> None:
    if not series:
        raise NothingMeasured(f"no commit has a result of {label(key)}")
    levels = trend.levels(series)
    sys.stdout.write(f"{escape(label(key))}\n{chart.to_terminal(series, levels, unit)}")
    for step in trend.steps(key, series, warn=0):
        place = f"{step.before.commit[:8]}..{step.after.commit[:8]}"
        sys.stdout.write(f"{format_change(step.ratio):>9}  {place}\n")
    if args.plot:
        chart.draw(series, levels, unit, label(key), args.plot)


def _read_subject(project: Project, commit: str) -> str:
    return project.git("show", "--no-patch", "--format=%s", "--end-of-options", commit) or ""


def _list_commits(project: Project, good: str, bad: str) -> list[str]:
    """Return the commits from good to bad, along the first parents of bad as asv does."""
    if project.git("merge-base", "--is-ancestor", "--end-of-options", good, bad) is None:
        common = project.git("merge-base", "--end-of-options", good, bad)
        advice = f"start where they part, at {common[:8]}" if common else "they share no history"
        if common == bad:
            advice = f"name the earlier one first: {bad[:8]} {good[:8]}"
        raise UsageError(f"{good[:8]} is not an ancestor of {bad[:8]}; {advice}")
    options = ("--reverse", "--first-parent", "--end-of-options")
    listed = project.git("rev-list", *options, f"{good}..{bad}") or ""
    return [good, *listed.split()]


def format_culprit(project: Project, found: Culprit, repeat: Sequence[str] = ()) -> str:
    """Return what a bisect found as text; ``repeat`` are options that mean the same project."""
    row = found.row
    form = "--format=%H%n%aI%n%an%n%s"
    facts = project.git("show", "--no-patch", form, "--end-of-options", found.commit) or ""
    commit, date, author, subject = facts.splitlines()
    pair = ("--end-of-options", found.parent, found.commit)
    files = project.git("diff", "--name-only", *pair) or ""
    between = "".join(
        f" ({format_change(low)} to {format_change(high)})"
        for low, high in filter(None, [row.interval])
    )
    lines = [
        f"{row.label} is slower since {commit[:8]}: {format_change(row.ratio or 1)}{between}",
        "",
        f"  commit   {commit}",
        f"  date     {date}",
        f"  author   {author}",
        f"  subject  {subject}",
        f"  files    {', '.join(files.splitlines())}",
        f"  why      holdfast blame {found.parent[:8]} {commit[:8]} {shlex.quote(row.label)}"
        f"{''.join(f' {shlex.quote(word)}' for word in repeat)}",
    ]
    if found.skipped:
        skipped = ", ".join(each[:8] for each in found.skipped)
        lines.append(f"  or one of the commits before it that cannot be measured: {skipped}")
    return "\n".join(map(escape, lines)) + "\n"
