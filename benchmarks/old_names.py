"""Where this suite finds what it measures, at the commits of ``results/`` too.

asv runs today's benchmarks at every commit. What has been moved or renamed is listed here with the
places it had, today's first, and the benchmarks import it from here by today's name.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PLACES = {
    "BarData": ("holdfast.data.bar_data:BarData", "holdfast.data.bar:BarData"),
    "CachedAssets": (
        "holdfast.layers.asset_lists:CachedAssets",
        "holdfast.layers.asset_lists:RememberedAssets",
    ),
    "WINDOWS": (
        "holdfast.layers.windows.cache:WINDOWS",
        "holdfast.layers.window_memory:WINDOWS",
    ),
    "read_current_version": (
        "holdfast.data.bundle:read_current_version",
        "holdfast.data.bundle:current_version",
    ),
    "synthetic_bars": (
        "holdfast.data.ingest.synthetic:synthetic_bars",
        "holdfast.data.synthetic:synthetic_bars",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for place in PLACES[name]:
        module, attribute = place.split(":")
        try:
            return getattr(import_module(module), attribute)
        except (ModuleNotFoundError, AttributeError):
            continue
    raise ImportError(f"this commit of Holdfast has none of {', '.join(PLACES[name])}")
