"""A backtest of a target table: no strategy is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from holdfast.assets import Asset
from holdfast.context import Context
from holdfast.finance.cancel_policy import CancelPolicy
from holdfast.finance.commission import CommissionModel
from holdfast.finance.slippage import SlippageModel
from holdfast.run import run_algorithm
from holdfast.run_setup import set_cancel_policy, set_commission, set_slippage
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
    commission: CommissionModel | None = None,
    slippage: SlippageModel | None = None,
    cancel_policy: CancelPolicy | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Run a backtest that holds what a table says.

    Parameters
    ----------
    targets, kind, assets
        The table, as ``holdfast.api.order_targets`` takes it.
    start, end
        First and last date, both included; days without a session are skipped.
    bundle
        The folder that ``holdfast ingest`` or ``write_bundle`` made.
    initialize
        Called first, with ``context``: to set a benchmark, limits and scheduled functions.
    commission, slippage, cancel_policy
        The models; None for those that `initialize` sets, or the defaults.
    **options
        Others of `run_algorithm`, such as ``capital_base`` and ``data_frequency``.

    Returns
    -------
    DataFrame
        That of ``run_algorithm``: one row per session.

    Raises
    ------
    UsageError
        When the table does not fit the run.
    SymbolNotFound
        When the bundle holds no such symbol.

    See Also
    --------
    holdfast.run.run_algorithm
    holdfast.target_verbs.order_targets
    """

    def set_up(context: Context) -> None:
        if commission is not None:
            set_commission(commission)
        if slippage is not None:
            set_slippage(slippage)
        if cancel_policy is not None:
            set_cancel_policy(cancel_policy)
        if initialize is not None:
            initialize(context)
        order_targets(targets, kind, assets)

    return run_algorithm(start, end, set_up, bundle=bundle, **options)
