"""Make the pictures of the README and the documentation from real outputs.

    python -m tools.pictures            into docs/pictures/

The first page of the dashboard is built from results/ and looked at by a headless Chromium; the
graph of a layer's step is that of 'holdfast history --plot'; the heat map is that of
'holdfast sweep --plot', of the sweep in docs/real-prices.md. The same results give the same
pictures.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

from tools.dashboard.__main__ import build

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
_WINDOW = "1280,860"
_STEP = "steps.OfBars.time_windows"
_DATES = ("--start", "2001-01-02", "--end", "2012-12-31")


def picture_dashboard(work: Path) -> None:
    """Keep what a browser shows of the dashboard's first page, in light and dark."""
    build(ROOT, work / "html")
    for scheme, feature in (("light", "1"), ("dark", "0")):
        target = FOLDER / f"dashboard-{scheme}.png"
        command = [
            find_chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--blink-settings=preferredColorScheme={feature}", f"--window-size={_WINDOW}",
            f"--user-data-dir={work / 'profile'}", f"--screenshot={target}",
            (work / "html" / "index.html").as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)


def picture_step(_: Path) -> None:
    """Draw the benchmark of a layer over its history, with the step."""
    run_holdfast("history", _STEP, "--machine", find_machine(), "--plot", str(FOLDER / "step.svg"))


def picture_sweep(work: Path) -> None:
    """Draw the sweep of docs/real-prices.md over its two parameters."""
    page = (ROOT / "docs" / "real-prices.md").read_text("utf-8")
    packed = Path(str(resources.files("bokeh_sampledata"))) / "_data" / "stocks.csv.gz"
    (work / "stocks.csv").write_bytes(gzip.decompress(packed.read_bytes()))
    (work / "splits.csv").write_text(page.split("<<EOF\n")[1].split("EOF")[0], "utf-8")
    strategy = page.split("```python\n# averages.py\n")[1].split("```")[0]
    (work / "averages.py").write_text(strategy, "utf-8")
    bundle = ("--bundle", str(work / "stocks"))
    files = ("--adjustments", str(work / "splits.csv"))
    run_holdfast("ingest", str(work / "stocks.csv"), *bundle, *files)
    grid = ("--grid", "fast=10:50:10", "--grid", "slow=60:200:20")
    picture = ("--plot", str(FOLDER / "sweep.png"))
    run_holdfast("sweep", str(work / "averages.py"), *grid, *bundle, *_DATES, *picture)


def run_holdfast(*arguments: str) -> None:
    """Run a command of holdfast's in the checkout."""
    subprocess.run([sys.executable, "-m", "holdfast", *arguments], cwd=ROOT, check=True)


def find_machine() -> str:
    """Return the machine whose results are kept."""
    return next(path.name for path in sorted((ROOT / "results").glob("reference-*")))


def find_chromium() -> str:
    """Return the browser; without one, nothing is drawn."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("pictures: there is no chromium here; 'make chromium' installs it")
    return found


def main() -> int:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="holdfast-pictures-") as temporary:
        for make in (picture_dashboard, picture_step, picture_sweep):
            make(Path(temporary))
    sys.stdout.writelines(f"{path.relative_to(ROOT)}\n" for path in sorted(FOLDER.iterdir()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
