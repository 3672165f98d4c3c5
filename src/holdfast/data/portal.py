"""The interface of every portal: prices as a strategy may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.data.adjustments import Adjustments
from holdfast.data.bars import Floats
from holdfast.data.sessions import Sessions
from holdfast.errors import UsageError

FIELDS = ("open", "high", "low", "close", "volume", "price")


class Window(NamedTuple):
    """Some of the last bars of some assets, the current one included.

    Parameters
    ----------
    assets
        In the order of the columns wanted.
    field
        One of `FIELDS`; price is the close, filled forward.
    bar_count
        How many bars.
    frequency
        ``1d`` or ``1m``; in minute mode the last ``1d`` bar is the day so far.
    statistic
        A key of ``holdfast.data.statistics.STATISTICS``, or None for the bars themselves.
    """

    assets: tuple[Asset, ...]
    field: str
    bar_count: int
    frequency: str
    statistic: str | None = None


#: Makes a window of all its five values, at half the cost of calling `Window`.
make_window: Callable[[tuple[tuple[Asset, ...], str, int, str, str | None]], Window] = partial(
    tuple.__new__, Window
)


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

    def history(self, window: Window, row: int, session: int) -> Floats:
        """Return the bars of a window, read-only, shape (bar_count, n_assets)."""
        ...

    def statistic(self, window: Window, row: int, session: int) -> Floats:
        """Return the statistic of a window, read-only, shape (n_assets,)."""
        ...


class Restrictions(Protocol):
    """Who knows what may not be ordered."""

    def is_restricted(self, assets: Any, dt: Any) -> Any:
        """Return whether an asset is restricted at a time."""
        ...


def check_assets(assets: Iterable[object]) -> None:
    """Refuse what is not an asset, such as a symbol.

    Raises
    ------
    UsageError
        At the first of them.
    """
    for asset in assets:
        if not isinstance(asset, Asset):
            raise UsageError(f"data needs assets, not {asset!r} (look them up: symbol('AAPL'))")
