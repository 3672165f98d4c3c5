"""Measured backtests as rows, and the rows as one Markdown table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from comparison.books import find_difference
from comparison.roster import ENGINES, NEXT_CLOSE, ZIPLINE
from comparison.runner import AGAIN_BELOW

HEAD = (
    "scenario",
    "engine",
    "fills at",
    "CPU s",
    "again CPU s",
    "zipline / it",
    "import+load+run s",
    "max RSS MB",
    "trades",
    "final equity",
    "agrees",
)
NOTES = f"""\
CPU s: the backtest alone; bars are in memory, in the engine's own form (holdfast-plain, which
remembers nothing, reads them itself). again: a second backtest of the same process, where
the first took less than {AGAIN_BELOW:g} s. import+load+run: CPU seconds until the first has ended.
agrees: every fill and the equity of every session are the reference's, to the cent; for other
fills only trades can be compared ('trades' when they are as many)."""


@dataclass
class Row:
    """One engine on one scenario: a sample per run, or why there is none."""

    scenario: str
    engine: str
    samples: list[dict[str, Any]] = field(default_factory=list)
    failed: str = ""
    agrees: str = ""
    differs: str = ""

    def median(self, what: str) -> float:
        """Return the median of the samples that have the number; NaN when none has."""
        found = [one[what] for one in self.samples if one.get(what) is not None]
        return statistics.median(found) if found else math.nan

    @property
    def measured(self) -> bool:
        return bool(self.samples) and not self.failed


def judge_agreement(rows: list[Row]) -> None:
    """Fill in `agrees` for the rows of one scenario."""
    measured = [row for row in rows if row.measured]
    others = [row for row in measured if ENGINES[row.engine].fills == NEXT_CLOSE]
    reference = next((row for row in others if row.engine == ZIPLINE), (others or [None])[0])
    for row in measured:
        if reference is None:
            row.agrees = "?"
        elif row is reference:
            row.agrees = "reference"
        elif ENGINES[row.engine].fills == NEXT_CLOSE:
            row.agrees = _agreement(_answers(row), _answers(reference))
            row.differs = _find_difference(row, reference)
            row.agrees = "NO" if row.differs else row.agrees
        else:
            row.agrees = "trades" if len(_trades(row) | _trades(reference)) == 1 else "-"


def _agreement(ours: set[Any], theirs: set[Any]) -> str:
    """Say whether all backtests agree, or how many of a sweep do: two means may tie in one."""
    if ours == theirs:
        return "yes"
    same = [mine == other for mine, other in zip(min(ours), min(theirs), strict=True)]
    return f"{sum(same)} of {len(same)}" if any(same) else "NO"


def _find_difference(row: Row, reference: Row) -> str:
    """Return the first difference of any run's books to the reference's, or nothing."""
    other = reference.samples[0]
    if "fills" not in other:
        return ""
    found = (find_difference(one, other) for one in row.samples if "fills" in one)
    return next(filter(None, found), "")


def list_disagreements(rows: list[Row]) -> list[str]:
    """Return a line for each engine that fills at the next close and has other answers."""
    return [
        f"{row.scenario}: {row.engine} differs from the reference"
        f" ({row.differs or 'trades or final equity'})"
        for row in rows
        if row.agrees == "NO"
    ]


def _answers(row: Row) -> set[tuple[tuple[int, float], ...]]:
    """Return trades and equity of each backtest, to the cent, over all runs: a set of one."""
    return {
        tuple((trades, round(equity, 2)) for trades, equity in sample.get("each", [_sums(sample)]))
        for sample in row.samples
    }


def _trades(row: Row) -> set[tuple[int, ...]]:
    return {tuple(trades for trades, _ in each) for each in _answers(row)}


def _sums(sample: dict[str, Any]) -> tuple[int, float]:
    return sample["trades"], sample["equity"]


def table(rows: Iterable[Row]) -> str:
    """Return the table in Markdown."""
    rows = list(rows)
    zipline = {row.scenario: row for row in rows if row.engine == ZIPLINE and row.measured}
    return markdown(HEAD, [_cells(row, zipline.get(row.scenario)) for row in rows], rows)


def markdown(head: tuple[str, ...], cells: list[tuple[str, ...]], rows: list[Row]) -> str:
    """Return lines of equal width, and below them why some rows have no numbers."""
    lines = [head, *cells]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_line(line, widths) for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    failed = [f"{row.scenario} {row.engine}: {row.failed}" for row in rows if row.failed]
    return "\n".join([*text, *failed])


def _cells(row: Row, zipline: Row | None) -> tuple[str, ...]:
    names = (row.scenario, row.engine, ENGINES[row.engine].fills)
    if not row.measured:
        return (*names, "failed", *[""] * (len(HEAD) - len(names) - 1))
    ratio = f"{zipline.median('run') / row.median('run'):.1f}" if zipline else ""
    trades, equity = _sums(row.samples[0])
    again = row.median("again")
    return (
        *names,
        f"{row.median('run'):.4f}",
        "" if math.isnan(again) else f"{again:.4f}",
        ratio,
        f"{row.median('total'):.2f}",
        f"{row.median('rss'):.0f}",
        str(trades),
        f"{equity:,.2f}",
        row.agrees,
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    pairs = zip(cells, widths, strict=True)
    return "| " + " | ".join(cell.ljust(width) for cell, width in pairs) + " |"
