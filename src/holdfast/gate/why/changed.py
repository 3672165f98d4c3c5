"""Which functions a diff changes: what does not read the same once comments and layout are gone."""

from __future__ import annotations

import ast
import warnings

from holdfast.gate.asv.project import Project

_MOST_FILES = 200


def list_changed(project: Project, base: str, head: str) -> list[str]:
    """Return the functions that ``head`` has and ``base`` has not, or has otherwise.

    Each with the whole path of its file, as in ``src.tiny.Reader.next``.
    """
    options = ("-z", "--name-only", "--no-renames", "--end-of-options")
    listed = project.git("diff", *options, base, head, "--", "*.py") or ""
    found = []
    for path in list(filter(None, listed.split("\0")))[:_MOST_FILES]:
        before, after = (_read_functions(project, commit, path) for commit in (base, head))
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        found += [f"{module}.{name}" for name in after if after[name] != before.get(name)]
    return found


def _read_functions(project: Project, commit: str, path: str) -> dict[str, str]:
    """Return the functions of a file by their qualified names, each as its syntax tree."""
    text = project.git("show", "--end-of-options", f"{commit}:{path}") or ""
    try:
        with warnings.catch_warnings(action="ignore"):
            queue: list[tuple[str, ast.AST]] = [("", ast.parse(text))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found = {}
    for prefix, node in queue:
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}."
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found[name[:-1]] = ast.dump(child)
            queue.append((name, child))
    return found
