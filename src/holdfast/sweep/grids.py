"""Grid search: every combination of parameters, one row for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from holdfast.context import Context
from holdfast.finance.cash import LedgerKind
from holdfast.layers import Layers
from holdfast.settings import DataFrequency, DateLike, Settings
from holdfast.sweep.job import Backtest, Job, OnError
from holdfast.sweep.plan import open_sweep
from holdfast.sweep.rows import run_backtests, to_frame
from holdfast.sweep.target_tables import choose_strategy
from holdfast.target_verbs import TargetKind


def grid(
    strategy: Callable[..., Any] | None = None,
    params: Mapping[str, Iterable[Any]] | None = None,
    *,
    targets: Callable[..., Any] | None = None,
    kind: TargetKind = "shares",
    initialize: Callable[[Context], object] | None = None,
    bundle: str | os.PathLike[str],
    start: DateLike,
    end: DateLike,
    objective: str = "sharpe",
    workers: int | None = None,
    layers: Layers = Layers.ALL,
    errors: OnError = "keep",
    timeout: float | None = None,
    resume: str | os.PathLike[str] | None = None,
    capital_base: float = 1e7,
    data_frequency: DataFrequency = "daily",
    ledger: LedgerKind = "decimal",
    zipline_names: bool = True,
) -> pd.DataFrame:
    """Run a strategy with every combination of parameters.

    Parameters
    ----------
    strategy
        ``strategy(**one_set)`` returns two functions, ``initialize, handle_data``; the second
        may be None. It may be defined in a script or a notebook.
    params
        The values of each parameter, by name.
    targets
        In place of `strategy`: ``targets(prices, **one_set)`` returns what to hold, as
        ``order_targets`` takes it. `prices` has the columns open, high, low, close and volume, a
        frame each, from the bundle's first bar to the run's last, and ``cached``: see
        ``holdfast.sweep.prices.Prices``.
    kind, initialize
        Of `targets`: as for ``run_targets``.
    bundle, start, end, capital_base, data_frequency, ledger, zipline_names
        As for ``run_algorithm``.
    objective
        The column of the perf frame whose last value ranks a set; more is better. A column
        that the strategy records is added to the result.
    workers
        How many processes; 1 runs everything in this one. None means the number of joblib's
        ``parallel_config``, or else one for each core.
    layers
        Which optimisations are on; the results are the same.
    errors
        ``keep`` gives a set whose strategy raises a row with the error's text, ``raise``
        stops the sweep, also at a result that no investor could live through (`warning` below).
    timeout
        After how many seconds a backtest is given up: its row gets an error, and its worker
        goes on with the next. None waits for ever.
    resume
        A file to which every finished row is appended. Rows in it are not run again, so an
        interrupted sweep resumes where it stopped.

    Returns
    -------
    DataFrame
        A row per set; the last parameter varies fastest. Columns: the parameters; sharpe,
        sortino, algorithm_period_return, algo_volatility, max_drawdown, max_leverage and
        portfolio_value at the end, and the number of transactions; warning, a text when the
        portfolio fell to nothing or gross leverage passed 10, with the date; error, a text or
        None.

    Raises
    ------
    UsageError
        When a setting or the parameters are wrong, or `resume` belongs to another sweep.
    NotInBundle
        When the dates lie outside the bundle.
    WorkerLost
        When a set kills its worker repeatedly; it is retried first.
    """
    settings = Settings(
        start=start,
        end=end,
        bundle=bundle,
        capital_base=capital_base,
        data_frequency=data_frequency,
        layers=layers,
        ledger=ledger,
        zipline_names=zipline_names,
    )
    chosen = choose_strategy(strategy, targets, kind, initialize)
    job = Job(chosen, settings, objective, errors, timeout)
    with open_sweep(job, params or {}, resume) as sweep:
        backtests = [Backtest(one, sweep.days[0], sweep.days[-1]) for one in sweep.sets]
        rows = run_backtests(sweep.job, backtests, workers, sweep.journal)
    return to_frame([one | row for one, row in zip(sweep.sets, rows, strict=True)])
