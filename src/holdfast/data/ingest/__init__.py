"""Ingest: bars from outside are checked and written as an immutable bundle.

A backtest only reads bundles, so nothing of this package is imported while one runs.
"""

from holdfast.data.ingest.sources import open_bars, read_bars
from holdfast.data.ingest.synthetic import synthetic_bars
from holdfast.data.ingest.write import write_bundle

__all__ = ["open_bars", "read_bars", "synthetic_bars", "write_bundle"]
