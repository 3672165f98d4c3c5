"""``import zipline`` means Holdfast, while a strategy is loaded or runs and Zipline is absent.

So a file that was written for Zipline runs as it is. The modules are Holdfast's own: a function
imported through either name is the same object, and can be sent to a worker.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType

from holdfast.errors import ModuleNotSupported

#: Zipline's modules and packages, and Holdfast's; what is below a package goes with it.
NAMES = {
    "zipline": "holdfast",
    "zipline.api": "holdfast.api",
    "zipline.assets": "holdfast.assets",
    "zipline.errors": "holdfast.errors",
    "zipline.finance": "holdfast.finance",
    "zipline.pipeline": "holdfast.pipeline",
    "zipline.protocol": "holdfast.protocol",
    "zipline.utils": "holdfast.utils",
    "zipline.utils.calendars": "holdfast.utils.calendar_utils",  # its name in Zipline 1
}


class _Finder(MetaPathFinder):
    """Finds Holdfast's module for a name of Zipline's, unless Zipline is installed.

    It is asked first: the modules' folders would otherwise be read again under Zipline's names.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where `fullname` comes from; None for what is not Zipline's."""
        if fullname.partition(".")[0] != "zipline" or _is_installed():
            return None
        module = holdfast_name(fullname)
        if module is None:
            raise ModuleNotSupported(
                f"{fullname} is not part of Holdfast, which has {', '.join(sorted(NAMES))}",
                name=fullname,
            )
        package = find_spec(module).submodule_search_locations is not None  # type: ignore[union-attr]
        return ModuleSpec(fullname, _Loader(module), is_package=package)


def _is_installed() -> bool:
    loaded = sys.modules.get("zipline")
    if loaded is not None:
        return loaded.__name__ == "zipline"
    found = PathFinder.find_spec("zipline")
    return found is not None and found.origin is not None  # a mere folder is not Zipline


class _Loader(Loader):
    def __init__(self, module: str) -> None:
        self._module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return Holdfast's module itself."""
        module = importlib.import_module(self._module)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module back its own origin, which the import has just replaced."""
        module.__spec__ = self._spec


def holdfast_name(name: str) -> str | None:
    """Return the name of Holdfast's module for one of Zipline's; None when there is none."""
    if name in NAMES:
        return NAMES[name]
    parent, _, child = name.rpartition(".")
    above = None if parent in ("", "zipline") else holdfast_name(parent)
    if above is None:
        return None
    try:
        return f"{above}.{child}" if find_spec(f"{above}.{child}") else None
    except ModuleNotFoundError:  # what is above is not a package
        return None


_FINDER, _LOCK = _Finder(), threading.Lock()
_users = 0


@contextmanager
def zipline_names(wanted: bool = True) -> Iterator[None]:
    """Let Zipline's module names mean Holdfast's, where Zipline is not installed.

    Parameters
    ----------
    wanted
        Whether it has an effect.
    """
    if not wanted:
        yield
        return
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _users
    with _LOCK:
        _users += 1
        if _users == 1:
            sys.meta_path.insert(0, _FINDER)


def _leave() -> None:
    """Remove the names again, once no run in any thread needs them."""
    global _users
    with _LOCK:
        _users -= 1
        if not _users:
            sys.meta_path.remove(_FINDER)
            for name in [name for name in sys.modules if name.partition(".")[0] == "zipline"]:
                if sys.modules[name].__name__.partition(".")[0] == "holdfast":
                    del sys.modules[name]
