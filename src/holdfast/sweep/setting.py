"""What a sweep needs before its first backtest: its job, sets, sessions and journal."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.data.dates import day_named
from holdfast.layers import Layers
from holdfast.layers.workers import pool
from holdfast.run import DateLike, chosen_layers, open_bundle
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


def job_of(
    strategy: Callable[..., Any],
    bundle: str | os.PathLike[str],
    layers: Layers,
    objective: str,
    errors: OnError,
    **options: Any,
) -> Job:
    """Return the job of a sweep; HOLDFAST_LAYERS overrides the layers, as in a single run."""
    bundle = os.path.abspath(bundle)
    return Job(strategy, bundle, chosen_layers(layers), objective, errors, options)


@contextmanager
def opened_sweep(
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
    sets = parameter_sets(params, reserved=(*job.figures, "error"))
    if resume is not None:
        check_plain(sets)
    dates = day_named("start", start), day_named("end", end)
    with open_bundle(job.bundle, job.layers) as opened:
        first, last = opened.sessions.between(*dates)
        days = [str(day) for day in opened.sessions.labels[first : last + 1]]
        version = opened.version
    facts = {
        "bundle_version": version,
        "start": days[0],
        "end": days[-1],
        "strategy": identity(job.strategy),
        "objective": job.objective,
        **job.options,
    }
    with open_journal(resume, facts) as journal, pool(job.layers):
        yield Sweep(job, sets, days, journal)


def identity(strategy: Callable[..., Any]) -> str:
    """Return the strategy's name and a digest of its source.

    That is its whole file, whose other functions it may call; of ``__main__``, where the sweep
    itself is written, only the function.
    """
    function = inspect.unwrap(strategy)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    try:
        alone = function.__module__ == "__main__"
        source = inspect.getsource(function) if alone else _file_of(function).read_text("utf-8")
    except (OSError, TypeError):
        return name  # typed at a prompt, or made without a source
    return f"{name} {hashlib.sha256(source.encode()).hexdigest()[:16]}"


def _file_of(function: Callable[..., Any]) -> Path:
    return Path(inspect.getsourcefile(function) or "")
