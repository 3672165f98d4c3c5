"""Which of the speeds that Holdfast wants to reach, beside the others, are reached.

They are the ``[[target]]`` rows of ``comparison/policy.toml``, which the gate reads and checks as
it does those of a suite: a benchmark is a scenario's number, such as ``daily.run``, its parameter
the engine, or one of `POOLS`.
"""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from comparison.roster import ENGINES, Engine
from comparison.table import Row
from holdfast.gate.core.policy import Target
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.readings import Benchmark, Key, Reading, Side, Suite
from holdfast.gate.core.targets import Outcome, check_targets
from holdfast.gate.show.targets import format_number, format_target

POLICY = Path(__file__).with_name("policy.toml")
#: The numbers of a sample that a goal may ask for: CPU seconds, or seconds on the clock of a sweep.
NUMBERS = ("run", "again", "total")
LEDGERS = ("ledgers.decimal_over_float", ())
#: Engines of which the fastest counts.
POOLS: Mapping[str, Callable[[Engine], bool]] = {
    "fastest peer": lambda engine: bool(engine.needs),
    "fastest peer that loops": lambda engine: bool(engine.needs) and not engine.in_one_go,
    "fastest holdfast": lambda engine: not engine.needs,
}


@dataclass(frozen=True)
class Goal:
    """One row of the policy; `met` is None when it was not measured."""

    scenario: str
    what: str
    wanted: str
    measured: str
    met: bool | None

    def __str__(self) -> str:
        verdict = {True: "met", False: "MISSED", None: "not measured"}[self.met]
        return f"{verdict:12}  {self.what}: {self.measured} ({self.wanted})"


def check_goals(rows: list[Row], ledgers: Mapping[str, float]) -> list[Goal]:
    """Return the goals of the scenarios that were run."""
    policy = parse_policy(POLICY.read_text("utf-8"), POLICY.name, datetime.date.today())
    run = {row.scenario for row in rows}
    wanted = [one for one in policy.targets if scenario_of(one) in run]
    if ledgers:
        wanted += [one for one in policy.targets if one.benchmark == LEDGERS[0]]
    readings = read_rows(rows)
    if run <= ledgers.keys():
        readings[LEDGERS] = Reading(statistics.mean(ledgers.values()))
    suite = Suite({name: Benchmark("seconds") for name, _ in readings if name != LEDGERS[0]})
    side = Side("", "", "", readings=readings)
    return [make_goal(one) for one in check_targets(wanted, side, suite)]


def scenario_of(target: Target) -> str:
    return target.benchmark.partition(".")[0]


def read_rows(rows: list[Row]) -> dict[Key, Reading]:
    """Return the medians as readings, of each engine and of the fastest of each pool."""
    found: dict[Key, Reading] = {}
    for number, scenario in product(NUMBERS, dict.fromkeys(row.scenario for row in rows)):
        medians = {row.engine: row.median(number) for row in rows if row.scenario == scenario}
        known = {name: value for name, value in medians.items() if not math.isnan(value)}
        for engine, value in (known | find_fastest(known)).items():
            found[f"{scenario}.{number}", (repr(engine),)] = Reading(value)
    return found


def find_fastest(medians: Mapping[str, float]) -> dict[str, float]:
    """Return the least number in each pool that has one."""
    pools = {
        name: [value for engine, value in medians.items() if chosen(ENGINES[engine])]
        for name, chosen in POOLS.items()
    }
    return {name: min(pool) for name, pool in pools.items() if pool}


def make_goal(outcome: Outcome) -> Goal:
    return Goal(
        scenario_of(outcome.target),
        outcome.target.name,
        format_target(outcome),
        format_number(outcome.value, outcome.unit),
        outcome.met,
    )
