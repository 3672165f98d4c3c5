"""Prepares a sweep: checks it, finds its sessions and opens its journal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from holdfast.data.bundle import get_version_folder
from holdfast.data.dates import read_date
from holdfast.data.locks import folder_kept
from holdfast.data.remote import localize, make_absolute
from holdfast.layers.workers import manage_workers
from holdfast.run import choose_layers, open_bundle
from holdfast.sweep.identity import identity
from holdfast.sweep.job import Job
from holdfast.sweep.journal import Journal, open_journal
from holdfast.sweep.parameters import ParameterSet, check_plain, combine_parameters
from holdfast.sweep.target_tables import TargetTables


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
        Keeps the finished rows.
    """

    job: Job
    sets: list[ParameterSet]
    days: list[str]
    journal: Journal


@contextmanager
def open_sweep(
    job: Job, params: Mapping[str, Iterable[Any]], resume: str | os.PathLike[str] | None
) -> Iterator[Sweep]:
    """Check what can be checked before any backtest, and open the journal.

    Parameters
    ----------
    job
        The sweep's own job has the bundle's absolute path, for workers have another working
        directory, and the layers of HOLDFAST_LAYERS, as a single run has.
    params
        The values of each parameter, by name.
    resume
        The journal's file, or None.

    Raises
    ------
    UsageError
        When the parameters are wrong, or `resume` belongs to another sweep.
    NotInBundle
        When the dates lie outside the bundle.
    """
    sets = combine_parameters(params, reserved=(*job.figures, "warning", "error"))
    if resume is not None:
        check_plain(sets)
    path, layers = make_absolute(job.settings.bundle), choose_layers(job.settings.layers)
    settings = replace(job.settings, bundle=path, layers=layers)
    start, end = read_date("start", settings.start), read_date("end", settings.end)
    with open_bundle(path, layers) as opened:
        first, last = opened.sessions.between(start, end)
        days = [str(day) for day in opened.sessions.labels[first : last + 1]]
        settings = replace(settings, bundle_version=opened.version)
    facts = {
        "bundle_version": settings.bundle_version,
        "start": days[0],
        "end": days[-1],
        "strategy": identity(job.strategy) if resume is not None else "",
        "objective": job.objective,
        "capital_base": settings.capital_base,
        "data_frequency": settings.data_frequency,
        "ledger": settings.ledger,
    }
    strategy = job.strategy
    if isinstance(strategy, TargetTables):
        strategy = replace(strategy, version=settings.bundle_version)
    kept = folder_kept(get_version_folder(localize(path, opened.version)[0], opened.version))
    with kept, open_journal(resume, facts) as journal, manage_workers(layers):
        yield Sweep(replace(job, strategy=strategy, settings=settings), sets, days, journal)
