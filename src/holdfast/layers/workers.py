"""Layer 6B: worker processes that stay warm between sweeps, instead of a new pool for each.

joblib runs them. Under ``joblib.parallel_config(backend="dask")``, or another, the same calls run
on that cluster, which has workers of its own: neither part of this layer then applies.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from joblib.parallel import LokyBackend, get_active_backend

from holdfast.data.bundle import Bundle
from holdfast.errors import UsageError
from holdfast.layers import Layers
from holdfast.layers.orphans import end_with
from holdfast.layers.shared import COPIES, Handle

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def pool(layers: Layers) -> Iterator[None]:
    """Let workers live as long as they should; after Ctrl-C nothing of them is left.

    Parameters
    ----------
    layers
        Without ``workers`` none is taken over from before, and all end with this context.
    """
    ours = isinstance(get_active_backend()[0], LokyBackend)
    cold = ours and not layers.workers
    if cold:
        _end_pool()
    try:
        yield
    except KeyboardInterrupt:
        if ours:
            _end_pool()
            COPIES.remove_all()
        raise
    finally:
        if cold:
            _end_pool()


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
        Called once per item, in some worker; it may be a closure or of ``__main__``.
    items
        What it is called with.
    workers
        How many processes; 1 calls `function` in this one. None takes what
        ``parallel_config`` says, else one for each core.
    layers
        With ``workers`` the processes stay for the next call, else they end with this one.
        With ``shared`` the bundles are mapped by all of them, else each reads its own.
    bundles
        The paths of the bundles that `function` will open.

    Returns
    -------
    list
        The results, in the order of `items`.

    Raises
    ------
    UsageError
        When there would be no worker.
    """
    with pool(layers):
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
    """Yield the number of each item and its result as they come; else like `parallel_map`.

    It is called within `pool`. Each bundle is a path and a version, None for the current
    one. Short calls travel together, as many as joblib finds worth
    their dispatch.
    """
    backend, configured = get_active_backend()
    if workers is not None and workers < 1:
        raise UsageError(f"workers is {workers}; at least 1 is needed")
    n_jobs = workers or configured or -1  # joblib's -1 is every core
    apart = isinstance(backend, LokyBackend) and backend.effective_n_jobs(n_jobs) > 1
    handles = tuple(_shared(bundles)) if layers.shared and apart else ()
    parent = os.getpid() if apart else None
    # Ray's backend has no results before all are there.
    order = "generator_unordered" if backend.supports_return_generator else "list"
    yield from Parallel(n_jobs=n_jobs, return_as=order)(
        delayed(_task)(function, number, item, handles, parent) for number, item in enumerate(items)
    )


def _shared(bundles: Sequence[tuple[str, str | None]]) -> Iterator[Handle]:
    for path, version in bundles:
        with Bundle(path, version) as bundle:
            handle = COPIES.share(bundle)
        if handle is not None:
            yield handle


def _task(
    function: Callable[[T], R],
    number: int,
    item: T,
    handles: tuple[Handle, ...],
    parent: int | None,
) -> tuple[int, R]:
    if parent is not None:
        end_with(parent)
    for handle in handles:
        COPIES.announce(handle)
    return number, function(item)


def _end_pool() -> None:
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)
