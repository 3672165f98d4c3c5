"""Which pipelines are computed on which market: one golden file each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from golden.pipelines import terms
from golden.pipelines.names import Names

ANSWERS = Path(__file__).parents[1] / "answers"
NO_LABEL = -(2**63)  # what Zipline makes of a missing quantile; Holdfast keeps it at -1


@dataclass(frozen=True)
class Frame:
    """One pipeline over one market."""

    name: str
    market: str
    start: str
    end: str
    columns: Callable[[Names], dict[str, Any]] = terms.all_terms

    @property
    def path(self) -> Path:
        return ANSWERS / f"{self.name}.json"


FRAMES = (
    Frame("pipeline-gaps", "daily_gaps", "2024-04-15", "2024-05-20"),
    Frame("pipeline-payouts", "daily_payouts", "2024-03-20", "2024-05-20"),
)


def frame_as_answers(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what a golden file holds: the rows' sessions and numbers, and each column."""
    return {
        "rows": [f"{session.date()} {asset.sid}" for session, asset in frame.index],
        "dtypes": {name: str(dtype) for name, dtype in frame.dtypes.items()},
        "columns": {name: [_plain(value) for value in frame[name].tolist()] for name in frame},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if value == NO_LABEL:
        return -1
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
