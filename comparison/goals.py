"""Which of the speeds that Holdfast wants to reach, beside the others, are reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from comparison.roster import ARRAY, ENGINES, PLAIN, UNCHANGED, ZIPLINE, ZIPLINE_CLOSE
from comparison.table import Row

TIMES_ARRAY = {"daily": 120.0, "hourly": 80.0, "minute": 45.0}
TIMES_UNCHANGED = 5.0
WHOLE_SECONDS = 1.0
DECIMAL_OVER_FLOAT = 0.011


@dataclass(frozen=True)
class Goal:
    """One line of the list; `met` is None when it was not measured."""

    scenario: str
    what: str
    wanted: str
    measured: str
    met: bool | None

    def __str__(self) -> str:
        verdict = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
        return f"{verdict:12}  {self.scenario:6}  {self.what}: {self.measured} ({self.wanted})"


def goals_of(rows: list[Row], ledgers: dict[str, float]) -> list[Goal]:
    """Return all goals of the scenarios that were run."""
    goals = []
    for scenario in dict.fromkeys(row.scenario for row in rows):
        measured = {row.engine: row for row in rows if row.scenario == scenario and row.measured}
        goals += [
            _times(scenario, measured, ARRAY, TIMES_ARRAY[scenario]),
            _times(scenario, measured, UNCHANGED, TIMES_UNCHANGED),
            _times(scenario, measured, PLAIN, 1.0),
            *_against_peers(scenario, measured),
        ]
    return [*goals, _decimal(ledgers)]


def _times(scenario: str, measured: dict[str, Row], name: str, least: float) -> Goal:
    what, wanted = f"{name} faster than zipline", f"at least {least:g}x, whichever field it reads"
    ways = [measured[way].median("run") for way in (ZIPLINE, ZIPLINE_CLOSE) if way in measured]
    if name not in measured or not ways:
        return Goal(scenario, what, wanted, "?", None)
    ratios = [way / measured[name].median("run") for way in ways]
    shown = " and ".join(f"{ratio:.1f}x" for ratio in ratios)
    return Goal(scenario, what, wanted, shown, min(ratios) >= least)


def _against_peers(scenario: str, measured: dict[str, Row]) -> Iterator[Goal]:
    """Yield the race for the backtest alone, and for the whole process."""
    peers = [row for name, row in measured.items() if ENGINES[name].needs]
    # On thousands of minutes an engine that computes them all at once is out of competition.
    loops = [row for row in peers if not ENGINES[row.engine].in_one_go or scenario == "daily"]
    yield _ahead(scenario, "run", measured.get(ARRAY), loops, float("inf"))
    yield _ahead(scenario, "total", measured.get(ARRAY), peers, WHOLE_SECONDS)


def _ahead(scenario: str, what: str, ours: Row | None, peers: list[Row], limit: float) -> Goal:
    title = {"run": "CPU s", "total": "import+load+run s"}[what]
    under = f"under {limit:g} s and " if limit < float("inf") else ""
    wanted = f"{under}ahead of {', '.join(row.engine for row in peers)}"
    if ours is None or not peers:
        return Goal(scenario, f"{ARRAY} {title}", wanted, "?", None)
    mine, best = ours.median(what), min(peers, key=lambda row: row.median(what))
    measured = f"{mine:.4g}, {best.engine} {best.median(what):.4g}"
    met = mine < best.median(what) and mine < limit
    return Goal(scenario, f"{ARRAY} {title}", wanted, measured, met)


def _decimal(ledgers: dict[str, float]) -> Goal:
    what, wanted = "Decimal over float ledger", f"{DECIMAL_OVER_FLOAT:.1%} on average or less"
    if set(ledgers) != set(TIMES_ARRAY):
        return Goal("all", what, wanted, "needs all scenarios", None)
    mean = statistics.mean(ledgers.values()) - 1
    each = ", ".join(f"{name} {value - 1:+.1%}" for name, value in ledgers.items())
    return Goal("all", what, wanted, f"{mean:+.1%} ({each})", mean <= DECIMAL_OVER_FLOAT)
