"""Take profiles of both commits in turn, where none are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from holdfast.gate.asv.bench import open_bench
from holdfast.gate.asv.plan import Bench, Plan, Progress
from holdfast.gate.core.readings import Key, Reading, Side, label

_PROFILES = 3


def take_profiles(
    plan: Plan, base: str, head: str, keys: Sequence[Key], progress: Progress
) -> list[Sequence[Side]]:
    """Profile and time benchmarks in both commits, several times; return both sides of each time.

    The profiles of all parameter sets of one benchmark are added up, as asv does it.
    """
    sets: dict[str, list[Key]] = {}
    for key in keys:
        sets.setdefault(key[0], []).append(key)
    for name, each in sets.items():
        if each[1:]:
            progress(
                f"{name} stands for {len(each)} sets of parameters, which are added up; "
                f"{label(each[0])} is one of them, and --param VALUE chooses some"
            )
    own = replace(plan, compare_suites=False)
    with (plan.open or open_bench)(own, (base, head), progress) as bench:
        return [_take_both(bench, sets, number, progress) for number in range(_PROFILES)]


def _take_both(
    bench: Bench, sets: Mapping[str, Sequence[Key]], number: int, progress: Progress
) -> list[Side]:
    """Profile and time each benchmark in both commits: the clock may say something else."""
    progress(f"profile {number + 1} of {_PROFILES}")
    profiles: list[dict[str, str]] = [{}, {}]
    readings: list[dict[Key, Reading]] = [{}, {}]
    order = (1, 0) if number % 2 else (0, 1)
    with bench.new_round():
        for name, each in sets.items():
            for place in order:
                if profile := bench.profile(place, each):
                    profiles[place][name] = profile
            for key, place in product(each, order):
                readings[place][key] = bench.run(place, key, brief=True)
    return [
        replace(side, profiles=found, readings=timed)
        for side, found, timed in zip(bench.sides, profiles, readings, strict=True)
    ]
