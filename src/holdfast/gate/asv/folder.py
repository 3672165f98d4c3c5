"""The gate's own folder beside asv.conf.json: environments and checks, ignored by git."""

from __future__ import annotations

from pathlib import Path

from holdfast.gate.asv.project import Project

NAME = ".holdfast"


def own_folder(project: Project, *parts: str) -> Path:
    """Return a folder below ``.holdfast``, which is made when it is missing."""
    top = project.config.parent / NAME
    folder = top.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    ignore = top / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", "utf-8")
    return folder
