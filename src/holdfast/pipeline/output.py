"""What a pipeline gives out: a row for each session and asset that its screen lets through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.pipeline.computable import ComputableTerm, Values
from holdfast.pipeline.engine import Engine
from holdfast.pipeline.pipeline import Pipeline
from holdfast.pipeline.term import AssetExists


@dataclass(frozen=True, slots=True)
class Chunk:
    """A pipeline's values for some sessions, without what the screen holds back.

    Parameters
    ----------
    first
        The first session.
    offsets : (n_sessions + 1,) int64
        Where each session's rows begin.
    assets : (n_rows,) int64
        Column of the asset of each row.
    columns
        Values by name of the column, each of (n_rows,).
    """

    first: int
    offsets: NDArray[np.int64]
    assets: NDArray[np.int64]
    columns: dict[str, Values]

    @property
    def stop(self) -> int:
        """One past the last session."""
        return self.first + len(self.offsets) - 1

    @classmethod
    def of(cls, pipeline: Pipeline, engine: Engine, first: int, stop: int) -> Chunk:
        """Compute a pipeline for sessions ``first:stop``."""
        screen = pipeline.screen if pipeline.screen is not None else AssetExists()
        names, terms = list(pipeline.columns), list(pipeline.columns.values())
        *values, kept = engine.compute([*terms, screen], first, stop)
        offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
        columns = {name: each[kept] for name, each in zip(names, values, strict=True)}
        return cls(first, offsets, np.nonzero(kept)[1], columns)

    def frame(self, pipeline: Pipeline, assets: NDArray[Any]) -> pd.DataFrame:
        """Return all rows, session by session, their index the assets."""
        data = {
            name: _column(pipeline.columns[name], values) for name, values in self.columns.items()
        }
        index = pd.Index(assets[self.assets], dtype=object)
        return pd.DataFrame(data, index=index, columns=list(data))


def assets_of(engine: Engine) -> NDArray[Any]:
    """Return the assets as an array of objects."""
    assets = np.empty(len(engine.market.assets), dtype=object)
    assets[:] = engine.market.assets
    return assets


def frame_of(pipeline: Pipeline, engine: Engine, first: int, stop: int) -> pd.DataFrame:
    """Return a pipeline's values for sessions ``first:stop``, indexed by session and asset."""
    chunks, row = [], first
    while row < stop:
        chunk = Chunk.of(pipeline, engine, row, min(stop, engine.chunk_stop(row, 126)))
        chunks.append(chunk)
        row = chunk.stop
    counts = np.concatenate([np.diff(chunk.offsets) for chunk in chunks])
    places = np.concatenate([chunk.assets for chunk in chunks])
    sessions = np.repeat(np.arange(stop - first, dtype=np.int32), counts)
    levels: list[Any] = [engine.market.labels[first:stop], assets_of(engine)]
    codes: list[Any] = [sessions, places]
    index = pd.MultiIndex(
        levels=levels,
        codes=codes,
        names=[None, None],
        verify_integrity=False,
    )
    data = {}
    for name, term in pipeline.columns.items():
        parts = [chunk.columns.pop(name) for chunk in chunks]
        data[name] = _column(term, np.concatenate(parts))
    # The columns are new arrays: the frame may keep them as they are.
    return pd.DataFrame(data, index=index, columns=list(data), copy=False)


def _column(term: ComputableTerm, values: Values) -> Any:
    """Return the values as a frame shows them: texts are categories, several outputs tuples."""
    if values.dtype.names:
        out = np.empty(len(values), dtype=object)
        out[:] = [tuple(row) for row in values.tolist()]
        return out
    if values.dtype == object:
        texts = sorted({value for value in values.tolist() if value != term.missing_value})
        return pd.Categorical(values, categories=texts)
    return values
