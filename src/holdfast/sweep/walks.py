"""Walk-forward: choose parameters on one window of sessions, and test them on the next."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from holdfast.context import Context
from holdfast.errors import UsageError
from holdfast.finance.cash import LedgerKind
from holdfast.layers import Layers
from holdfast.settings import DataFrequency, DateLike, Settings
from holdfast.sweep.job import Backtest, Job, OnError, Row
from holdfast.sweep.parameters import ParameterSet
from holdfast.sweep.plan import Sweep, open_sweep
from holdfast.sweep.rows import run_backtests, to_frame
from holdfast.sweep.target_tables import choose_strategy
from holdfast.target_verbs import TargetKind


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of sessions, as ranges: the test window follows the training window."""

    train: range
    test: range


def walk_forward(
    strategy: Callable[..., Any] | None = None,
    params: Mapping[str, Iterable[Any]] | None = None,
    *,
    targets: Callable[..., Any] | None = None,
    kind: TargetKind = "shares",
    initialize: Callable[[Context], object] | None = None,
    bundle: str | os.PathLike[str],
    start: DateLike,
    end: DateLike,
    n_splits: int = 5,
    train_size: int | None = None,
    test_size: int | None = None,
    gap: int = 0,
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
    """Choose the best parameters on each training window, and run them on the window after it.

    A choice depends on nothing that happens after its training window.

    Parameters
    ----------
    strategy, params, targets, kind, initialize
        As for `grid`; `prices` end with each window.
    bundle, start, end, workers, layers, errors, timeout, resume
        As for `grid`.
    n_splits, test_size, gap
        As for scikit-learn's ``TimeSeriesSplit``, counted in sessions: how many test windows,
        how long each (by default the sessions over ``n_splits + 1``), and how many sessions
        are left out between training and test.
    train_size
        At most how many sessions to train on, the last before the gap; None trains on all
        from `start` on. It is ``TimeSeriesSplit``'s ``max_train_size``.
    objective
        The figure that is largest for the best set; of equal ones the first in grid order.
    capital_base, data_frequency, ledger
        As for ``run_algorithm``; every window starts with this capital.

    Returns
    -------
    DataFrame
        A row per split: train_start, train_end, test_start, test_end; the parameters chosen;
        the objective they reached in training, such as train_sharpe; `grid`'s figures of the
        test window; warning and error, each a text or None.

    Raises
    ------
    UsageError
        When there are too few sessions for the splits; and as for `grid`.
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
        splits = split_sessions(len(sweep.days), n_splits, train_size, test_size, gap)
        choices = _choose_parameters(sweep, splits, workers)
        tested = _test_choices(sweep, splits, choices, workers)
    edges = [_format_edges(sweep, split) for split in splits]
    return to_frame([{**e, **c, **t} for e, c, t in zip(edges, choices, tested, strict=True)])


def split_sessions(
    n_sessions: int, n_splits: int, train_size: int | None, test_size: int | None, gap: int
) -> list[Split]:
    """Return the same windows as scikit-learn's ``TimeSeriesSplit``.

    Raises
    ------
    UsageError
        When a number is too small, or there are too few sessions.
    """
    if n_splits < 1:
        raise UsageError(f"n_splits is {n_splits}; at least 1 is needed")
    test = n_sessions // (n_splits + 1) if test_size is None else test_size
    train = n_sessions if train_size is None else train_size
    for name, value, least in (("test_size", test, 1), ("train_size", train, 1), ("gap", gap, 0)):
        if value < least:
            raise UsageError(f"{name} is {value} sessions; at least {least} is needed")
    first = n_sessions - n_splits * test
    if first - gap < 1:
        raise UsageError(
            f"{n_splits} test windows of {test} sessions and a gap of {gap} leave nothing of "
            f"{n_sessions} sessions to train on (fewer splits, or a longer span)"
        )
    starts = range(first, n_sessions, test)
    ends = [start - gap for start in starts]
    begins = [max(0, end - train) for end in ends]
    return [
        Split(range(begin, end), range(start, start + test))
        for begin, end, start in zip(begins, ends, starts, strict=True)
    ]


def _format_edges(sweep: Sweep, split: Split) -> Row:
    days = [pd.Timestamp(sweep.days[row]) for row in _ends(split.train) + _ends(split.test)]
    return dict(zip(("train_start", "train_end", "test_start", "test_end"), days, strict=True))


def _ends(window: range) -> tuple[int, int]:
    return window[0], window[-1]


def _make_backtest(sweep: Sweep, window: range, chosen: ParameterSet) -> Backtest:
    first, last = _ends(window)
    return Backtest(chosen, sweep.days[first], sweep.days[last])


def _choose_parameters(sweep: Sweep, splits: Sequence[Split], workers: int | None) -> list[Row]:
    """Return the best set of each training window, with its objective there."""
    backtests = [
        _make_backtest(sweep, one.train, chosen) for one in splits for chosen in sweep.sets
    ]
    rows = iter(run_backtests(sweep.job, backtests, workers, sweep.journal))
    return [_pick_best(sweep, [next(rows) for _ in sweep.sets]) for _ in splits]


def _pick_best(sweep: Sweep, trained: Sequence[Row]) -> Row:
    """Return the set with the largest objective, the first of equals, or a row with an error."""
    objective = sweep.job.objective
    reached = [row[objective] for row in trained]
    defined = [number for number, value in enumerate(reached) if value == value]
    if not defined:
        why = next((row["error"] for row in trained if row["error"]), "it was never defined")
        error = f"no parameter set has a {objective} in training: {why}"
        return {**dict.fromkeys(sweep.sets[0]), f"train_{objective}": math.nan, "error": error}
    best = max(defined, key=reached.__getitem__)
    return {**sweep.sets[best], f"train_{objective}": reached[best]}


def _test_choices(
    sweep: Sweep, splits: Sequence[Split], choices: Sequence[Row], workers: int | None
) -> list[Row]:
    """Return the figures of each test window; NaN where training chose nothing."""
    names = list(sweep.sets[0])
    backtests = {
        number: _make_backtest(sweep, split.test, {name: choice[name] for name in names})
        for number, (split, choice) in enumerate(zip(splits, choices, strict=True))
        if "error" not in choice
    }
    rows = run_backtests(sweep.job, [*backtests.values()], workers, sweep.journal)
    tested = dict(zip(backtests, rows, strict=True))
    return [
        tested.get(number) or sweep.job.failed_row(choice["error"])
        for number, choice in enumerate(choices)
    ]
