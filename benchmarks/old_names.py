"""Where this suite finds what it measures, at the commits of ``results/`` too.

asv runs today's benchmarks at every commit. A name that has moved is listed here with the modules
that hold it, today's first, and the benchmarks import it from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

MODULES = {
    "BarData": ("holdfast.data.bar_data", "holdfast.data.bar"),
    "WINDOWS": ("holdfast.layers.windows.cache", "holdfast.layers.window_memory"),
    "synthetic_bars": ("holdfast.data.ingest.synthetic", "holdfast.data.synthetic"),
}


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_import_first(MODULES[name]), name)


def _import_first(modules: tuple[str, ...]) -> Any:
    *newer, oldest = modules
    for module in newer:
        try:
            return import_module(module)
        except ModuleNotFoundError:
            continue
    return import_module(oldest)
