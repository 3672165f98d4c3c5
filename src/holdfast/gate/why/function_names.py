"""Where a profiled function is from: its module and its qualified name, as of one commit."""

from __future__ import annotations

import functools
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePath
from types import CodeType

from holdfast.gate.asv.project import Project

_INSTALLED = r".*/(?:site-packages|dist-packages|python3\.\d+|[0-9a-f]{32}/project(?:/src)?)/"
"""What asv's environments, and builds in place, put before a module's own path."""
_BUILT_IN = re.compile(r"<(?:built-in )?method '?([^' >]+)'?(?: of '?([^' ]+)'? object.*)?>")
_FROZEN = re.compile(r"<frozen (.+)>")
_LARGEST_SOURCE = 2_000_000
"""Bytes; a larger file is not compiled for the sake of its functions' names."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

Place = tuple[str, int, str]
"""A function as cProfile knows it: file, line, and bare name."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """One commit's files, which say what a line of a profile was called then."""

    project: Project
    commit: str
    files: tuple[str, ...]

    def names(self, places: Iterable[Place]) -> dict[Place, str]:
        """Return ``module.Class.function`` for each, the same wherever and whenever it ran.

        Of several functions with one name, such as two lambdas, the order of lines tells which.
        """
        names: dict[Place, str] = {}
        seen: Counter[str] = Counter()
        for path, together in groupby(sorted(places), key=itemgetter(0)):
            if path == "~":
                names |= {place: _built_in(place[2]) for place in together}
                continue
            file = PurePath(path).as_posix()
            module, known = self._module(file), _qualified_names(self._text(file) or "")
            for place in together:
                qualified = known.get(place[1:], place[2]).replace(".<locals>", "")
                name = f"{module}.{qualified}"
                seen[name] += 1
                names[place] = f"{name}#{seen[name]}" if seen[name] > 1 else name
        return names

    def _module(self, path: str) -> str:
        frozen = _FROZEN.fullmatch(path)
        relative = frozen[1] if frozen else self._relative(path)
        return relative.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def _relative(self, path: str) -> str:
        suite = self.project.folder("benchmark_dir").name
        repository = re.escape(self.project.repository.as_posix())
        places = (_INSTALLED, rf".*/(?={re.escape(suite)}/)", rf"{repository}/(?:src/)?", ".*/")
        found = (re.match(place, path) for place in places)
        return next((path[match.end() :] for match in found if match), path)

    def _text(self, path: str) -> str | None:
        """Return a file as it ran: asv installs what a commit holds, but not its benchmarks."""
        suite = f"{self.project.folder('benchmark_dir').as_posix()}/"
        # An environment may lie in the folder of the benchmarks.
        if not path.startswith(suite) or re.match(_INSTALLED, path):
            ending = f"/{self._relative(path)}"
            named = [name for name in self.files if f"/{name}".endswith(ending)]
            if named:
                return self.project.git(
                    "show", "--end-of-options", f"{self.commit}:{min(named, key=len)}"
                )
        return self._read_source(path)

    def _read_source(self, path: str) -> str | None:
        """Return a source file of the project; a profile may name any path of the machine."""
        roots = (self.project.repository, self.project.config.parent)
        try:
            source = Path(path).resolve()
            inside = any(map(source.is_relative_to, roots))
            if not (inside and source.is_file() and source.stat().st_size <= _LARGEST_SOURCE):
                return None
            return source.read_text("utf-8")
        except (OSError, ValueError, RuntimeError):
            return None


def checkout(project: Project, commit: str) -> Checkout:
    """Return what git knows of a commit; without a repository, functions keep their bare names."""
    options = ("-r", "-z", "--name-only", "--full-tree", "--end-of-options")
    listed = project.git("ls-tree", *options, commit) or ""
    return Checkout(project, commit, tuple(name for name in listed.split("\0") if name))


def _built_in(name: str) -> str:
    method = _BUILT_IN.fullmatch(name)
    return ".".join(filter(None, method.group(2, 1))) if method else _ADDRESS.sub("", name)


@functools.lru_cache(maxsize=1024)
def _qualified_names(text: str) -> Mapping[tuple[int, str], str]:
    """Return the qualified name of each function, by its first line and bare name."""
    try:
        with warnings.catch_warnings(action="ignore"):
            queue = [compile(text, "profiled", "exec", dont_inherit=True)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[tuple[int, str], str] = {}
    for code in queue:
        inner = [const for const in code.co_consts if isinstance(const, CodeType)]
        queue += inner
        found |= {(each.co_firstlineno, each.co_name): each.co_qualname for each in inner}
    return found
