"""Holdfast: a backtester with Zipline's API that stays fast, and the gate that keeps it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.run import run_algorithm

__all__ = ["run_algorithm"]


def __getattr__(name: str) -> object:
    # The gate is used in projects that never run a backtest: they do not pay for pandas.
    if name == "run_algorithm":
        from holdfast.run import run_algorithm

        return run_algorithm
    raise AttributeError(f"module 'holdfast' has no attribute {name!r}")
