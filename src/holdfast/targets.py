"""A backtest of a target table: no strategy is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from holdfast.context import Context
from holdfast.errors import UsageError
from holdfast.finance.cancel_policy import CancelPolicy
from holdfast.finance.commission import CommissionModel
from holdfast.finance.slippage import SlippageModel
from holdfast.run import run_algorithm
from holdfast.run_setup import set_cancel_policy, set_commission, set_slippage
from holdfast.target_verbs import Kind, order_targets


def run_targets(
    targets: Any,
    *,
    kind: Kind = "shares",
    assets: Sequence[object] | None = None,
    commission: CommissionModel | None = None,
    slippage: SlippageModel | None = None,
    cancel_policy: CancelPolicy | None = None,
    prepare: Callable[[Context], object] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Run a backtest that holds what a table says.

    Parameters
    ----------
    targets, kind, assets
        The table, as ``order_targets`` takes it.
    commission, slippage, cancel_policy
        The models; None for the default of each.
    prepare
        Called in initialize with ``context``, before the table is read: for ``set_benchmark``,
        controls and scheduled functions.
    **options
        What ``run_algorithm`` takes, such as ``bundle``, ``start``, ``end``, ``capital_base``,
        ``data_frequency``, ``layers`` and ``ledger``.

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
    if "initialize" in options:
        raise UsageError("run_targets() has an initialize of its own; what yours does is prepare=")

    def initialize(context: Context) -> None:
        if commission is not None:
            set_commission(commission)
        if slippage is not None:
            set_slippage(slippage)
        if cancel_policy is not None:
            set_cancel_policy(cancel_policy)
        if prepare is not None:
            prepare(context)
        order_targets(targets, kind, assets)

    return run_algorithm(initialize=initialize, **options)
