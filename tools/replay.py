"""Judge every commit of a stored history against the one before it, and print the rates.

    python -m tools.replay results --plant 1.3

Each pair of neighbours is judged as 'holdfast gate' does. Nobody knows the truth of a history, so
a failure counts as false when the next commit has lost it again. With --plant three times of each
commit are multiplied, one by one: what is not called a failure then is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.gate import Policy, Reading, Row, Side, Suite, Verdict, judge
from holdfast.gate.asv.past import read_past
from holdfast.gate.asv.results import Tree, list_tree
from holdfast.gate.core.readings import Key, State


@dataclass(slots=True)
class Tally:
    """What was said of the rows, of all neighbouring commits together."""

    said: Counter[Verdict] = field(default_factory=Counter)
    false: int = 0
    """Failures that the next commit has lost again."""
    unknown: int = 0
    """Failures in the last commit, or of what the next commit did not measure."""
    planted: Counter[Verdict] = field(default_factory=Counter)


def main(arguments: Sequence[str]) -> str:
    """Replay a results folder and return the rates as text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument(
        "--plant", type=float, metavar="FACTOR", help="multiply three times by it, one by one"
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    tree, tally = list_tree(args.results), Tally()
    generator = random.Random(args.seed)
    for history in list_histories(tree):
        replay(history, tree.suite(), tally, args.plant, generator)
    return format_tally(tally, args.plant)


def list_histories(tree: Tree) -> Iterator[list[Side]]:
    """Yield the commits of each machine and environment, oldest first."""
    for machine, environment in sorted({key[1:] for key in tree.files}):
        yield tree.past(machine, environment)


def replay(
    history: Sequence[Side],
    suite: Suite,
    tally: Tally,
    factor: float | None,
    generator: random.Random,
) -> None:
    """Judge each commit of a history against the one before it."""
    for base, head, after in zip(history, history[1:], [*history[2:], None], strict=False):
        past = read_past(base, suite, head)
        try:
            rows = judge(base, head, suite, Policy(), past).rows
        except HoldfastError:
            continue  # Two commits that share no benchmark.
        tally.said.update(row.verdict for row in rows)
        for row in rows:
            if row.verdict is Verdict.FAIL:
                kept = _is_kept(row, base, after)
                tally.false += kept is False
                tally.unknown += kept is None
        for key in _choose_times(base, head, suite, generator) if factor else ():
            changed = _slow_down(head, key, factor or 1.0)
            found = judge(base, changed, suite, Policy(), past).rows
            tally.planted.update(row.verdict for row in found if row.key == key)


def _choose_times(base: Side, head: Side, suite: Suite, generator: random.Random) -> list[Key]:
    """Choose three times that both commits have, whatever is said of them."""
    both = [
        key
        for key, reading in sorted(head.readings.items())
        if suite.unit(key[0]) == "seconds"
        and reading.state is State.MEASURED
        and key in base.readings
        and base.readings[key].state is State.MEASURED
        and base.readings[key].version == reading.version
    ]
    return generator.sample(both, min(3, len(both)))


def _is_kept(row: Row, base: Side, after: Side | None) -> bool | None:
    """Whether the commit after is still nearer to the slower value than to the base's."""
    old, new = base.readings[row.key], after.readings.get(row.key) if after else None
    if new is None or new.state is not State.MEASURED or row.measured[1] is None:
        return None
    return bool(abs(new.value - row.measured[1]) < abs(new.value - old.value))


def _slow_down(side: Side, key: Key, factor: float) -> Side:
    reading = side.readings[key]
    slower = Reading(
        reading.value * factor,
        tuple(tuple(value * factor for value in process) for process in reading.processes),
        reading.interval and (reading.interval[0] * factor, reading.interval[1] * factor),
        reading.version,
        reading.single_sample,
    )
    return replace(side, readings={**side.readings, key: slower})


def format_tally(tally: Tally, factor: float | None) -> str:
    """Return the counts and rates, a line each."""
    rows, fails = tally.said.total(), tally.said[Verdict.FAIL]
    lines = [f"{rows:,} rows"]
    lines += [f"  {name:16}{n:8,}  {n / rows:.2%}" for name, n in sorted(tally.said.items())]
    share = f"{tally.false / rows:.2%} of the rows"
    lines += [f"failures gone at the next commit: {tally.false} of {fails} ({share})"]
    lines += [f"failures that the next commit does not measure: {tally.unknown}"]
    planted = tally.planted.total()
    lines += [
        f"x{factor:g} planted: {name:16}{n:5} of {planted} ({n / planted:.0%})"
        for name, n in sorted(tally.planted.items())
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]))
