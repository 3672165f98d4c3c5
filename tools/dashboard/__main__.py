"""Publish the history so that it can be read without a network, with a first page of our own.

    python -m tools.dashboard

``asv publish`` writes ``html/``; asv-tachyon draws its graphs, in ``grid.html``. The first page,
the verdicts and the page that compares two commits are ours.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.dashboard.facts import collect
from tools.dashboard.front import write_front
from tools.dashboard.grid import install_grid
from tools.dashboard.page import write_page


def build(root: Path, html: Path) -> None:
    """Write the pages of the project in ``root`` into the folder ``html``."""
    publish = [sys.executable, "-m", "asv", "publish", "--html-dir", str(html)]
    subprocess.run(publish, cwd=root, check=True)
    install_grid(html)
    shutil.copy(Path(__file__).with_name("style.css"), html)
    facts = collect(root, html)
    write_page(html, facts)
    write_front(html, facts, root)


def main() -> int:
    """Write ``html/``, and return an exit code."""
    root = Path(__file__).parents[2]
    try:
        build(root, root / "html")
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"dashboard: 'asv publish' ended with exit code {error.returncode}\n")
        return 1
    sys.stdout.write("html/index.html\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
