"""What a strategy really is, as a digest: its code, and every value that it carries or reads."""

from __future__ import annotations

import contextlib
import copyreg
import functools
import hashlib
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.sweep.globals_read import globals_read
from holdfast.sweep.libraries import belongs_to_library

_ATOMS = (type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented), range)
#: What a class has by itself, and no strategy reads.
_CLASS_NOISE = {
    *("__dict__", "__weakref__", "__doc__", "__module__", "__firstlineno__"),
    *("__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"),
    *("__static_attributes__", "__abstractmethods__", "_abc_impl", "__parameters__"),
    *("__dataclass_fields__", "__dataclass_params__", "__orig_bases__"),
}
_SLOTS = (types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType)


def identity(strategy: Callable[..., Any]) -> str:
    """Return a strategy's name and a digest of what it is.

    That is the code of its function and of all functions of the user's that it can reach;
    default values, closures, the arguments of a ``partial``, the state of an object; and the
    globals that any of them reads. Libraries go by their names.

    Raises
    ------
    UsageError
        When something of it cannot be compared with what it was in another process.
    """
    function = strategy.func if isinstance(strategy, functools.partial) else strategy
    name = getattr(function, "__qualname__", type(function).__qualname__)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old ways to pickle
        digest = _Digest().of(strategy, name)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"  # it decides what code is
    return f"{name} {digest.hex()[:16]} (Python {version})"


class _Digest:
    """Digests values by what they hold; equal values in two processes have equal digests."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[bytes, object]] = {}  # the object too: else its id is reused
        self._open: dict[int, int] = {}

    def of(self, value: Any, where: str) -> bytes:
        """Return the digest of a value; `where` is named when there is none."""
        if type(value) in _ATOMS:
            return _hashed(type(value).__name__, repr(value).encode())
        key = id(value)
        if key in self._done:
            return self._done[key][0]
        if key in self._open:
            return _hashed("again", str(len(self._open) - self._open[key]).encode())
        self._open[key] = len(self._open)
        try:
            digest = _hashed(type(value).__qualname__, *self._parts(value, where))
        except RecursionError:
            raise _refusal(where, "nests too deeply") from None
        finally:
            del self._open[key]
        self._done[key] = digest, value
        return digest

    def _parts(self, value: Any, where: str) -> Iterable[bytes | memoryview]:
        match value:
            case tuple() | list() if type(value) in (tuple, list):
                return [self.of(one, where) for one in value]
            case set() | frozenset() if type(value) in (set, frozenset):
                return sorted(self.of(one, where) for one in value)
            case dict() if type(value) is dict:
                return self._items(value.items(), where)
            case types.MappingProxyType():
                return self._items(value.items(), where)
            case np.ndarray() if not value.dtype.hasobject and type(value) is np.ndarray:
                return [repr((value.dtype.descr, value.shape)).encode(), _content(value)]
            case types.ModuleType():
                return _module_parts(value.__name__, getattr(value, "__file__", None))
            case types.CodeType():
                return self._code(value, where)
            case types.FunctionType():
                return self._function(value, where)
            case type():
                return self._class(value, where)
        return self._object(value, where)

    def _object(self, value: Any, where: str) -> Iterable[bytes | memoryview]:
        match value:
            case types.MethodType():
                return [self.of(value.__func__, where), self.of(value.__self__, where)]
            case functools.partial():
                return [self.of((value.func, value.args, value.keywords), where)]
            case property():
                return [self.of((value.fget, value.fset, value.fdel), where)]
            case staticmethod() | classmethod():
                return [self.of(value.__func__, where)]
            case functools.cached_property():
                return [self.of(value.func, where)]
            case types.CellType():
                return self._cell(value, where)
            case _ if isinstance(value, _SLOTS):
                return [value.__name__.encode()]
            case functools._lru_cache_wrapper():
                return [self.of(value.__wrapped__, where)]
        return self._reduced(value, where)

    def _items(self, items: Iterable[tuple[Any, Any]], where: str) -> Iterator[bytes]:
        for key, value in items:
            yield self.of(key, where)
            yield self.of(value, f"{where}[{key!r}]")

    def _cell(self, cell: types.CellType, where: str) -> Iterator[bytes]:
        try:
            yield self.of(cell.cell_contents, where)
        except ValueError:  # it has none yet
            yield b"empty"

    def _function(self, function: types.FunctionType, where: str) -> Iterator[bytes]:
        name, code = function.__qualname__, function.__code__
        yield f"{function.__module__}.{name}".encode()
        library = belongs_to_library(function.__globals__.get("__name__"))
        if library and "<locals>" not in code.co_qualname:
            return
        defaults = function.__defaults__, function.__kwdefaults__
        yield self.of(defaults, f"a default value of {name}()")
        cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        for variable, cell in cells.items():
            yield self.of(cell, f"the variable {variable!r} around {name}()")
        yield self.of(function.__dict__, f"an attribute of {name}()")
        if not library:
            yield self.of(code, where)
            yield from self._reads(function)

    def _reads(self, function: types.FunctionType) -> Iterator[bytes]:
        for path, value in globals_read(function.__code__, function.__globals__):
            yield path.encode()
            yield self.of(value, f"the global {path!r}, which {function.__qualname__}() reads,")

    def _code(self, code: types.CodeType, where: str) -> Iterator[bytes]:
        yield code.co_code
        yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_flags)).encode()
        yield repr((code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)).encode()
        yield getattr(code, "co_exceptiontable", b"")
        yield self.of(code.co_consts, where)

    def _class(self, cls: type, where: str) -> Iterator[bytes]:
        yield f"{cls.__module__}.{cls.__qualname__}".encode()
        if belongs_to_library(cls.__module__):
            return
        yield self.of((type(cls), cls.__bases__), where)
        for name, value in sorted(vars(cls).items()):
            if name not in _CLASS_NOISE:
                yield name.encode()
                yield self.of(value, f"{cls.__qualname__}.{name}")

    def _reduced(self, value: Any, where: str) -> Iterator[bytes]:
        """Digest an object as pickle sees it: what makes it anew, and its state."""
        try:
            reduced = _reduce(value)
        except Exception:
            raise _refusal(where, f"is a {type(value).__qualname__}") from None
        if isinstance(reduced, str):  # it is known by its name
            owner = getattr(value, "__module__", None) or type(value).__module__
            yield f"{owner}.{reduced}".encode()
            return
        make, args, state, items, pairs = (*reduced, None, None, None)[:5]
        yield self.of((type(value), make, args), where)
        yield self.of(state, where)
        yield self.of(list(items or ()), where)
        yield self.of(list(pairs or ()), where)


def _module_parts(name: str, file: str | None) -> list[bytes]:
    """Return what tells a module from another; only the user's own ones change."""
    parts = [name.encode()]
    if name != "__main__" and file is not None and not belongs_to_library(name, file):
        with contextlib.suppress(OSError):
            parts.append(Path(file).read_bytes())
    return parts


def _reduce(value: Any) -> Any:
    registered = copyreg.dispatch_table.get(type(value))
    return value.__reduce_ex__(4) if registered is None else registered(value)


def _content(array: np.ndarray[Any, Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _hashed(kind: str, *parts: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(kind.encode())
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


def _refusal(where: str, what: str) -> UsageError:
    return UsageError(
        f"resume= cannot tell whether this is the strategy of the rows in its file: {where} "
        f"{what}, which cannot be compared with that of an earlier process (make it inside the "
        f"strategy, or leave resume= out)"
    )
