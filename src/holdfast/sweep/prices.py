"""Prices as whole columns, from which a sweep computes its tables of targets."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property, partial
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.context import SimulationParameters
from holdfast.data.portal import Portal, Window
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE
from holdfast.layers.lru import LRU

T = TypeVar("T")

_MAX_BYTES = 200_000_000


class Prices:
    """The bars of all assets of a bundle, from its first to a run's last.

    A column is a frame with a row for each bar and a column for each symbol, read-only, adjusted
    as the run's last session sees it; a bar that is missing is NaN (0 in `volume`).

    Parameters
    ----------
    portal
        Of the run.
    assets
        Of the bundle.
    parameters
        Of the run.

    Attributes
    ----------
    first : int
        The row of the run's first bar: those before it fill windows.
    index : DatetimeIndex
        Dates, or in minute mode the ends of minutes in UTC; without a time zone.
    symbols : list of str
        Of the columns.
    """

    def __init__(
        self, portal: Portal, assets: tuple[Asset, ...], parameters: SimulationParameters
    ) -> None:
        sessions, self._session = parameters.table, parameters.last
        minute_mode = parameters.data_frequency == "minute"
        if minute_mode:
            starts = sessions.first_minutes
            self.first, stop = int(starts[parameters.first]), int(starts[parameters.last + 1])
            times = (sessions.minutes[:stop] * NANOSECONDS_PER_MINUTE).astype("datetime64[ns]")
        else:
            self.first, stop = parameters.first, parameters.last + 1
            times = sessions.labels[:stop].astype("datetime64[ns]")
        self.index = pd.DatetimeIndex(times)
        self._column_of = {asset: column for column, asset in enumerate(assets)}
        self.symbols = [asset.symbol for asset in assets]
        frequency = "1m" if minute_mode else "1d"
        self._read = partial(self._read_column, portal, assets, frequency)
        self._computed: LRU[Hashable, Any] = LRU(None, _MAX_BYTES, size_of=_count_bytes)

    @cached_property
    def open(self) -> pd.DataFrame:
        """The first price of each bar."""
        return self._read("open")

    @cached_property
    def high(self) -> pd.DataFrame:
        """The highest price of each bar."""
        return self._read("high")

    @cached_property
    def low(self) -> pd.DataFrame:
        """The lowest price of each bar."""
        return self._read("low")

    @cached_property
    def close(self) -> pd.DataFrame:
        """The last price of each bar."""
        return self._read("close")

    @cached_property
    def volume(self) -> pd.DataFrame:
        """The shares traded in each bar."""
        return self._read("volume")

    def cached(self, function: Callable[..., T], *args: Hashable) -> T:
        """Return ``function(self, *args)``, computed once for all parameter sets of a worker.

        Parameters
        ----------
        function
            Told from others by its code and the values it carries, for a worker gets a new copy
            with each set. Globals that it reads must not change, nor what it returns.
        *args
            Such as the length of a window.

        Examples
        --------
        >>> prices.cached(lambda prices, n: prices.close.rolling(n).mean(), 20)  # doctest: +SKIP
        """
        key = (_tell_apart(function), args)
        found = self._computed.get(key)
        if found is None:
            found = function(self, *args)
            self._computed.put(key, found)
        return cast(T, found)

    def find_whole(self, assets: tuple[Asset, ...]) -> NDArray[np.int64] | None:
        """Return the columns of assets that have every bar of the run; None when one has not."""
        found = [self._column_of.get(asset, -1) for asset in assets]
        if -1 in found or not self._whole[found].all():
            return None
        return np.array(found, dtype=np.int64)

    @cached_property
    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The closes and volumes as arrays."""
        return {"close": self.close.to_numpy(), "volume": self.volume.to_numpy()}

    @cached_property
    def _whole(self) -> NDArray[np.bool_]:
        missing = np.isnan(self.arrays["close"][self.first :])
        return np.asarray(~missing.any(axis=0))

    def _read_column(
        self, portal: Portal, assets: tuple[Asset, ...], frequency: str, field: str
    ) -> pd.DataFrame:
        n_bars = len(self.index)
        window = Window(assets, field, n_bars, frequency)
        values = np.asarray(portal.history(window, n_bars - 1, self._session))
        return pd.DataFrame(values, self.index, self.symbols, copy=False)


class _Itself:
    """A value that cannot be hashed, as part of a key: equal to itself alone, and kept alive."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)


def _tell_apart(function: Callable[..., Any]) -> Hashable:
    """Return a key that no other function has: lambdas of one function have one name."""
    code = getattr(function, "__code__", None)
    if code is None:  # a partial, or another object that can be called
        return _hashable(function)
    defaults = (getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None))
    cells = (cell.cell_contents for cell in getattr(function, "__closure__", None) or ())
    carried = (*cells, *defaults, getattr(function, "__self__", None))
    return (function.__module__, function.__qualname__, code, *map(_hashable, carried))


def _hashable(value: object) -> Hashable:
    try:
        hash(value)
    except TypeError:
        return _Itself(value)
    return type(value), value


def _count_bytes(value: Any) -> int:
    if isinstance(value, pd.DataFrame):
        return int(value.memory_usage(index=False).sum())
    return int(getattr(value, "nbytes", 0))
