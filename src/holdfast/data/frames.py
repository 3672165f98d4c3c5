"""Windows of several fields, and answers for several assets, as pandas shapes or one array."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from holdfast.assets import Asset
from holdfast.data.assemble import choose_maker, make_frame, make_mixed_frame
from holdfast.data.axes import Axes, Several, make_fields, make_names
from holdfast.data.bars import Floats
from holdfast.data.portal import FIELDS, check_assets

Assets = Asset | Iterable[Asset]

_NUMBERS = frozenset(FIELDS)


def long_frame(
    pairs: pd.MultiIndex, order: list[int] | None, columns: dict[str, Floats]
) -> pd.DataFrame:
    """Return several fields as Zipline shapes them: a row per time and asset, in order.

    Parameters
    ----------
    pairs, order
        What `Axes.pairs` returned for these assets and bars.
    columns
        By field, each (bar_count, n_assets).
    """
    values = np.empty((len(columns), len(pairs)))
    for row, column in zip(values, columns.values(), strict=True):
        row.reshape(column.shape)[:] = column if order is None else column[:, order]
    return make_frame(values, pairs, make_fields(tuple(columns)).view())


def current_by_asset(axes: Axes, values: list[Any], assets: Several, field: str) -> pd.Series:
    """Return one field's current values of several assets."""
    if field not in _NUMBERS or not assets:  # dates, and a strategy's own values
        return pd.Series(values, list(assets), name=field)
    return choose_maker()(np.array(values), axes.assets(assets), field)


def current_by_field(values: dict[str, Any], symbol: str) -> pd.Series:
    """Return one asset's current values of several fields."""
    names = tuple(values)
    if not names or not _NUMBERS.issuperset(names):
        return pd.Series(values, name=symbol)
    return choose_maker()(np.array([*values.values()]), make_names(names).view(), symbol)


def current_frame(
    axes: Axes, rows: list[list[Any]], assets: Several, names: tuple[str, ...]
) -> pd.DataFrame:
    """Return current values, assets x fields; volumes that are whole are integers."""
    if not names or not assets or not _NUMBERS.issuperset(names):
        return pd.DataFrame(rows, index=pd.Index(list(assets)), columns=list(names))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return make_mixed_frame(columns, axes.assets(assets), make_names(names).view())


def stack_fields(columns: list[Floats], one_asset: bool) -> Floats:
    """Put fields side by side; the caller may look but not write."""
    stacked = np.stack([c[:, 0] for c in columns] if one_asset else columns, axis=-1)
    stacked.flags.writeable = False
    return stacked


def several_assets(assets: Assets) -> Several:
    """Return assets as a tuple; raise the error for what is not an asset."""
    several = (assets,) if isinstance(assets, str | Asset) else tuple(assets)
    check_assets(several)
    return several


def map_assets(axes: Axes, assets: Assets, question: Callable[[Asset], bool]) -> bool | pd.Series:
    """Return the answer for one asset, or a Series of them for several."""
    if isinstance(assets, Asset):
        return bool(question(assets))
    several = several_assets(assets)
    answers = np.array([question(asset) for asset in several], dtype=bool)
    return choose_maker()(answers, axes.assets(several), None)
