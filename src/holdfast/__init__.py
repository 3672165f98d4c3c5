"""Holdfast: a backtester with Zipline's API that stays fast, and the gate that keeps it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from holdfast.data.ingest import write_bundle
    from holdfast.errors import HoldfastError
    from holdfast.layers import Layers, Limits
    from holdfast.pipelines import run_pipeline
    from holdfast.run import run_algorithm
    from holdfast.sweep import grid, walk_forward
    from holdfast.targets import run_targets

    __version__: str

__all__ = [
    "HoldfastError",
    "Layers",
    "Limits",
    "__version__",
    "grid",
    "run_algorithm",
    "run_pipeline",
    "run_targets",
    "walk_forward",
    "write_bundle",
]

_HOMES = {
    "HoldfastError": "holdfast.errors",
    "Layers": "holdfast.layers",
    "Limits": "holdfast.layers",
    "grid": "holdfast.sweep.grids",
    "run_algorithm": "holdfast.run",
    "run_pipeline": "holdfast.pipelines",
    "run_targets": "holdfast.targets",
    "walk_forward": "holdfast.sweep.walks",
    "write_bundle": "holdfast.data.ingest",
}


def __getattr__(name: str) -> object:
    # The gate is used in projects that never run a backtest: they do not pay for pandas.
    if name == "__version__":
        from importlib.metadata import version

        return version("asv-holdfast")
    if name not in _HOMES:
        raise AttributeError(f"module 'holdfast' has no attribute {name!r}")
    from holdfast.extras import load_public_name

    return load_public_name("holdfast", name, _HOMES[name])


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add ``%%holdfast`` to a notebook: IPython calls this for ``%load_ext holdfast``."""
    from holdfast.extras import load_public_name

    load_public_name("holdfast", "register", "holdfast.notebook")(shell)
