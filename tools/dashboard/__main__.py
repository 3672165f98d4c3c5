"""Publish the history so that it can be read without a network, with a page of our own.

    python -m tools.dashboard

``asv publish`` writes ``html/``; then what its pages load from elsewhere is fetched once, with
npm, and the verdicts, the targets and the comparison with other engines get a page.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tools.dashboard.facts import collect
from tools.dashboard.page import PAGE, write_page
from tools.dashboard.vendor import Unvendored, make_local


def build(root: Path, html: Path) -> None:
    """Write the pages of the project in ``root`` into the folder ``html``."""
    publish = [sys.executable, "-m", "asv", "publish", "--html-dir", str(html)]
    subprocess.run(publish, cwd=root, check=True)
    make_local(html, link=("Verdicts", PAGE))
    fill_gaps(html)
    write_page(html, collect(root, html))


def fill_gaps(html: Path) -> None:
    """Give a benchmark that was never measured the empty graph for which the grid asks."""
    for name in json.loads((html / "index.json").read_text("utf-8"))["benchmarks"]:
        graph = html / "graphs" / "summary" / f"{name}.json"
        if not graph.exists():
            graph.write_text("[]", "utf-8")


def main() -> int:
    """Write ``html/``, and return an exit code."""
    root = Path(__file__).parents[2]
    try:
        build(root, root / "html")
    except Unvendored as error:
        sys.stderr.write(f"dashboard: {error}\n")
        return 1
    sys.stdout.write("html/index.html\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
