"""Layer 1: a bundle's assets are read from SQLite once, not in every backtest."""

from __future__ import annotations

from holdfast.assets import Asset, Finder, unknown_symbol
from holdfast.layers.lru import LRU


class RememberedAssets:
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
        self._by_symbol = remembered

    def retrieve_all(self) -> tuple[Asset, ...]:
        """Return every asset of the bundle, in order of ``sid``."""
        return tuple(self._by_symbol.values())

    def lookup_symbol(self, symbol: str) -> Asset:
        """Return the asset of a ticker symbol.

        Raises
        ------
        NotInBundle
            When the bundle holds no such symbol.
        """
        asset = self._by_symbol.get(symbol) or self._by_symbol.get(symbol.upper())
        if asset is None:
            raise unknown_symbol(symbol, self.retrieve_all())
        return asset


_ASSETS: LRU[str, dict[str, Asset]] = LRU(max_items=100)
