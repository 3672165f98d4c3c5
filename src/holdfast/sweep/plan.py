"""What a sweep needs before its first backtest: its job, sets, sessions and journal."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from holdfast.data.bundle import get_version_folder
from holdfast.data.dates import read_date
from holdfast.data.locks import folder_kept
from holdfast.errors import UsageError
from holdfast.layers import Layers
from holdfast.layers.workers import pool
from holdfast.run import DateLike, choose_layers, open_bundle
from holdfast.sweep.identity import identity
from holdfast.sweep.job import Job, OnError
from holdfast.sweep.journal import Journal, open_journal
from holdfast.sweep.parameters import ParameterSet, check_plain, parameter_sets


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that is ready to run.

    Parameters
    ----------
    job
        What its backtests have in common.
    sets
        Every combination of parameters, in grid order.
    days
        The date of each session that it spans.
    journal
        The rows that are finished.
    """

    job: Job
    sets: list[ParameterSet]
    days: list[str]
    journal: Journal


def make_job(
    strategy: Callable[..., Any],
    bundle: str | os.PathLike[str],
    layers: Layers,
    objective: str,
    errors: OnError,
    timeout: float | None,
    **options: Any,
) -> Job:
    """Return the job of a sweep; HOLDFAST_LAYERS overrides the layers, as in a single run."""
    bundle = os.path.abspath(bundle)
    if timeout is not None and not (math.isfinite(timeout) and timeout > 0):
        raise UsageError(f"timeout is {timeout} seconds; it must be a finite number > 0, or None")
    layers = choose_layers(layers)
    return Job(strategy, bundle, layers, objective, errors, options, timeout=timeout)


@contextmanager
def open_sweep(
    job: Job,
    params: Mapping[str, Iterable[Any]],
    start: DateLike,
    end: DateLike,
    resume: str | os.PathLike[str] | None,
) -> Iterator[Sweep]:
    """Check what can be checked before any backtest, and open the journal.

    Raises
    ------
    UsageError
        When the parameters make no grid, or `resume` belongs to another sweep.
    NotInBundle
        When the dates lie outside the bundle.
    """
    sets = parameter_sets(params, reserved=(*job.figures, "warning", "error"))
    if resume is not None:
        check_plain(sets)
    dates = read_date("start", start), read_date("end", end)
    with open_bundle(job.bundle, job.layers) as opened:
        first, last = opened.sessions.between(*dates)
        days = [str(day) for day in opened.sessions.labels[first : last + 1]]
        job = replace(job, version=opened.version)
    facts = {
        "bundle_version": job.version,
        "start": days[0],
        "end": days[-1],
        "strategy": identity(job.strategy) if resume is not None else "",
        "objective": job.objective,
        **job.options,
    }
    kept = folder_kept(get_version_folder(job.bundle, opened.version))
    with kept, open_journal(resume, facts) as journal, pool(job.layers):
        yield Sweep(job, sets, days, journal)
