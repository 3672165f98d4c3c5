"""The commands that answer why a benchmark is slower, and since when."""

from __future__ import annotations

import argparse
import platform
import shlex
import sys
from collections.abc import Sequence

from holdfast.errors import NothingMeasured, UsageError
from holdfast.gate import blame, chart, flame, trend
from holdfast.gate.asv import discover
from holdfast.gate.bisect import Culprit, find_culprit
from holdfast.gate.blame import Blame, compare_profiles
from holdfast.gate.choice import choose
from holdfast.gate.measure import Plan, take_profiles
from holdfast.gate.options import add_commands, plan_of, policy_of, say, stored_commit
from holdfast.gate.policy import Policy
from holdfast.gate.project import Project, find_project
from holdfast.gate.results import Key, Suite, label, list_tree
from holdfast.gate.text import per_cent, plain, write_file
from holdfast.pictures import check_picture

_EPILOG = """
exit code:
  0 answered        2 wrong usage      3 nothing was measured, or nothing was found
"""


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line's parser."""
    add_commands(
        parsers, {"blame": run_blame, "bisect": run_bisect, "history": run_history}, _EPILOG
    )


def run_blame(args: argparse.Namespace) -> int:
    """Show which functions made a benchmark slower between two commits.

      holdfast blame HEAD~1 HEAD b.time_x
      holdfast blame v1.0 main "b.Read.time_rows('quick')" --html why.html

    Compares the profiles that asv has stored of both ('asv run --profile'). Where there are
    none, three of each are taken in turn, and the least that each function took is compared.
    asv stores one profile per benchmark, of all the parameter sets that it ran: a set of your
    own choice is always profiled anew.

    Functions go by module and qualified name: a line that moved changes nothing.
    """
    project = find_project(args.config, required=not args.results)
    name = args.benchmark.partition("(")[0]
    chosen = bool(args.param) or name != args.benchmark
    blames = [] if chosen and not args.results else _stored_blames(args, project, name)
    if not blames and args.results:
        raise NothingMeasured(
            f"{args.results} has no profiles of {name} for both commits; "
            f"take them with 'asv run --profile --bench {name}'"
        )
    if not blames:
        plan, base, head = plan_of(args, project), *_commits(args, project)
        blames = take_profiles(plan, base, head, _chosen(args, plan, head), say)
    if not blames:
        raise NothingMeasured(f"{name} has no profile of both commits; asv's output says why")
    if args.html:
        write_file(args.html, flame.to_html(blames[0]))
    sys.stdout.write((blame.to_json if args.json else blame.to_text)(blames[0]))
    return 0


def run_bisect(args: argparse.Namespace) -> int:
    """Find the commit that made a benchmark slower.

      holdfast bisect v1.0 main b.time_x
      holdfast bisect v1.0 main b.Read.time_rows --param quick

    First it measures whether GOOD and BAD differ at all. Each midpoint is then measured together
    with both, in turn, and again where that leaves a doubt; a commit that does not build is
    skipped. What is found is confirmed against its parent with fresh samples.

    asv keeps the results of every commit: the same command goes on where it was stopped.
    """
    project = find_project(args.config)
    plan, good, bad = plan_of(args, project), *_commits(args, project)
    commits = _between(project, good, bad)
    found = find_culprit(plan, commits, _chosen(args, plan, bad), say)
    sys.stdout.write(_tell(project, found))
    return 0


def run_history(args: argparse.Namespace) -> int:
    """Show how a benchmark went over all stored commits, and where asv sees steps.

      holdfast history b.time_x
      holdfast history "b.Read.time_rows('quick')" --plot rows.svg
      holdfast history --steps

    With --steps: the steps of all benchmarks that exceed their limit in the policy, by commit;
    where most of the suite stepped at once, that is said instead. Measures nothing.
    """
    project = find_project(args.config, required=not args.results)
    policy = Policy() if args.results and not args.config else policy_of(args, project)
    tree = list_tree(args.results or project.folder("results_dir"))
    sides, suite = tree.past(args.machine, args.env, platform.node()), tree.suite()
    # Dates lie where branches were merged or rebased; git knows which commit came first.
    known = (project.git("rev-list", "--all", "--topo-order", "--reverse") or "").split()
    ages = {commit: age for age, commit in enumerate(known)}
    sides.sort(key=lambda side: ages.get(side.commit, -1))  # else by date, as they are
    if args.steps:
        groups = trend.group_steps(sides, suite, policy)
        sys.stdout.write(trend.to_text(groups, lambda commit: _subject(project, commit)))
        return 0
    if not args.benchmark:
        raise UsageError("name a benchmark, or ask for the --steps of all")
    keys = choose(suite, args.benchmark, args.param, policy.bench)
    if args.plot and len(keys) > 1:
        raise UsageError(f"--plot draws one of {', '.join(map(label, keys))}; name it, or --param")
    check_picture("--plot", args.plot)
    for key in keys:
        _draw(args, key, trend.points(sides, key), suite.unit(key[0]))
    return 0


def _draw(args: argparse.Namespace, key: Key, series: Sequence[trend.Point], unit: str) -> None:
    if not series:
        raise NothingMeasured(f"no commit has a result of {label(key)}")
    levels = trend.levels(series)
    sys.stdout.write(f"{plain(label(key))}\n{chart.to_terminal(series, levels, unit)}")
    for step in trend.steps(key, series, warn=0):
        place = f"{step.before.commit[:8]}..{step.after.commit[:8]}"
        sys.stdout.write(f"{per_cent(step.ratio):>9}  {place}\n")
    if args.plot:
        chart.draw(series, levels, unit, label(key), args.plot)


def _subject(project: Project, commit: str) -> str:
    return project.git("show", "--no-patch", "--format=%s", "--end-of-options", commit) or ""


def _between(project: Project, good: str, bad: str) -> list[str]:
    """Return the commits from good to bad, along the first parents of bad as asv does."""
    if project.git("merge-base", "--is-ancestor", "--end-of-options", good, bad) is None:
        raise UsageError(
            f"{good[:8]} is no ancestor of {bad[:8]}; start where they part, at "
            f"$(git merge-base {good[:8]} {bad[:8]})"
        )
    options = ("--reverse", "--first-parent", "--end-of-options")
    listed = project.git("rev-list", *options, f"{good}..{bad}") or ""
    return [good, *listed.split()]


def _tell(project: Project, found: Culprit) -> str:
    row = found.row
    form = "--format=%H%n%aI%n%an%n%s"
    facts = project.git("show", "--no-patch", form, "--end-of-options", found.commit) or ""
    commit, date, author, subject = facts.splitlines()
    pair = ("--end-of-options", found.parent, found.commit)
    files = project.git("diff", "--name-only", *pair) or ""
    between = "".join(
        f" ({per_cent(low)} to {per_cent(high)})" for low, high in filter(None, [row.interval])
    )
    lines = [
        f"{row.label} is slower since {commit[:8]}: {per_cent(row.ratio or 1)}{between}",
        "",
        f"  commit   {commit}",
        f"  date     {date}",
        f"  author   {author}",
        f"  subject  {subject}",
        f"  files    {', '.join(files.splitlines())}",
        f"  why      holdfast blame {found.parent[:8]} {commit[:8]} {shlex.quote(row.label)}",
    ]
    if found.skipped:
        skipped = ", ".join(each[:8] for each in found.skipped)
        lines.append(f"  or one of the commits before it that cannot be measured: {skipped}")
    return "\n".join(map(plain, lines)) + "\n"


def _stored_blames(args: argparse.Namespace, project: Project, name: str) -> list[Blame]:
    try:
        tree = list_tree(args.results or project.folder("results_dir"))
        commits = [stored_commit(tree, project, commit) for commit in (args.base, args.head)]
        _refuse_equal(args, *commits)
        sides = tree.sides(*commits, machine=args.machine, env=args.env, here=platform.node())
    except NothingMeasured:
        if args.results:
            raise
        return []
    return compare_profiles([sides], project, [name])


def _commits(args: argparse.Namespace, project: Project) -> tuple[str, str]:
    base, head = project.commit(args.base), project.commit(args.head)
    _refuse_equal(args, base, head)
    return base, head


def _refuse_equal(args: argparse.Namespace, base: str, head: str) -> None:
    if base == head:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {head[:8]}")


def _chosen(args: argparse.Namespace, plan: Plan, commit: str) -> list[Key]:
    """Return the benchmark's parameter sets; asv is asked when it has not listed them yet."""
    folder = plan.project.folder("results_dir")
    suite = list_tree(folder).suite() if folder.is_dir() else Suite()
    if args.benchmark.partition("(")[0] not in suite:
        discover(plan.project, commit, plan.machine)
        suite = list_tree(folder).suite()
    return choose(suite, args.benchmark, args.param, plan.bench)
