"""Layer 1: a bundle's assets are read from SQLite once, not in every backtest."""

from __future__ import annotations

from holdfast.assets import Asset, Finder, KnownAssets
from holdfast.layers.lru import LRU


class CachedAssets(KnownAssets):
    """Answers from memory; the plain finder is asked once per bundle version.

    Parameters
    ----------
    finder
        The plain part.
    version
        SHA-256 of the bundle's content: another content is another memory.
    """

    def __init__(self, finder: Finder, version: str) -> None:
        remembered = _ASSETS.get(version)
        if remembered is None:
            remembered = {asset.symbol: asset for asset in finder.retrieve_all()}
            _ASSETS.put(version, remembered)
        super().__init__(remembered)


_ASSETS: LRU[str, dict[str, Asset]] = LRU(max_items=100)
