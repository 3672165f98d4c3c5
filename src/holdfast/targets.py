"""``run_targets``: a backtest of a table of targets, without a strategy's functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from holdfast.assets import Asset
from holdfast.context import Context
from holdfast.run import run_algorithm
from holdfast.settings import DateLike
from holdfast.target_verbs import TargetKind, order_targets


def run_targets(
    targets: Any,
    start: DateLike,
    end: DateLike,
    *,
    bundle: str | os.PathLike[str],
    kind: TargetKind = "shares",
    assets: Sequence[Asset | str] | None = None,
    initialize: Callable[[Context], object] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Run a backtest that holds what a table says.

    Parameters
    ----------
    targets, kind, assets
        As for ``holdfast.api.order_targets``.
    start, end
        First and last date, both included; days without a session are skipped.
    bundle
        The folder that ``holdfast ingest`` or ``write_bundle`` made.
    initialize
        Called first, with ``context``: to set costs and limits.
    **options
        Others of `run_algorithm`, such as ``capital_base`` and ``data_frequency``.

    Returns
    -------
    DataFrame
        The perf frame of `run_algorithm`: fills, costs, splits and dividends are exact.

    Raises
    ------
    UsageError
        When the table does not fit the run.
    """

    def set_up(context: Context) -> None:
        if initialize is not None:
            initialize(context)
        order_targets(targets, kind, assets)

    return run_algorithm(start, end, set_up, bundle=bundle, **options)
