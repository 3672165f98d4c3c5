"""What a type checker knows of the public names, which are imported on demand ('make lint')."""

from typing import assert_type

import pandas as pd

import holdfast
from holdfast import (
    HoldfastError,
    Layers,
    grid,
    run_algorithm,
    run_targets,
    walk_forward,
    write_bundle,
)
from holdfast.context import Context


def buy_nothing(context: Context) -> None:
    """Start a strategy."""


def strategy() -> tuple[None, None]:
    """Return the two functions of one."""
    return None, None


def run_everything() -> None:
    """Use each name as its documentation says."""
    assert_type(holdfast.__version__, str)
    assert_type(Layers.ALL, Layers)
    assert_type(HoldfastError.exit_code, int)
    dates = ("2024-01-02", "2024-01-31")
    perf = run_algorithm(start=dates[0], end=dates[1], initialize=buy_nothing, bundle="stocks")
    assert_type(perf, pd.DataFrame)
    held = run_targets(perf, kind="percent", start=dates[0], end=dates[1], bundle="stocks")
    assert_type(held, pd.DataFrame)
    assert_type(write_bundle("stocks", perf), str)
    table = grid(strategy, {}, bundle="stocks", start=dates[0], end=dates[1])
    assert_type(table, pd.DataFrame)
    walk = walk_forward(strategy, {}, n_splits=2, bundle="stocks", start=dates[0], end=dates[1])
    assert_type(walk, pd.DataFrame)
