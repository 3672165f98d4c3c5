"""Series and frames from arrays of numbers, at a part of the cost of their constructors.

``pd.Series`` takes anything, and most of its time goes into finding out what it was given. The
arrays here are always new, of numbers, and with an index of their length, so that a Series can be
put together from the parts that pandas makes of such an array. Those parts are not a public
interface: `choose_maker` tries them once, and takes ``pd.Series`` wherever what comes out of them
is not the same to the last byte.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from holdfast.data.bars import Floats

try:
    from pandas.api.internals import (  # type: ignore[import-not-found]
        create_dataframe_from_blocks,
    )
except ImportError:  # before pandas 3
    create_dataframe_from_blocks = None

#: From numbers that belong to no one else, an index of their length, and the name.
Maker = Callable[[Any, pd.Index, Any], pd.Series]

_SAMPLES = (np.array([1.5, np.nan]), np.array([1, 2]), np.array([True, False]))


@cache
def choose_maker() -> Maker:
    """Return the cheapest function that makes what ``pd.Series`` makes."""
    index = pd.DatetimeIndex(["2020-01-02", "2020-01-03"], name="when")
    try:
        maker = find_parts()
        for values in _SAMPLES:
            both = [make(values, index, "sample") for make in (maker, make_by_pandas)]
            if pickle.dumps(both[0]) != pickle.dumps(both[1]):
                return make_by_pandas
    except Exception:  # whatever else a future pandas does with names that it calls its own
        return make_by_pandas
    return maker


def make_by_pandas(values: Any, index: pd.Index, name: Any) -> pd.Series:
    """Make a Series by the public constructor."""
    return pd.Series(values, index, name=name, copy=False)


def find_parts() -> Maker:
    """Return a function that makes a Series without the constructor's questions.

    Raises
    ------
    AttributeError
        When the installed pandas has no such parts.
    """
    series_class: Any = pd.Series
    make_series = series_class._from_mgr
    make_manager = type(series_class([0.0])._mgr)
    set_attribute = object.__setattr__  # as pandas itself does: NDFrame.__setattr__ looks around

    @lru_cache(128)
    def find_block_maker(length: int) -> Any:
        return series_class(np.zeros(length))._mgr.blocks[0].make_block_same_class

    def make_by_parts(values: Any, index: pd.Index, name: Any) -> pd.Series:
        manager = make_manager(find_block_maker(len(values))(values), index)
        series: pd.Series = make_series(manager, manager.axes)
        set_attribute(series, "_name", name)
        return series

    return make_by_parts


def make_frame(columns: Floats, index: pd.Index, names: pd.Index) -> pd.DataFrame:
    """Make a frame of one block.

    Parameters
    ----------
    columns : (n_columns, n_rows) ndarray
        Belongs to no one else.
    index, names
        Of the rows, and of the columns.
    """
    if create_dataframe_from_blocks is None:
        return pd.DataFrame(columns.T, index, names, copy=False)
    blocks = [(columns, np.arange(len(columns)))]
    frame: pd.DataFrame = create_dataframe_from_blocks(blocks, index=index, columns=names)
    return frame


def make_mixed_frame(columns: list[Any], index: pd.Index, names: pd.Index) -> pd.DataFrame:
    """Make a frame of new columns, each of one type: those of the same type share a block."""
    if create_dataframe_from_blocks is None:
        frame = pd.DataFrame(dict(enumerate(columns)), index)
        frame.columns = names
        return frame
    positions: dict[Any, list[int]] = {}
    for position, column in enumerate(columns):
        positions.setdefault(column.dtype, []).append(position)
    blocks = [(np.stack([columns[i] for i in at]), np.array(at)) for at in positions.values()]
    mixed: pd.DataFrame = create_dataframe_from_blocks(blocks, index=index, columns=names)
    return mixed
