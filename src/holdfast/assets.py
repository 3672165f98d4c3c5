"""Assets, and the finder that reads them from a bundle's SQLite file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

import pandas as pd

from holdfast.errors import SymbolNotFound
from holdfast.nearest import ask_nearest

_COLUMNS = "sid, symbol, name, exchange, start_date, end_date, auto_close_date"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Asset:
    """One tradable equity.

    Two assets are equal when their ``sid`` is: positions survive a new finder.
    """

    sid: int
    symbol: str
    name: str
    exchange: str
    start_date: pd.Timestamp
    end_date: pd.Timestamp
    auto_close_date: pd.Timestamp

    def __hash__(self) -> int:
        return self.sid

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asset) and self.sid == other.sid

    def __lt__(self, other: Asset) -> bool:
        return self.sid < other.sid

    def __int__(self) -> int:
        return self.sid

    __index__ = __int__

    def __repr__(self) -> str:
        return f"Equity({self.sid} [{self.symbol}])"

    @property
    def asset_name(self) -> str:
        """Zipline's name for `name`."""
        return self.name

    def is_alive_for_session(self, session_label: datetime) -> bool:
        """Return whether the asset has a bar on that date or before and after it."""
        date = session_label.replace(tzinfo=None)
        return self.start_date <= date <= self.end_date

    def to_dict(self) -> dict[str, object]:
        """Return what is known of the asset, under Zipline's names."""
        return {
            "sid": self.sid,
            "symbol": self.symbol,
            "asset_name": self.name,
            "start_date": self.start_date,
            "end_date": self.end_date,
            "first_traded": None,
            "auto_close_date": self.auto_close_date,
            "exchange": self.exchange,
            "exchange_full": self.exchange,
            "tick_size": 0.01,
            "multiplier": 1.0,
        }

    def __reduce__(self) -> tuple[object, ...]:
        fields = (self.sid, self.symbol, self.name, self.exchange)
        return Asset, (*fields, self.start_date, self.end_date, self.auto_close_date)


Equity = Asset  # Zipline's name: every asset of a bundle is one


class Finder(Protocol):
    """The interface of a finder, which looks up a bundle's assets."""

    def retrieve_all(self) -> tuple[Asset, ...]:
        """Return every asset of the bundle, in order of ``sid``."""
        ...

    def lookup_symbol(self, symbol: str) -> Asset:
        """Return the asset of a ticker symbol."""
        ...


class AssetFinder:
    """A finder that queries SQLite at each call.

    Parameters
    ----------
    connection
        An open connection to a bundle's ``assets.sqlite``.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def retrieve_all(self) -> tuple[Asset, ...]:
        """Return every asset of the bundle, in order of ``sid``."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM assets ORDER BY sid")
        return tuple(map(_make_asset, rows))

    def lookup_symbol(self, symbol: str) -> Asset:
        """Return the asset of a ticker symbol.

        Raises
        ------
        SymbolNotFound
            When the bundle holds no such symbol.
        """
        query = f"SELECT {_COLUMNS} FROM assets WHERE symbol = ?"
        for spelling in (symbol, symbol.upper()):
            row = self._connection.execute(query, (spelling,)).fetchone()
            if row is not None:
                return _make_asset(row)
        raise unknown_symbol(symbol, self.retrieve_all())


class KnownAssets:
    """A finder whose assets are in memory.

    Parameters
    ----------
    by_symbol
        Every asset of the bundle, in order of ``sid``.
    """

    def __init__(self, by_symbol: dict[str, Asset]) -> None:
        self._by_symbol = by_symbol

    def retrieve_all(self) -> tuple[Asset, ...]:
        """Return every asset of the bundle, in order of ``sid``."""
        return tuple(self._by_symbol.values())

    def lookup_symbol(self, symbol: str) -> Asset:
        """Return the asset of a ticker symbol.

        Raises
        ------
        SymbolNotFound
            When the bundle holds no such symbol.
        """
        asset = self._by_symbol.get(symbol) or self._by_symbol.get(symbol.upper())
        if asset is None:
            raise unknown_symbol(symbol, self.retrieve_all())
        return asset


def unknown_symbol(symbol: str, assets: tuple[Asset, ...]) -> SymbolNotFound:
    """Return the error for a symbol that is not among `assets`."""
    known = [asset.symbol for asset in assets]
    hint = ask_nearest(symbol.upper(), known, 3)
    if not hint:
        more = ", ..." if len(known) > 5 else ""
        hint = f"it has {', '.join(known[:5])}{more} (check the spelling, or ingest its bars)"
    return SymbolNotFound(f"no asset {symbol!r} in the bundle of {len(known)} assets; {hint}")


def _make_asset(row: tuple[int, str, str, str, str, str, str]) -> Asset:
    sid, symbol, name, exchange, *dates = row
    return Asset(sid, symbol, name, exchange, *map(_parse_date, dates))


# Most assets of a bundle share their dates: shared objects are faster to make and to pickle.
_parse_date = lru_cache(maxsize=1024)(pd.Timestamp)
