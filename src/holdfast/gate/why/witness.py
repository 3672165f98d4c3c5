"""Count the calls, and the instructions, of what may be slower: a busy machine changes neither."""

from __future__ import annotations

from dataclasses import replace

from holdfast.errors import UsageError
from holdfast.gate.asv.instructions import choose_count, has_valgrind
from holdfast.gate.asv.pairs import judge_measurement
from holdfast.gate.asv.plan import Bench, Plan, Progress
from holdfast.gate.asv.session import Measurement
from holdfast.gate.core.readings import Key
from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.why.function_names import Checkout, checkout
from holdfast.gate.why.profile import Profile, read_profile

_MOST = 10
"""Of so many rows, the worst, calls are counted."""


WITNESSES = ("calls", "callgrind")
"""What ``--witness`` may ask; callgrind is asked beside the calls."""


def require_witness(name: str) -> None:
    """Raise `UsageError` if a witness needs what is not installed."""
    if name == "callgrind" and not has_valgrind():
        raise UsageError(
            "--witness callgrind needs valgrind, which is not installed; "
            "install it ('apt install valgrind'), or leave the option out"
        )


def ask_witnesses(
    name: str, plan: Plan, progress: Progress, bench: Bench, taken: Measurement
) -> Measurement:
    """Ask what ``--witness`` names of what may be slower."""
    taken = count_calls(plan, progress, bench, taken)
    return count_instructions(plan, progress, bench, taken) if name == "callgrind" else taken


def list_suspects(report: Report) -> list[Key]:
    """Return which times may be slower, the worst first."""
    return [row.key for row in report.rows if _is_suspect(row)][:_MOST]


def count_calls(plan: Plan, progress: Progress, bench: Bench, taken: Measurement) -> Measurement:
    """Profile what may be slower once in both commits; note whose calls differ most.

    What the budget has no time for is left out.
    """
    keys = list_suspects(judge_measurement(taken, plan.policy))
    end = bench.now() + plan.budget - taken.seconds
    if not keys or bench.now() >= end:
        return taken
    progress(f"counting the calls of {len(keys)} that may be slower")
    known = [checkout(plan.project, side.commit) for side in (taken.base, taken.head)]
    readings = dict(taken.head.readings)
    for key in keys:
        if bench.now() >= end:
            break
        before, after = (_profile(bench, place, key, known[place]) for place in (0, 1))
        if before and after:
            readings[key] = replace(readings[key], calls=compare_calls(before, after))
    return replace(taken, head=replace(taken.head, readings=readings))


def count_instructions(
    plan: Plan, progress: Progress, bench: Bench, taken: Measurement
) -> Measurement:
    """Count the instructions of a call of what may be slower, in both commits.

    It takes as long as it takes: valgrind is fifty times slower, and has been asked for.
    """
    keys = list_suspects(judge_measurement(taken, plan.policy))
    if keys:
        progress(f"counting the instructions of {len(keys)} that may be slower")
    readings = dict(taken.head.readings)
    for key in keys:
        calls = choose_count(min(map(min, readings[key].processes)))
        before, after = (bench.count_instructions(place, key, calls) for place in (0, 1))
        if before and after:
            readings[key] = replace(readings[key], instructions=(before, after))
    return replace(taken, head=replace(taken.head, readings=readings))


def compare_calls(before: Profile, after: Profile) -> tuple[str, int, int]:
    """Return the function whose calls changed most, with both counts; no name where none did."""
    names = before.costs.keys() | after.costs.keys()
    counts = [(name, _count(before, name), _count(after, name)) for name in names]
    changed = [one for one in counts if one[1] != one[2]]
    if not changed:
        total = sum(count for _, count, _ in counts)
        return "", total, total
    # More calls before fewer, and the first by name of several: the same answer every time.
    return min(changed, key=lambda one: (one[1] - one[2], one[0]))


def _is_suspect(row: Row) -> bool:
    # What is not sure may be slower, whatever the middle of its pairs says.
    return row.unit == "seconds" and row.verdict in _SUSPECT and bool(row.samples[1])


_SUSPECT = {Verdict.FAIL, Verdict.WARN, Verdict.NOT_SURE}


def _profile(bench: Bench, place: int, key: Key, commit: Checkout) -> Profile | None:
    text = bench.profile(place, [key])
    try:
        return read_profile(text, commit) if text else None
    except UsageError:
        return None


def _count(profile: Profile, name: str) -> int:
    return profile.costs[name].calls if name in profile.costs else 0
