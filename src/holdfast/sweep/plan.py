"""Prepares a sweep: checks it, finds its sessions and opens its journal."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from holdfast.data.dates import read_date
from holdfast.layers.workers import manage_workers
from holdfast.run import choose_layers, open_bundle
from holdfast.sweep.job import Job
from holdfast.sweep.journal import Journal, open_journal
from holdfast.sweep.parameters import ParameterSet, check_plain, combine_parameters


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
    sets = combine_parameters(params, reserved=(*job.figures, "error"))
    if resume is not None:
        check_plain(sets)
    path, layers = os.path.abspath(job.settings.bundle), choose_layers(job.settings.layers)
    settings = replace(job.settings, bundle=path, layers=layers)
    start, end = read_date("start", settings.start), read_date("end", settings.end)
    with open_bundle(path, layers) as opened:
        first, last = opened.sessions.between(start, end)
        days = [str(day) for day in opened.sessions.labels[first : last + 1]]
        version = opened.version
    facts = {
        "bundle_version": version,
        "start": days[0],
        "end": days[-1],
        "strategy": identify(job.strategy),
        "objective": job.objective,
        "capital_base": settings.capital_base,
        "data_frequency": settings.data_frequency,
        "ledger": settings.ledger,
    }
    with open_journal(resume, facts) as journal, manage_workers(layers):
        yield Sweep(replace(job, settings=settings), sets, days, journal)


def identify(strategy: Callable[..., Any]) -> str:
    """Return the strategy's name and a digest of its source.

    The source is its whole file, for it may call other functions there; in ``__main__``, where
    the sweep itself is written, it is the function alone.
    """
    function = inspect.unwrap(strategy)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    try:
        in_main = function.__module__ == "__main__"
        source = inspect.getsource(function) if in_main else _get_file(function).read_text("utf-8")
    except (OSError, TypeError):
        return name  # typed at a prompt, or created without a source
    return f"{name} {hashlib.sha256(source.encode()).hexdigest()[:16]}"


def _get_file(function: Callable[..., Any]) -> Path:
    return Path(inspect.getsourcefile(function) or "")
