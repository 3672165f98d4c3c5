"""The stored comparison: what was measured anew replaces its own rows and leaves the others."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from comparison.goals import Goal
from comparison.table import Row

LONG = ("each", "fills", "values")  # each backtest's answers, which are compared and not kept


def store(
    path: Path,
    about: dict[str, str],
    rows: list[Row],
    goals: list[Goal],
    ledgers: dict[str, float],
) -> None:
    """Write the samples; ``measured`` says of each scenario when and where they were taken."""
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    anew = list(dict.fromkeys(row.scenario for row in rows))
    old = {name: before[name] for name in about if name in before}
    measured = {row["scenario"]: old for row in before.get("rows", ())}
    measured |= before.get("measured", {}) | dict.fromkeys(anew, about)
    document = {
        **about,
        "measured": measured,
        "rows": [*_keep(before, "rows", anew), *map(_strip, rows)],
        "goals": [*_keep(before, "goals", anew), *map(dataclasses.asdict, goals)],
        "ledgers": before.get("ledgers", {}) | ledgers,
    }
    path.write_text(json.dumps(document, indent=1))


def _keep(before: dict[str, Any], what: str, anew: list[str]) -> list[Any]:
    return [one for one in before.get(what, ()) if one["scenario"] not in (*anew, "all")]


def _strip(row: Row) -> dict[str, Any]:
    samples = [{key: one[key] for key in one if key not in LONG} for one in row.samples]
    return dataclasses.asdict(dataclasses.replace(row, samples=samples))
