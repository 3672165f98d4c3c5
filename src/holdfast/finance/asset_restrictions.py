"""Assets that may not be ordered: always, or from certain dates on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

import pandas as pd

from holdfast.assets import Asset


class RESTRICTION_STATES(IntEnum):  # noqa: N801 - Zipline's name
    """Whether an asset may be ordered."""

    ALLOWED = 0
    FROZEN = 1


class Restriction(NamedTuple):
    """An asset's state, from a date on."""

    asset: Asset
    effective_date: pd.Timestamp
    state: RESTRICTION_STATES


class Restrictions(ABC):
    """Base of the restrictions; one of your own overrides `restricts`."""

    @abstractmethod
    def restricts(self, asset: Asset, dt: pd.Timestamp) -> bool:
        """Return whether one asset is restricted at a time."""

    def is_restricted(self, assets: Asset | Iterable[Asset], dt: pd.Timestamp) -> bool | pd.Series:
        """Return whether each asset is restricted at a time: a Series where there are several."""
        if isinstance(assets, Asset):
            return self.restricts(assets, dt)
        several = list(assets)
        return pd.Series([self.restricts(asset, dt) for asset in several], several, dtype=bool)

    def __or__(self, other: Restrictions) -> Restrictions:
        return _Either((self, other))


class NoRestrictions(Restrictions):
    """Restricts nothing."""

    def restricts(self, asset: Asset, dt: pd.Timestamp) -> bool:
        """Return False."""
        return False


class StaticRestrictions(Restrictions):
    """Restricts a fixed list of assets.

    Parameters
    ----------
    restricted_list
        The assets.
    """

    def __init__(self, restricted_list: Iterable[Asset]) -> None:
        self._restricted = frozenset(restricted_list)

    def restricts(self, asset: Asset, dt: pd.Timestamp) -> bool:
        """Return whether the asset is on the list."""
        return asset in self._restricted


class HistoricalRestrictions(Restrictions):
    """Restricts each asset from a date on, until a later date lifts it.

    Parameters
    ----------
    restrictions
        In any order; a date without a time zone counts as UTC.
    """

    def __init__(self, restrictions: Iterable[Restriction]) -> None:
        self._by_asset: dict[Asset, list[Restriction]] = {}
        for each in sorted(restrictions, key=lambda each: _utc(each.effective_date)):
            self._by_asset.setdefault(each.asset, []).append(each)

    def restricts(self, asset: Asset, dt: pd.Timestamp) -> bool:
        """Return whether the state that was set last is FROZEN."""
        taken = [r for r in self._by_asset.get(asset, ()) if _utc(r.effective_date) <= dt]
        return bool(taken) and taken[-1].state == RESTRICTION_STATES.FROZEN


class _Either(Restrictions):
    def __init__(self, parts: tuple[Restrictions, ...]) -> None:
        self._parts = parts

    def restricts(self, asset: Asset, dt: pd.Timestamp) -> bool:
        return any(part.is_restricted(asset, dt) for part in self._parts)


def _utc(date: pd.Timestamp) -> pd.Timestamp:
    moment = pd.Timestamp(date)
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment
