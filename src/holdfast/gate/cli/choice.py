"""Which commits and which benchmark a command is about."""

from __future__ import annotations

import argparse

from holdfast.errors import UsageError
from holdfast.gate.asv.bench import list_suite
from holdfast.gate.asv.names import require_benchmark
from holdfast.gate.asv.plan import Plan
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.results import list_tree
from holdfast.gate.cli import options
from holdfast.gate.core.readings import Key, Suite
from holdfast.gate.core.selection import choose


def two_commits(args: argparse.Namespace, project: Project) -> tuple[str, str]:
    """Return the full hashes of the base and the head of a command."""
    base, head = project.commit(args.base), project.commit(args.head)
    refuse_equal(args, base, head)
    return base, head


def refuse_equal(args: argparse.Namespace, base: str, head: str) -> None:
    """Raise ``UsageError`` when two names mean the same commit."""
    if base == head:
        raise UsageError(f"{args.base} and {args.head} are the same commit, {head[:8]}")


def choose_stored(args: argparse.Namespace, plan: Plan, commit: str) -> list[Key]:
    """Return the benchmark's parameter sets; asv is asked when it has not listed them yet."""
    folder = plan.project.folder("results_dir")
    suite = list_tree(folder).suite() if folder.is_dir() else Suite()
    if args.benchmark.partition("(")[0] not in suite:
        require_benchmark(plan.project.folder("benchmark_dir"), args.benchmark)
        suite = list_suite(plan, commit, options.print_progress)
    return choose(suite, args.benchmark, args.param, plan.bench)
