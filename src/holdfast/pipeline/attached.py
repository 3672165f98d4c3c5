"""The pipelines of a backtest: attached in initialize, computed as the sessions come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import UsageError
from holdfast.pipeline.engine import Engine
from holdfast.pipeline.output import Chunk, assets_of
from holdfast.pipeline.pipeline import Pipeline

_CHUNKS = (5, 126)  # sessions of the first chunk, and of those after it


@dataclass(slots=True)
class _Attached:
    pipeline: Pipeline
    lengths: Iterator[int]
    eager: bool
    chunk: Chunk | None = None
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    shown: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    index: pd.Index | None = None


class AttachedPipelines:
    """Pipelines by name, each with the chunk of sessions that was computed last.

    Parameters
    ----------
    engine
        Who computes them.
    stop
        One past the backtest's last session.
    """

    def __init__(self, engine: Engine, stop: int) -> None:
        self._engine, self._stop = engine, stop
        self._by_name: dict[str, _Attached] = {}
        self._assets = assets_of(engine)

    def attach(
        self, pipeline: Pipeline, name: str, chunks: int | Iterable[int] | None, eager: bool
    ) -> None:
        """Add a pipeline under a name.

        Raises
        ------
        UsageError
            When it is not a pipeline, or the name is taken.
        """
        if not isinstance(pipeline, Pipeline):
            raise UsageError(f"attach_pipeline() needs a Pipeline, not {pipeline!r}")
        if name in self._by_name:
            raise UsageError(
                f"a pipeline {name!r} is attached already (give this one another name)"
            )
        self._by_name[name] = _Attached(pipeline, _lengths(chunks), eager)

    def compute_eager(self, row: int) -> None:
        """Compute the eager pipelines that have no values for a session yet."""
        for attached in self._by_name.values():
            if attached.eager:
                self._chunk(attached, row)

    def output(self, name: str, row: int) -> pd.DataFrame:
        """Return a pipeline's values for a session.

        Parameters
        ----------
        name
            What it was attached as.
        row
            The session.

        Returns
        -------
        DataFrame
            One row per asset that its screen lets through.

        Raises
        ------
        UsageError
            When no pipeline has that name.
        """
        attached = self._by_name.get(name)
        if attached is None:
            raise UsageError(
                f"no pipeline {name!r} is attached; attached are "
                f"{', '.join(map(repr, self._by_name)) or 'none'} (attach_pipeline in initialize)"
            )
        chunk = self._chunk(attached, row)
        begin, end = chunk.offsets[row - chunk.first : row - chunk.first + 2]
        # A slice is quicker to make than a frame; the strategy may write into its copy.
        frame = attached.frame.iloc[begin:end].copy()
        frame.index = _share_index(attached, chunk.assets[begin:end], frame)
        return frame

    def _chunk(self, attached: _Attached, row: int) -> Chunk:
        chunk = attached.chunk
        if chunk is None or not chunk.first <= row < chunk.stop:
            stop = self._engine.chunk_stop(row, next(attached.lengths))
            stop = min(stop, self._stop)
            chunk = attached.chunk = Chunk.of(attached.pipeline, self._engine, row, stop)
            attached.frame = chunk.frame(attached.pipeline, self._assets)
        return chunk


def _share_index(attached: _Attached, shown: NDArray[np.int64], frame: pd.DataFrame) -> pd.Index:
    """Return the index of the day before where it has the same assets: pandas has hashed those."""
    if attached.index is None or not np.array_equal(attached.shown, shown):
        attached.shown, attached.index = shown, frame.index
    return attached.index.view()  # whoever names it names the own one


def _lengths(chunks: int | Iterable[int] | None) -> Iterator[int]:
    if chunks is None:
        return chain(_CHUNKS[:1], repeat(_CHUNKS[1]))
    if isinstance(chunks, int):
        return repeat(chunks)
    *some, last = chunks
    return chain(some, repeat(last))
