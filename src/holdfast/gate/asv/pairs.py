"""Measure two commits in pairs seconds apart, and give the effort to what is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from holdfast.errors import UsageError
from holdfast.gate.asv.bench import open_bench
from holdfast.gate.asv.cpu_load import wait_for_calm
from holdfast.gate.asv.effort import FIRST
from holdfast.gate.asv.past import read_past
from holdfast.gate.asv.plan import Bench, Plan, Progress
from holdfast.gate.asv.rounds import Rounds
from holdfast.gate.asv.session import Measurement, Session
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.readings import Key, label
from holdfast.gate.core.report import Report, judge
from holdfast.gate.core.selection import selected


def measure(plan: Plan, base: str, head: str, progress: Progress) -> Report:
    """Measure two commits (full hashes) and judge them."""
    return judge_measurement(take(plan, base, head, progress), plan.policy)


def judge_measurement(taken: Measurement, policy: Policy) -> Report:
    """Judge what was measured; the same measurement always gets the same answer."""
    # Fresh samples of both commits say more than old ones, except of what strays by its nature.
    past = read_past(taken.base, taken.suite, taken.head)
    values = {key: one for key, one in past.values.items() if policy.rule(label(key)).history}
    past, sides = replace(past, values=values), (taken.base, taken.head)
    return judge(*sides, taken.suite, policy, past, taken.remarks, interleaved=True)


Witness = Callable[[Bench, Measurement], Measurement]
"""Adds to what was measured, while the commits are still ready to run."""


def take(
    plan: Plan,
    base: str,
    head: str,
    progress: Progress,
    *,
    prove: bool = False,
    witness: Witness | None = None,
) -> Measurement:
    """Measure two commits: two pairs of everything, then more of what is in doubt.

    Parameters
    ----------
    prove
        Whether all is in doubt to begin with, so that no first pairs have to raise it.
    witness
        What else is asked of the commits, after the pairs.

    Raises
    ------
    UsageError
        When a rule of the policy, or the selection, matches no benchmark.
    NothingMeasured
        When a commit cannot be installed, or the suite cannot be imported.
    """
    with (plan.open or open_bench)(plan, (base, head), progress) as bench:
        keys = _choose(plan, bench)
        if plan.wait:
            wait_for_calm(plan.wait, progress)
        first = 0 if prove else FIRST
        session = Session(plan, bench, Rounds(bench, plan.budget, progress), keys, first)
        session.run()
        taken = session.result()
        return witness(bench, taken) if witness else taken


def _choose(plan: Plan, bench: Bench) -> list[Key]:
    plan.policy.require_matches(map(label, bench.suite.all_keys()))
    keys = list(selected(bench.suite, plan.bench))
    if not keys:
        asked = ", ".join(map(repr, plan.bench))
        raise UsageError(f"--bench {asked} matches none of {len(bench.suite)} benchmarks")
    return keys
