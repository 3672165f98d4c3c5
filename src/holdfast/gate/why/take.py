"""Take profiles of both commits in turn, where asv has stored none."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.gate.asv.results import list_tree
from holdfast.gate.asv.rounds import Plan, Say
from holdfast.gate.asv.run import prepare, run_asv
from holdfast.gate.core.readings import Key
from holdfast.gate.core.selection import exactly
from holdfast.gate.why.blame import Blame, compare_profiles

_PROFILES = 3


def take_profiles(plan: Plan, base: str, head: str, keys: Sequence[Key], say: Say) -> list[Blame]:
    """Profile benchmarks in both commits, several times in turn; asv keeps the last profiles.

    asv adds up the profiles of all parameter sets of a benchmark that it runs at once.
    """
    prepare(plan.project, plan.machine)
    takes = []
    for number in range(_PROFILES):
        say(f"profile {number + 1} of {_PROFILES}")
        order = (head, base) if number % 2 else (base, head)
        bench = list(map(exactly, keys))
        run_asv(
            plan.project, order, plan.machine, bench, append=True, profile=True,
            environment=plan.environment, options=plan.options,
        )  # fmt: skip
        tree = list_tree(plan.project.folder("results_dir"))
        takes.append(tree.sides(base[:8], head[:8], machine=plan.machine, env=plan.environment))
    return compare_profiles(takes, plan.project, {name for name, _ in keys})
