"""asv's own pages, as asv-tachyon draws them: its files bring all that they load."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

PAGE = "grid.html"
_OPTIONAL = ("commits.json", "profiles.json", "regressions-ignore.json")
"""What asv-tachyon asks for, and takes empty."""


def install_grid(html: Path) -> None:
    """Put asv-tachyon's pages over what ``asv publish`` wrote, below a name of their own."""
    with resources.as_file(resources.files("asv_tachyon") / "static") as static:
        shutil.copytree(static, html, dirs_exist_ok=True)
    (html / "index.html").rename(html / PAGE)
    for name in _OPTIONAL:
        (html / name).write_text("{}", "utf-8")
    _fill_gaps(html)


def _fill_gaps(html: Path) -> None:
    """Give a benchmark that was never measured the empty graphs for which the pages ask."""
    names = json.loads((html / "index.json").read_text("utf-8"))["benchmarks"]
    folders = {path.parent for path in (html / "graphs").rglob("*.json")}
    for folder in folders:
        for name in names:
            graph = folder / f"{name}.json"
            if not graph.exists():
                graph.write_text("[]", "utf-8")
