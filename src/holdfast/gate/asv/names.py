"""Which benchmarks a suite has, as far as its source tells: nothing is imported or built."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.nearest import ask_nearest

_BENCHMARK = re.compile(
    r"(time|timeraw|mem|peakmem|track)_.+|(Time|Timeraw|Mem|PeakMem|Track)[A-Z_].+"
)
_MAKERS = {"setattr", "exec", "eval", "globals", "vars", "locals", "__import__"}
_PLAIN_BASES = {"object", "ABC", "Enum", "Exception", "NamedTuple"}


@dataclass(frozen=True, slots=True)
class Names:
    """What a suite defines under public names."""

    callables: tuple[str, ...]
    """Every function and method, as asv would name it: a plugin may have prefixes of its own."""
    complete: bool
    """Whether no other can come to be while the suite is imported."""

    @property
    def benchmarks(self) -> list[str]:
        """What goes by one of asv's own prefixes."""
        return [name for name in self.callables if _BENCHMARK.fullmatch(name.rpartition(".")[2])]

    def may_select(self, regex: str) -> bool:
        """Say whether a ``--bench`` expression can select anything."""
        # Parameters are known when the suite runs; what stands before them must fit.
        before = regex.partition(r"\(")[0]
        try:
            pattern = re.compile(before)
        except re.error:
            return True
        return not self.complete or any(map(pattern.search, self.callables))

    def explain(self, wanted: str) -> str:
        """Return the names nearest to one that does not exist, or how many there are."""
        known = self.benchmarks
        plain = re.sub(r"[\\^$]", "", wanted.partition("(")[0])
        last = {name.rpartition(".")[2]: name for name in known}
        if close := ask_nearest(plain, last | {name: name for name in known}, 3, 0.5):
            return close
        listed = ", ".join(known[:3]) + (", ..." if known[3:] else "")
        return f"the suite has {len(known)}: {listed}" if known else "the suite has none"


@dataclass(slots=True)
class _Module:
    """The definitions of one file, and what it imports by name."""

    name: str
    functions: list[str] = field(default_factory=list)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imported: list[str] = field(default_factory=list)
    is_open: bool = False
    """Whether it may define names that cannot be read in it."""


def read_names(folder: Path) -> Names:
    """Return what the Python files of a benchmark folder define."""
    modules = [_read_module(name, path) for name, path in _list_sources(folder)]
    classes = {name: node for module in modules for name, node in module.classes.items()}
    functions = {name for module in modules for name in module.functions}
    names: list[str] = []
    for module in modules:
        prefix = f"{module.name}." if module.name else ""
        names += [prefix + name for name in module.functions]
        names += [prefix + name for name in module.imported if name in functions]
        for name in (*module.classes, *module.imported):
            if name in classes and not name.startswith("_"):
                names += [f"{prefix}{name}.{one}" for one in _methods(classes[name], classes)]
    known = {*classes, *_PLAIN_BASES}
    bases = {_base_name(base) for node in classes.values() for base in node.bases}
    complete = bases <= known and not any(module.is_open for module in modules)
    return Names(tuple(dict.fromkeys(names)), complete)


def require_selection(folder: Path, bench: Sequence[str]) -> None:
    """Refuse a ``--bench`` expression that selects nothing, where the source is sure of it."""
    names = read_names(folder)
    for regex in bench:
        if not names.may_select(regex):
            raise UsageError(f"--bench {regex!r} matches no benchmark; {names.explain(regex)}")


def require_benchmark(folder: Path, name: str) -> None:
    """Refuse the name of a benchmark that the suite does not have, where its source is sure."""
    names = read_names(folder)
    if names.complete and name.partition("(")[0] not in names.callables:
        raise UsageError(f"{name!r} is not a benchmark; {names.explain(name)}")


def _list_sources(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield the modules that asv would import, and their files: packages alone are searched."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix == ".py":
            yield (prefix.rstrip(".") if path.stem == "__init__" else prefix + path.stem), path
        elif (path / "__init__.py").is_file():
            yield from _list_sources(path, f"{prefix}{path.name}.")


def _read_module(name: str, path: Path) -> _Module:
    module = _Module(name)
    try:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
    except (OSError, ValueError, SyntaxError, RecursionError):
        module.is_open = True
        return module
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            module.functions.append(node.name)
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
        elif isinstance(node, ast.ImportFrom):
            module.imported += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.If | ast.Try | ast.For | ast.With | ast.Assign):
            # Definitions under a condition, or under another name.
            inner = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
            module.is_open |= any(isinstance(each, inner) for each in ast.walk(node))
    module.is_open |= "*" in module.imported or "benchmark_name" in text
    module.is_open |= any(map(_makes_names, ast.walk(tree)))
    return module


def _makes_names(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "id", "")
    return name in _MAKERS or (name == "type" and len(node.args) > 1)


def _methods(
    node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], seen: tuple[str, ...] = ()
) -> Iterator[str]:
    for base in map(_base_name, node.bases):
        if base in classes and base not in (*seen, node.name):
            yield from _methods(classes[base], classes, (*seen, node.name))
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            yield item.name
        elif isinstance(item, ast.Assign):
            yield from (target.id for target in item.targets if isinstance(target, ast.Name))


def _base_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "?")
