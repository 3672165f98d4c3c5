"""Runs many backtests in workers: rows are kept as they finish, lost ones are run again."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool

import pandas as pd

from holdfast.data.remote import localize
from holdfast.errors import WorkerLost
from holdfast.layers.workers import as_completed, check_workers, runs_locally
from holdfast.sweep.job import Backtest, Job, Row
from holdfast.sweep.journal import Journal
from holdfast.sweep.target_tables import TargetTables

_RETRIES = 2
_WORKERS_PAY = 1.0  # seconds of work: to start processes takes about as long

log = logging.getLogger("holdfast")


def run_backtests(
    job: Job, backtests: Sequence[Backtest], workers: int | None, journal: Journal
) -> list[Row]:
    """Run backtests and return a row for each, in their order.

    Parameters
    ----------
    job
        What they have in common.
    backtests
        Those in the journal are not run again.
    workers
        How many processes; None for the number of ``parallel_config``, or all cores.
    journal
        Every new row is appended at once.

    Raises
    ------
    WorkerLost
        When a backtest ends its worker again and again.
    """
    rows = {
        number: journal.rows[one.key]
        for number, one in enumerate(backtests)
        if one.key in journal.rows
    }
    left = {number: one for number, one in enumerate(backtests) if number not in rows}
    for number, row in _with_progress(
        _run_with_retries(job, left, workers), len(backtests), len(left)
    ):
        journal.add(backtests[number].key, row)
        rows[number] = row
    return [rows[number] for number in range(len(backtests))]


def to_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows as a frame; a text stays None where there is none."""
    table = pd.DataFrame(rows)
    for name in ("warning", "error"):
        table[name] = pd.Series([row[name] for row in rows], dtype=object)
    return table


def _with_progress(
    rows: Iterator[tuple[int, Row]], total: int, left: int
) -> Iterable[tuple[int, Row]]:
    """Draw a progress bar on a terminal; elsewhere tqdm is not even imported."""
    if not sys.stderr.isatty():
        return rows
    from tqdm import tqdm

    bar: Iterable[tuple[int, Row]] = tqdm(rows, total=total, initial=total - left, unit="backtest")
    return bar


def _run_with_retries(
    job: Job, backtests: dict[int, Backtest], workers: int | None
) -> Iterator[tuple[int, Row]]:
    """Yield rows as they finish; when a worker dies, run its backtests again."""
    left = dict(backtests)
    check_workers(workers)
    if isinstance(job.strategy, TargetTables) and runs_locally():
        yield from _run_here(job, left)
    while left:
        waiting = list(left.items())
        handed_out: list[int] = []
        try:
            for place, row in as_completed(
                job.run,
                _record_handed_out(waiting, handed_out),
                workers,
                job.settings.layers,
                [_bundle_of(job)],
            ):
                number = waiting[place][0]
                del left[number]
                yield number, row
        except BrokenProcessPool:
            suspects = {number: left.pop(number) for number in handed_out if number in left}
            log.warning("a worker was killed; running %d backtests again", len(suspects))
            # One at a time, which shows which of them kills its worker.
            for number, suspect in suspects.items():
                yield number, _run_alone(job, suspect, workers)


def _run_here(job: Job, left: dict[int, Backtest]) -> Iterator[tuple[int, Row]]:
    """Run backtests in this process, and take them out of `left`: all, unless workers pay."""
    began = time.perf_counter()
    for done, number in enumerate(list(left)):
        spent = time.perf_counter() - began
        if done and spent / done * len(left) > _WORKERS_PAY:
            return
        yield number, job.run(left.pop(number))


def _record_handed_out(
    waiting: Sequence[tuple[int, Backtest]], handed_out: list[int]
) -> Iterator[Backtest]:
    for number, one in waiting:
        handed_out.append(number)
        yield one


def _run_alone(job: Job, backtest: Backtest, workers: int | None) -> Row:
    for _ in range(_RETRIES):
        try:
            ((_, row),) = as_completed(
                job.run, [backtest], workers, job.settings.layers, [_bundle_of(job)]
            )
        except BrokenProcessPool:
            continue
        return row
    raise WorkerLost(
        f"the backtest {backtest.key} killed its worker {_RETRIES + 1} times "
        f"(out of memory, or a crash in native code? leave the parameter set out; "
        f"with resume=PATH the rows that are finished need not be run again)"
    )


def _bundle_of(job: Job) -> tuple[str, str | None]:
    return localize(job.settings.bundle, job.settings.bundle_version)
