"""Markets that several benchmarks share: never change one, add another (asv compares by name)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from holdfast import run_algorithm
from holdfast.data.ingest import write_bundle
from holdfast.layers import Layers

from .old_names import synthetic_bars

OFF_ON = ["off", "on"]
N_BROAD = 200


def write_broad(folder: Path) -> Path:
    """200 assets over a quarter of daily bars: many names, short windows."""
    path = folder / "broad"
    write_bundle(path, synthetic_bars(N_BROAD, "2025-01-02", "2025-03-31"))
    return path


def write_minutes(folder: Path) -> Path:
    """20 assets over a quarter of minute bars: half a million rows to read."""
    path = folder / "minutes"
    write_bundle(path, synthetic_bars(20, "2025-01-02", "2025-03-31", "minute"), "minute")
    return path


def switched(state: str, *names: str, beside: tuple[str, ...] = ()) -> Layers:
    """Return some layers off or on, with others on beside them in either case."""
    return Layers.only((*names, *beside) if state == "on" else beside)


def backtest(bundle: Path, layers: Layers, sessions: tuple[str, str], **strategy: Any) -> Any:
    """Run one backtest over daily bars."""
    start, end = sessions
    return run_algorithm(start=start, end=end, bundle=bundle, layers=layers, **strategy)


def make_week() -> Any:
    """Return one small backtest, as a sweep runs it in a worker.

    It is made here, not imported, since a worker cannot import asv's benchmark modules.
    """

    def week(path: str) -> float:
        from holdfast import run_algorithm
        from holdfast.api import record, sid

        perf = run_algorithm(
            start="2025-03-24",
            end="2025-03-28",
            bundle=path,
            handle_data=lambda context, data: record(close=data.current(sid(0), "close")),
        )
        return float(perf["close"].iloc[-1])

    return week
