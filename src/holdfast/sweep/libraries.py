"""Which modules are libraries, and which are the user's own."""

from __future__ import annotations

import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

_INSTALLED = ("site-packages", "dist-packages")


def belongs_to_library(module: str | None, file: str | None = None) -> bool:
    """Return whether a module was installed, rather than written by the user.

    Parameters
    ----------
    module
        Its name; None and names that nobody imported are the user's.
    file
        Where it lies, when it is not imported yet.
    """
    if not module or module == "__main__":
        return False
    if module.split(".")[0] in ("holdfast", "builtins"):
        return True
    if file is None:
        found = sys.modules.get(module)
        if found is None:
            return False
        file = getattr(found, "__file__", None)
    return file is None or _is_installed(file)


@lru_cache(maxsize=1024)
def _is_installed(file: str) -> bool:
    path = Path(file)
    if any(part in _INSTALLED for part in path.parts):
        return True
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return any(path.is_relative_to(place) for place in places)
