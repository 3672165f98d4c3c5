"""Windows of several fields, and answers for several assets, as pandas shapes or one array."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from holdfast.assets import Asset
from holdfast.data.axes import make_fields
from holdfast.data.bars import Floats
from holdfast.data.portal import check_assets

Assets = Asset | Iterable[Asset]


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
    # One block, which belongs to the frame alone: there is nothing for pandas to copy.
    values = np.empty((len(columns), len(pairs)))
    for row, column in zip(values, columns.values(), strict=True):
        row.reshape(column.shape)[:] = column if order is None else column[:, order]
    fields = make_fields(tuple(columns)).view()
    return pd.DataFrame(values.T, pairs, fields, copy=False)


def stack_fields(columns: list[Floats], one_asset: bool) -> Floats:
    """Put fields side by side; the caller may look but not write."""
    stacked = np.stack([c[:, 0] for c in columns] if one_asset else columns, axis=-1)
    stacked.flags.writeable = False
    return stacked


def several_assets(assets: Assets) -> list[Asset]:
    """Return assets as a list; raise the error for what is not an asset."""
    several = [assets] if isinstance(assets, str | Asset) else list(assets)
    check_assets(several)
    return several


def map_assets(assets: Assets, question: Callable[[Asset], bool]) -> bool | pd.Series:
    """Return the answer for one asset, or a Series of them for several."""
    if isinstance(assets, Asset):
        return bool(question(assets))
    several = several_assets(assets)
    return pd.Series([question(asset) for asset in several], several, dtype=bool)
