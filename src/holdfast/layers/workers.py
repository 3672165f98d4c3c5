"""Layer 6B: worker processes that stay warm between sweeps, instead of a new pool for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from joblib.externals.loky import ProcessPoolExecutor, get_reusable_executor

from holdfast.data.bundle import Bundle
from holdfast.errors import UsageError
from holdfast.layers import Layers
from holdfast.layers.shared import COPIES, Handle

T = TypeVar("T")
R = TypeVar("R")

_IDLE_SECONDS = 300


def parallel_map(
    function: Callable[[T], R],
    items: Iterable[T],
    workers: int,
    layers: Layers,
    bundles: Sequence[str] = (),
) -> list[R]:
    """Apply a function to items in worker processes.

    Parameters
    ----------
    function
        Called once per item, in some worker.
    items
        What it is called with.
    workers
        How many processes; at least 1.
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
    if workers < 1:
        raise UsageError(f"workers is {workers}; at least 1 is needed")
    handles = tuple(_shared(bundles)) if layers.shared else ()
    with _pool(workers, keep=layers.workers) as pool:
        return [done.result() for done in [pool.submit(_task, function, i, handles) for i in items]]


def _shared(bundles: Sequence[str]) -> Iterator[Handle]:
    for path in bundles:
        with Bundle(path) as bundle:
            handle = COPIES.share(bundle)
        if handle is not None:
            yield handle


def _task(function: Callable[[T], R], item: T, handles: tuple[Handle, ...]) -> R:
    for handle in handles:
        COPIES.announce(handle)
    return function(item)


@contextmanager
def _pool(workers: int, keep: bool) -> Iterator[ProcessPoolExecutor]:
    if keep:
        yield get_reusable_executor(max_workers=workers, timeout=_IDLE_SECONDS)
        return
    pool = ProcessPoolExecutor(max_workers=workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True)
