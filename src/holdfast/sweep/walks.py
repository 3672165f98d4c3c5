"""Walk-forward: choose parameters on one window of sessions, and try them on the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from holdfast.errors import UsageError
from holdfast.finance.cash import LedgerKind
from holdfast.layers import Layers
from holdfast.run import DateLike
from holdfast.sweep.job import Backtest, Job, OnError, Row
from holdfast.sweep.parameters import ParameterSet
from holdfast.sweep.rows import rows_of
from holdfast.sweep.setting import Sweep, job_of, opened_sweep


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of sessions, as ranges: the test window follows the training window."""

    train: range
    test: range


def walk_forward(
    strategy: Callable[..., Any],
    params: Mapping[str, Iterable[Any]],
    *,
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
    resume: str | os.PathLike[str] | None = None,
    capital_base: float = 1e7,
    data_frequency: Literal["daily", "minute"] = "daily",
    ledger: LedgerKind = "decimal",
) -> pd.DataFrame:
    """Choose the best parameters on each training window, and run them on the window after it.

    A choice depends on nothing that happens after its training window.

    Parameters
    ----------
    strategy, params, bundle, start, end, workers, layers, errors, resume
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
        test window; error, a text or None.

    Raises
    ------
    UsageError
        When there are too few sessions for the splits; and as for `grid`.
    """
    options = {"capital_base": capital_base, "data_frequency": data_frequency, "ledger": ledger}
    job = job_of(strategy, bundle, layers, objective, errors, **options)
    with opened_sweep(job, params, start, end, resume) as sweep:
        splits = splits_of(len(sweep.days), n_splits, train_size, test_size, gap)
        training = [_backtest(sweep, one.train, chosen) for one in splits for chosen in sweep.sets]
        trained = rows_of(job, training, workers, sweep.journal)
        size = len(sweep.sets)
        parts = [trained[first : first + size] for first in range(0, len(trained), size)]
        best = [_best(objective, part) for part in parts]
        tests = {
            number: _backtest(sweep, one.test, sweep.sets[choice])
            for number, (one, choice) in enumerate(zip(splits, best, strict=True))
            if choice is not None
        }
        tested = dict(
            zip(tests, rows_of(job, [*tests.values()], workers, sweep.journal), strict=True)
        )
    table = [
        _row(sweep, split, parts[number], best[number], tested.get(number))
        for number, split in enumerate(splits)
    ]
    return pd.DataFrame(table)


def splits_of(
    n_sessions: int, n_splits: int, train_size: int | None, test_size: int | None, gap: int
) -> list[Split]:
    """Return the windows that scikit-learn's ``TimeSeriesSplit`` would.

    Raises
    ------
    UsageError
        When a number is too small, or there are too few sessions.
    """
    test = n_sessions // (n_splits + 1) if test_size is None else test_size
    numbers = {"n_splits": n_splits, "test_size": test, "train_size": train_size or 1, "gap": gap}
    for name, value in numbers.items():
        least = 0 if name == "gap" else 1
        if value < least:
            raise UsageError(f"{name} is {value}; at least {least} is needed")
    first = n_sessions - n_splits * test
    if first - gap < 1:
        raise UsageError(
            f"{n_splits} test windows of {test} sessions and a gap of {gap} leave nothing of "
            f"{n_sessions} sessions to train on (fewer splits, or a longer span)"
        )
    starts = range(first, n_sessions, test)
    ends = [start - gap for start in starts]
    begins = [0 if train_size is None else max(0, end - train_size) for end in ends]
    return [
        Split(range(begin, end), range(start, start + test))
        for begin, end, start in zip(begins, ends, starts, strict=True)
    ]


def _backtest(sweep: Sweep, window: range, chosen: ParameterSet) -> Backtest:
    return Backtest(chosen, sweep.days[window[0]], sweep.days[window[-1]])


def _best(objective: str, rows: Sequence[Row]) -> int | None:
    """Return which row is best, the first of equals; None when no row is defined."""
    defined = [number for number, row in enumerate(rows) if row[objective] == row[objective]]
    return max(defined, key=lambda number: rows[number][objective], default=None)


def _row(
    sweep: Sweep, split: Split, trained: Sequence[Row], best: int | None, tested: Row | None
) -> Row:
    edges = {"train": split.train, "test": split.test}
    dates = {
        f"{name}_{side}": pd.Timestamp(sweep.days[window[at]])
        for name, window in edges.items()
        for side, at in (("start", 0), ("end", -1))
    }
    job = sweep.job
    if best is None or tested is None:
        why = next((row["error"] for row in trained if row["error"]), "it was never defined")
        error = f"no parameter set has a {job.objective} in training: {why}"
        return dates | _nothing(job, sweep.sets[0]) | {"error": error}
    reached = {f"train_{job.objective}": trained[best][job.objective]}
    return dates | sweep.sets[best] | reached | tested


def _nothing(job: Job, names: Iterable[str]) -> Row:
    nan = float("nan")
    params = dict.fromkeys(names)
    return {**params, f"train_{job.objective}": nan, **dict.fromkeys(job.figures, nan)}
