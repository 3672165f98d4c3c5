"""Layer 1: a bundle's assets are read from SQLite once, not in every backtest."""

from __future__ import annotations

from holdfast.assets import Asset, Finder, KnownAssets
from holdfast.layers.lru import LRU


class CachedAssets(KnownAssets):
    """A finder whose assets are cached by bundle version.

    Parameters
    ----------
    finder
        Reads the assets on a cache miss.
    version
        SHA-256 of the bundle's content, the cache's key.
    """

    def __init__(self, finder: Finder, version: str) -> None:
        by_symbol = _ASSETS.get(version)
        if by_symbol is None:
            by_symbol = {asset.symbol: asset for asset in finder.retrieve_all()}
            _ASSETS.put(version, by_symbol)
        super().__init__(by_symbol)


_ASSETS: LRU[str, dict[str, Asset]] = LRU(max_items=100)
