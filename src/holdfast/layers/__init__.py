"""The optimisation layers: each one file, one switch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from holdfast.errors import UsageError


@dataclass(frozen=True, slots=True)
class Layers:
    """Which optimisations are on; the answers are the same whichever are.

    Parameters
    ----------
    asset_lists
        Remember each bundle's assets instead of asking SQLite in every backtest.
    grouping
        Group the bars once into an array per asset instead of searching the long table.
    windows
        Make each window a view of remembered columns instead of reading its bars.
    connections
        Keep bundles open in a pool instead of opening one for every backtest.
    shared
        Let worker processes map one copy of a bundle instead of each reading its own.
    workers
        Keep worker processes for the next sweep instead of starting new ones.
    pipelines
        Compute a pipeline's whole columns, and keep them, instead of one day after the other.
    grouped_bytes
        How much memory the groups of a process may take.
    permanent_windows, max_windows, window_bytes
        Lengths of windows whose columns are kept, in bars; how many windows of other lengths
        are; and how much memory both may take in a process.
    max_bundles
        How many bundles the pool keeps open.
    pipeline_bytes
        How much the columns of pipelines may take in a process.

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
    grouped_bytes: int = 2 * 1024**3
    permanent_windows: tuple[int, ...] = (20, 50, 200)
    max_windows: int = 256
    window_bytes: int = 200 * 1024**2
    max_bundles: int = 100
    pipeline_bytes: int = 512 * 1024**2

    NONE: ClassVar[Layers]
    ALL: ClassVar[Layers]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all layers."""
        return tuple(field.name for field in dataclasses.fields(cls) if field.type == "bool")

    @classmethod
    def only(cls, names: Iterable[str]) -> Layers:
        """Return these layers on and all others off.

        Raises
        ------
        UsageError
            When there is no layer of such a name.
        """
        chosen = tuple(names)
        unknown = [name for name in chosen if name not in cls.names()]
        if unknown:
            raise UsageError(
                f"no layer {', '.join(map(repr, unknown))}; there are {', '.join(cls.names())}"
            )
        switches: dict[str, Any] = dict.fromkeys(chosen, True)
        return cls(**switches)

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
            When there is no layer of such a name.
        """
        text = text.strip().lower()
        if not text:
            return otherwise
        every = {"none": (), "all": cls.names()}
        names = every.get(text, tuple(name.strip() for name in text.split(",") if name.strip()))
        switches = dataclasses.asdict(cls.only(names))
        return dataclasses.replace(otherwise, **{name: switches[name] for name in cls.names()})


Layers.NONE = Layers()
Layers.ALL = Layers.only(Layers.names())
