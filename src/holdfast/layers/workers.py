"""Layer 6B: worker processes stay warm between sweeps, instead of a new pool for each.

joblib runs them. Under ``joblib.parallel_config(backend="dask")``, or another backend, the same
calls run on that cluster, which has its own workers: neither part of this layer then applies.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from joblib.parallel import LokyBackend, get_active_backend

from holdfast.data.bundle import Bundle
from holdfast.errors import UsageError, WorkerLost
from holdfast.layers import Layers
from holdfast.layers.orphans import end_with
from holdfast.layers.shared import COPIES, Handle

_TURN = 16  # tasks for each worker: the last of them may leave the others idle
_GIVEN_UP = "distributed.scheduler.KilledWorker"  # dask has run it on several workers
_LOST = {
    "ray.exceptions.RayActorError",
    "ray.exceptions.WorkerCrashedError",
}

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def manage_workers(layers: Layers) -> Iterator[None]:
    """Start and end workers as `layers` says; after Ctrl-C none of them is left.

    Parameters
    ----------
    layers
        Without ``workers``, no earlier worker is used and all end with this context.
    """
    local = runs_locally()
    cold = local and not layers.workers
    if cold:
        _end_pool()
    try:
        yield
    except KeyboardInterrupt:
        if local:
            _end_pool()
            COPIES.remove_all()
        raise
    finally:
        if cold:
            _end_pool()


def check_workers(workers: int | None) -> None:
    """Refuse what is not a number of processes.

    Raises
    ------
    UsageError
        When it is less than 1.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"workers is {workers}; at least 1 is needed")


def runs_locally() -> bool:
    """Return whether the workers are processes of this machine, not those of a cluster."""
    return isinstance(get_active_backend()[0], LokyBackend)


def parallel_map(
    function: Callable[[T], R],
    items: Iterable[T],
    workers: int | None,
    layers: Layers,
    bundles: Sequence[str] = (),
) -> list[R]:
    """Apply a function to items in worker processes.

    Parameters
    ----------
    function
        Called once per item, in a worker; it may be a closure, or defined in ``__main__``.
    items
        Its arguments.
    workers
        How many processes; 1 calls `function` in this one. None means the number of
        ``parallel_config``, or else one for each core.
    layers
        With ``workers`` the processes stay for the next call. With ``shared`` they all map the
        bundles, else each of them reads its own.
    bundles
        The paths of the bundles that `function` will open.

    Returns
    -------
    list
        The results, in the order of `items`.

    Raises
    ------
    UsageError
        When `workers` is less than 1.
    """
    with manage_workers(layers):
        current = [(path, None) for path in bundles]
        results = dict(as_completed(function, items, workers, layers, current))
    return [results[number] for number in range(len(results))]


def as_completed(
    function: Callable[[T], R],
    items: Iterable[T],
    workers: int | None,
    layers: Layers,
    bundles: Sequence[tuple[str, str | None]] = (),
) -> Iterator[tuple[int, R]]:
    """Yield the number of each item and its result, in the order of completion.

    It is called within `manage_workers`. Each bundle is a path and a version, None for the current
    one. joblib sends short calls in batches.

    Raises
    ------
    BrokenProcessPool
        When a worker ended amid a task.
    WorkerLost
        When it did on a cluster that has run the task again on others.
    """
    backend, configured = get_active_backend()
    check_workers(workers)
    n_jobs = workers or configured or -1  # joblib's -1 is every core
    apart = isinstance(backend, LokyBackend) and backend.effective_n_jobs(n_jobs) > 1
    handles = tuple(_share_bundles(bundles)) if layers.shared and apart else ()
    # From a worker's first moment: it may never get a task.
    start = {"initializer": end_with, "initargs": (os.getpid(),)} if apart else {}
    tasks = (
        delayed(_run_task)(function, number, item, handles) for number, item in enumerate(items)
    )
    try:
        if backend.supports_return_generator:
            yield from Parallel(n_jobs=n_jobs, return_as="generator_unordered", **start)(tasks)
        else:
            yield from _run_in_turns(Parallel(n_jobs=n_jobs), tasks)
    except Exception as error:
        kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
        if _GIVEN_UP in kinds:
            raise WorkerLost(
                f"a task killed every worker that dask gave it to: {error} (out of memory, or a "
                f"crash in native code? with resume=PATH the rows that are finished need not be "
                f"run again)"
            ) from error
        if kinds & _LOST:
            raise BrokenProcessPool(str(error)) from error
        raise


def _run_in_turns(parallel: Parallel, tasks: Iterator[Any]) -> Iterator[Any]:
    """Yield results of a backend that has none before all are there, as Ray's: turn by turn."""
    with parallel:
        size = _TURN * max(1, get_active_backend()[0].effective_n_jobs(parallel.n_jobs))
        while turn := list(islice(tasks, size)):
            yield from parallel(turn)


def _share_bundles(bundles: Sequence[tuple[str, str | None]]) -> Iterator[Handle]:
    for path, version in bundles:
        with Bundle(path, version) as bundle:
            handle = COPIES.share(bundle)
        if handle is not None:
            yield handle


def _run_task(
    function: Callable[[T], R],
    number: int,
    item: T,
    handles: tuple[Handle, ...],
) -> tuple[int, R]:
    for handle in handles:
        COPIES.announce(handle)
    return number, function(item)


def _end_pool() -> None:
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)
