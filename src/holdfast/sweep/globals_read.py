"""Which globals a function reads, told from its compiled code."""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from holdfast.sweep.libraries import belongs_to_library

_GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM")
_STORES = ("STORE_FAST", "STORE_DEREF")
_BETWEEN = ("CACHE", "EXTENDED_ARG", "PRECALL", "PUSH_NULL")


def globals_read(code: types.CodeType, namespace: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the globals that code reads, and the attributes that it reads of the user's modules.

    Parameters
    ----------
    code
        Of a function; the functions within it are looked at, too.
    namespace
        The globals of its module.
    """
    yield from sorted(dict(_read(code, namespace)).items())
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from globals_read(const, namespace)


def _read(code: types.CodeType, namespace: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    path, value = "", None
    imported: dict[str, tuple[str, Any]] = {}
    for step in dis.get_instructions(code):
        name, kind = step.argval, step.opname
        if kind in _BETWEEN:
            continue
        if kind == "IMPORT_NAME":
            path, value = name, _importable(name)
            yield f"import {path}", value
        elif kind in _GLOBALS and name in namespace:
            path, value = name, namespace[name]
            yield path, value
        elif kind in _ATTRIBUTES and _is_own(value):
            path, value = f"{path}.{name}", getattr(value, name, None)
            yield path, value
        elif kind in _STORES and _is_own(value):
            imported[name] = path, value
        else:
            path, value = imported.get(name, ("", None)) if kind.startswith("LOAD_") else ("", None)


def _is_own(value: Any) -> bool:
    return isinstance(value, types.ModuleType) and not belongs_to_library(value.__name__)


def _importable(name: str) -> Any:
    """Return the module that code will import, or what is known of it before it is loaded."""
    if name in sys.modules:
        return sys.modules[name]
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    module = types.ModuleType(name)
    if spec is not None and spec.origin is not None:
        module.__file__ = spec.origin
    return module
