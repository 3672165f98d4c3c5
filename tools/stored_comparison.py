"""The stored comparison with other engines, ``results/peers.json``, as tables of the docs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

STORED = Path(__file__).parents[1] / "results" / "peers.json"
SCENARIOS = ("daily", "hourly", "minute")
PIPELINES = ("momentum", "factors")
Row = Mapping[str, Any]


def read_rows(scenarios: Sequence[str]) -> list[Row]:
    """Return the rows of these scenarios, in their stored order."""
    rows = json.loads(STORED.read_text("utf-8"))["rows"]
    return [row for row in rows if row["scenario"] in scenarios]


def find_median(row: Row, number: str) -> float:
    """Return the median of the samples that have a number; NaN when none has."""
    found = [one[number] for one in row["samples"] if one.get(number) is not None]
    return median(found) if found else math.nan


def write_engines(_: str = "") -> str:
    """Return every engine on the scenarios: time, memory, trades."""
    rows = read_rows(SCENARIOS)
    head = ("scenario", "engine", "CPU s", "again CPU s", "import+load+run s", "max RSS MB",
            "trades", "final equity", "agrees")  # fmt: skip
    return _table(head, "ll------l", [_engine(row) for row in rows]) + _where(rows)


def _engine(row: Row) -> tuple[str, ...]:
    names = (row["scenario"], row["engine"])
    if not row["samples"]:
        return (*names, *[""] * 6, row["failed"])
    first = row["samples"][0]
    return (
        *names, _three_digits(find_median(row, "run")), _three_digits(find_median(row, "again")),
        f"{find_median(row, 'total'):.2f}", f"{find_median(row, 'rss'):.0f}",
        f"{first['trades']:,}", f"{first['equity']:,.2f}", row["agrees"],
    )  # fmt: skip


def write_alone(_: str = "") -> str:
    """Return what all layers together save of one backtest in a process of its own."""
    rows = read_rows(SCENARIOS)
    cells = []
    for scenario in SCENARIOS:
        off, on, rss_off, rss_on = (
            _find(rows, scenario, name, number)
            for number in ("total", "rss")
            for name in ("holdfast-plain", "holdfast")
        )
        less, memory = f"{1 - on / off:.0%}", f"{rss_off:.0f} and {rss_on:.0f} MB"
        cells.append((scenario, f"{off:.2f} s", f"{on:.2f} s", less, memory))
    head = ("scenario", "all layers off", "all layers on", "less", "max RSS, off and on")
    return _table(head, "l----", cells) + _where(rows)


def write_targets(_: str = "") -> str:
    """Return tables of targets beside windows as arrays, and beside vectorbt in both forms."""
    rows = read_rows(SCENARIOS)
    names = ("holdfast-array", "holdfast-targets", "vectorbt", "vectorbt-signals")
    cells = []
    for scenario in SCENARIOS:
        each = [_find(rows, scenario, name, "again") for name in names]
        if not math.isnan(each[1]):
            cells.append((scenario, *map(_three_digits, each), f"{each[1] / each[2]:.2f}"))
    head = ("scenario", "array", "`run_targets`", "vectorbt", "vectorbt, signals",
            "`run_targets` / vectorbt")  # fmt: skip
    return _table(head, "l-----", cells) + _where(rows) if cells else _missing(*SCENARIOS)


def write_sweep(_: str = "") -> str:
    """Return the sweep of a hundred backtests."""
    rows = read_rows(["sweep"])
    head = ("engine", "sweep s", "second sweep s", "import+sweep s", "trades",
            "mean final equity", "agrees")  # fmt: skip
    cells = [
        (
            row["engine"], *(f"{find_median(row, number):.2f}".replace("nan", "")
                             for number in ("run", "again", "total")),
            f"{row['samples'][0]['trades']:,}", f"{row['samples'][0]['equity']:,.2f}",
            row["agrees"],
        )
        for row in rows if row["samples"]
    ]  # fmt: skip
    return _table(head, "l-----l", cells) + _where(rows) if cells else _missing("sweep")


def write_pipelines(_: str = "") -> str:
    """Return pipelines beside Zipline's."""
    names, rows = ("zipline", "holdfast"), read_rows(PIPELINES)
    head = ("what", "zipline-reloaded", "Holdfast", "as fast", "trades or rows", "agrees")
    cells = []
    for what in dict.fromkeys(row["scenario"] for row in rows):
        theirs, ours = (_find(rows, what, f"{name}-{what}", "run") for name in names)
        last = next(row for row in rows if row["engine"] == f"holdfast-{what}")
        count = f"{last['samples'][0]['trades']:,}"
        times = f"{theirs / ours:.1f} times"
        cells.append((what, f"{theirs:.2f} s", f"{ours:.2f} s", times, count, last["agrees"]))
    return _table(head, "l----l", cells) + _where(rows) if cells else _missing(*PIPELINES)


def write_times(_: str = "") -> str:
    """Return how many times as fast as Zipline each form of Holdfast is."""
    rows = read_rows(SCENARIOS)
    forms = {
        "windows as arrays": "holdfast-array", "the Zipline strategy unchanged": "holdfast",
        "unchanged, all layers off": "holdfast-plain",
    }  # fmt: skip
    cells = []
    for form, name in forms.items():
        for zipline, field in (("zipline", "price"), ("zipline-close", "close")):
            times = [
                _find(rows, one, zipline, "run") / _find(rows, one, name, "run")
                for one in SCENARIOS
            ]
            cells.append((form, f"`{field}`", *map(_three_digits, times)))
    return _table(("times as fast as Zipline", "which reads", *SCENARIOS), "ll---", cells)


def write_ledgers(_: str = "") -> str:
    """Return what the exact ledger costs in each scenario."""
    costs = json.loads(STORED.read_text("utf-8"))["ledgers"]
    return ", ".join(f"{cost - 1:.1%} ({scenario})" for scenario, cost in costs.items())


def _find(rows: Iterable[Row], scenario: str, engine: str, number: str) -> float:
    names = (scenario, engine)
    row = next((row for row in rows if (row["scenario"], row["engine"]) == names), None)
    return find_median(row, number) if row else math.nan


def _where(rows: Sequence[Row]) -> str:
    """Return below a table where, when and how often its numbers were measured."""
    document = json.loads(STORED.read_text("utf-8"))
    measured = document.get("measured", {})
    said = []
    for scenario in dict.fromkeys(row["scenario"] for row in rows):
        about = measured.get(scenario, document)
        facts = f"{about['machine']}, Python {about['Python']}, {about['date']}, "
        line = f"{facts}medians of {about['runs']} runs in turn"
        said += [] if line in said else [line]
    return f"\n\n({'; '.join(said)})"


def _missing(*scenarios: str) -> str:
    return f"(Not stored yet: `python -m comparison {' '.join(scenarios)}` measures it.)"


def _three_digits(value: float) -> str:
    """Return three digits, as ``0.0140`` and ``530``."""
    return "" if math.isnan(value) else f"{value:#.3g}".rstrip(".")


def _table(head: Sequence[str], aligned: str, rows: Sequence[Sequence[str]]) -> str:
    rule = ["---" if one == "l" else "--:" for one in aligned]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
