"""The optimisation layers: which of them are on, and how much their caches may hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from holdfast.errors import UsageError

#: The name of each layer: a switch of `Layers`, and a module or package beside this one.
LAYERS = (
    "asset_lists", "grouping", "windows", "connections", "shared", "workers", "pipelines",
    "sparse_clock",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the caches of a process may hold.

    Backtests with equal limits share their caches; other limits get caches of their own.

    Parameters
    ----------
    grouped_bytes
        Bytes of the bars that are grouped by asset.
    permanent_windows
        Lengths of windows, in bars, that are evicted only when `window_bytes` is exceeded.
    max_windows
        How many windows of other lengths are cached.
    window_bytes
        Bytes of all windows.
    max_bundles
        How many bundles the pool keeps open.
    pipeline_bytes
        Bytes of the columns that pipelines compute.
    """

    grouped_bytes: int = 2 * 1024**3
    permanent_windows: tuple[int, ...] = (20, 50, 200)
    max_windows: int = 256
    window_bytes: int = 200 * 1024**2
    max_bundles: int = 100
    pipeline_bytes: int = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class Layers:
    """Which optimisations are on; the results are the same whichever are.

    Parameters
    ----------
    asset_lists
        Cache each bundle's assets instead of querying SQLite in every backtest.
    grouping
        Group the bars once into an array per asset instead of searching the long table.
    windows
        Make each window a slice of cached columns instead of reading its bars.
    connections
        Keep bundles open in a pool instead of opening one for every backtest.
    shared
        Let worker processes map one copy of a bundle instead of each reading its own.
    workers
        Keep worker processes for the next sweep instead of starting new ones.
    pipelines
        Compute whole columns of a pipeline, and cache them, instead of one day after the other.
    sparse_clock
        Pass over bars at which nothing can happen, where no handle_data sees every one.
    limits
        How much the caches may hold.

    Attributes
    ----------
    NONE, ALL : Layers
        No layer, and every one.
    """

    asset_lists: bool = False
    grouping: bool = False
    windows: bool = False
    connections: bool = False
    shared: bool = False
    workers: bool = False
    pipelines: bool = False
    sparse_clock: bool = False
    limits: Limits = field(default=Limits())

    NONE: ClassVar[Layers]
    ALL: ClassVar[Layers]

    @classmethod
    def only(cls, names: Iterable[str]) -> Layers:
        """Return these layers on and all others off.

        Raises
        ------
        UsageError
            When a name is not in `LAYERS`.
        """
        return cls().switch_to(names)

    @classmethod
    def parse(cls, text: str, otherwise: Layers) -> Layers:
        """Read ``none``, ``all`` or names with commas between, as HOLDFAST_LAYERS holds them.

        Parameters
        ----------
        text
            Empty to leave everything as it is.
        otherwise
            What an empty text means; its limits hold in any case.

        Raises
        ------
        UsageError
            When a name is not in `LAYERS`.
        """
        text = text.strip().lower()
        if not text:
            return otherwise
        if text == "none":
            return otherwise.switch_to(())
        if text == "all":
            return otherwise.switch_to(LAYERS)
        return otherwise.switch_to(name.strip() for name in text.split(",") if name.strip())

    def switch_to(self, names: Iterable[str]) -> Layers:
        """Return these layers on and all others off, with the same limits.

        Raises
        ------
        UsageError
            When a name is not in `LAYERS`.
        """
        chosen = set(names)
        unknown = sorted(chosen.difference(LAYERS))
        if unknown:
            raise UsageError(
                f"no layer {', '.join(map(repr, unknown))}; choose from {', '.join(LAYERS)}"
            )
        switches: dict[str, Any] = {name: name in chosen for name in LAYERS}
        return replace(self, **switches)


Layers.NONE = Layers()
Layers.ALL = Layers.only(LAYERS)
