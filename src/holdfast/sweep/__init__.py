"""Sweeps: many backtests of one strategy, from one core to a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.sweep.grids import grid
    from holdfast.sweep.walks import walk_forward

__all__ = ["grid", "walk_forward"]


def __getattr__(name: str) -> object:
    # The command line asks this package for its options, and only a sweep pays for pandas.
    if name == "grid":
        from holdfast.sweep.grids import grid

        return grid
    if name == "walk_forward":
        from holdfast.sweep.walks import walk_forward

        return walk_forward
    raise AttributeError(f"module 'holdfast.sweep' has no attribute {name!r}")
