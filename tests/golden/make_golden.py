"""Ask Zipline for its answers again.

Zipline needs an environment of its own::

    python3.11 -m venv zipline-env
    zipline-env/bin/pip install zipline-reloaded==3.2.1
    cd tests
    python -m golden.make_golden --zipline-python ../zipline-env/bin/python [CASE ...]

The bars are made here, by Holdfast's seeded generator, and handed over as CSV; the cases then
run in Zipline's environment and their answers land in ``tests/golden/answers``. ``CASE`` is a
part of a case's name; without one all cases run.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from golden.cases import ALL
from golden.markets import MARKETS, Market
from golden.pipelines.cases import FRAMES


def main() -> None:
    """Export the bars, then let Zipline's environment do the rest."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--zipline-python", type=Path, required=True)
    parser.add_argument("cases", nargs="*", metavar="CASE", default=[""])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted = [each for each in (*ALL, *FRAMES) if any(part in each.name for part in args.cases)]
        for name in sorted({each.market for each in wanted}):
            export(name, Path(folder) / name)
        command = [args.zipline_python.absolute(), "-m", "golden.zipline_side", folder]
        subprocess.run([*map(str, command), *args.cases], check=True, cwd=Path(__file__).parents[1])


def export(name: str, folder: Path) -> None:
    """Write a market of ``golden.markets`` as CSV."""
    write_market(MARKETS[name](), folder)


def write_market(market: Market, folder: Path) -> None:
    """Write a market's bars and adjustments as CSV."""
    folder.mkdir()
    market.bars.to_csv(folder / "bars.csv", index=False)
    market.adjustments.to_csv(folder / "adjustments.csv", index=False)


if __name__ == "__main__":
    main()
