"""Sweeps: many backtests of one strategy, from one core to a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.sweep.grids import grid
    from holdfast.sweep.walks import walk_forward

__all__ = ["grid", "walk_forward"]

_HOMES = {"grid": "holdfast.sweep.grids", "walk_forward": "holdfast.sweep.walks"}


def __getattr__(name: str) -> object:
    # The command line asks this package for its options, and only a sweep pays for pandas.
    if name not in _HOMES:
        raise AttributeError(f"module 'holdfast.sweep' has no attribute {name!r}")
    from holdfast.extras import load_public_name

    return load_public_name("holdfast.sweep", name, _HOMES[name])


def __dir__() -> list[str]:
    return __all__
