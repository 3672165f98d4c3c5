"""Extras: what each of them installs, and an error that names the one that is missing."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, Literal

from holdfast.errors import MissingExtra

Extra = Literal["asv", "backtest", "plots", "completion"]

MODULES: dict[Extra, tuple[str, ...]] = {
    "asv": ("asv", "filelock", "virtualenv"),
    "backtest": ("numpy", "pandas", "pyarrow", "exchange_calendars", "joblib", "tqdm"),
    "plots": ("matplotlib",),
    "completion": ("shtab",),
}
"""The modules that an extra of pyproject.toml brings."""


def is_installed(module: str) -> bool:
    """Return whether this Python could import ``module``; it is not imported."""
    return importlib.util.find_spec(module) is not None


def missing_extra(purpose: str, extra: Extra) -> MissingExtra:
    """Return the error that says what `purpose` needs, and how to install it."""
    return MissingExtra(f"{purpose} needs the {extra} extra: pip install 'asv-holdfast[{extra}]'")


def require_extra(purpose: str, extra: Extra) -> None:
    """Refuse to go on when a module of an extra is not installed.

    Parameters
    ----------
    purpose
        What needs it: a command or a public name.

    Raises
    ------
    MissingExtra
        When it is not there.
    """
    if not all(map(is_installed, MODULES[extra])):
        raise missing_extra(purpose, extra)


def load_public_name(package: str, name: str, home: str) -> Any:
    """Import a public name of a package from the module that defines it.

    Raises
    ------
    MissingExtra
        When that module needs the backtest extra, which is not installed.
    """
    try:
        return getattr(importlib.import_module(home), name)
    except ModuleNotFoundError:
        require_extra(f"{package}.{name}", "backtest")
        raise
