"""Prices as a strategy may see them: what every portal answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import Floats
from holdfast.data.sessions import Sessions
from holdfast.errors import UsageError

FIELDS = ("open", "high", "low", "close", "volume", "price")


class Portal(Protocol):
    """What the simulation and a strategy's ``data`` read.

    ``row`` is a session in daily mode and a minute in minute mode; ``session`` is the session
    from which adjustments are seen (the two differ only before the market opens).
    """

    sessions: Sessions
    adjustments: Adjustments
    minute_mode: bool

    def value(self, asset: Asset, field: str, row: int) -> float:
        """Return one field of the bar at `row`; no bar is NaN, or 0 for volume."""
        ...

    def factor(self, asset: Asset, field: str, row: int, session: int) -> float:
        """Return what the bar at `row` is multiplied by, as seen from `session`."""
        ...

    def price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`; NaN when the asset is not alive."""
        ...

    def last_price(self, asset: Asset, row: int, session: int) -> float:
        """Return the last close up to `row`, also after the asset's end."""
        ...

    def closes(self, asset: Asset, sessions: NDArray[np.int64]) -> Floats:
        """Return the last price as each of some sessions ends, shape (n_sessions,)."""
        ...

    def last_row(self, asset: Asset, row: int) -> int:
        """Return the last row up to `row` with a bar, -1 when there is none."""
        ...

    def life(self, asset: Asset) -> tuple[int, int]:
        """Return the sessions of the asset's first and last bar."""
        ...

    def history(
        self,
        assets: Sequence[Asset],
        field: str,
        bar_count: int,
        frequency: str,
        row: int,
        session: int,
    ) -> Floats:
        """Return the last `bar_count` bars, read-only, shape (bar_count, n_assets)."""
        ...

    def statistic(
        self,
        name: str,
        assets: Sequence[Asset],
        field: str,
        bar_count: int,
        frequency: str,
        row: int,
        session: int,
    ) -> Floats:
        """Return a statistic of the last `bar_count` bars, read-only, shape (n_assets,)."""
        ...


class Restrictions(Protocol):
    """Who knows what may not be ordered."""

    def is_restricted(self, assets: Any, dt: Any) -> Any:
        """Return whether an asset is restricted at a time."""
        ...


def check_assets(assets: Iterable[object]) -> None:
    """Raise the error for what is no asset, such as a symbol."""
    for asset in assets:
        if not isinstance(asset, Asset):
            raise UsageError(f"data needs assets, not {asset!r} (look them up: symbol('AAPL'))")
