"""Take profiles of both commits in turn, where none are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from holdfast.gate.asv.bench import open_bench
from holdfast.gate.asv.plan import Plan, Progress
from holdfast.gate.core.readings import Key, Side

_PROFILES = 3


def take_profiles(
    plan: Plan, base: str, head: str, keys: Sequence[Key], progress: Progress
) -> list[Sequence[Side]]:
    """Profile benchmarks in both commits, several times in turn; return both sides of each time.

    The profiles of all parameter sets of one benchmark are added up, as asv does it.
    """
    sets: dict[str, list[Key]] = {}
    for key in keys:
        sets.setdefault(key[0], []).append(key)
    takes: list[Sequence[Side]] = []
    own = replace(plan, compare_suites=False)
    with (plan.open or open_bench)(own, (base, head), progress) as bench:
        for number in range(_PROFILES):
            progress(f"profile {number + 1} of {_PROFILES}")
            profiles: list[dict[str, str]] = [{}, {}]
            for name, each in sets.items():
                for place in (1, 0) if number % 2 else (0, 1):
                    profiles[place][name] = bench.profile(place, each)
            takes.append([
                replace(side, profiles={name: text for name, text in found.items() if text})
                for side, found in zip(bench.sides, profiles, strict=True)
            ])  # fmt: skip
    return takes
