"""What our pages have in common: their head, and the links between them."""

from __future__ import annotations

from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent
LINKS = {
    "index.html": "Holdfast",
    "compare.html": "Compare commits",
    "verdicts.html": "Verdicts",
    "grid.html": "All benchmarks",
}


def write_framed(path: Path, title: str, body: str) -> None:
    """Write a page around its body; its own name among the links is marked."""
    frame = Template((_FOLDER / "frame.html").read_text("utf-8"))
    links = "\n".join(_link(name, text, name == path.name) for name, text in LINKS.items())
    path.write_text(frame.substitute(title=title, links=links, body=body), "utf-8")


def _link(name: str, text: str, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{name}"{mark}>{text}</a>'


def read_body(name: str) -> str:
    """Return the body of a page as it is kept beside this module."""
    return (_FOLDER / name).read_text("utf-8").strip()
