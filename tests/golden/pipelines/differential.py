"""Compute random pipelines with Zipline and Holdfast, and tell where they differ.

    cd tests
    python -m golden.pipelines.differential --zipline-python ../.venv-zipline/bin/python

Exits with 1 when a graph differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from golden.compare import differences
from golden.make_golden import write_market
from golden.pipelines.cases import frame_as_answers
from golden.pipelines.names import Names
from golden.pipelines.random_markets import END, START, random_market
from golden.pipelines.random_terms import RandomTerms
from holdfast import Layers, run_pipeline, write_bundle
from holdfast.run import open_bundle


def main() -> None:
    """Let Zipline compute all graphs, then compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--zipline-python", type=Path, required=True)
    parser.add_argument("--markets", type=int, default=10)
    parser.add_argument("--graphs", type=int, default=30, help="of each market")
    parser.add_argument("--first", type=int, default=0, help="seed of the first market")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(args.first, args.first + args.markets):
            write_market(random_market(seed), folder / f"daily_{seed}")
        side = "golden.pipelines.zipline_differential"
        command = [args.zipline_python.absolute(), "-m", side, folder, START, END, args.graphs]
        subprocess.run([*map(str, command)], check=True, cwd=Path(__file__).parents[2])
        n_different = sum(map(_compare, sorted(folder.glob("daily_*"))))
    sys.exit(n_different > 0)


def _compare(folder: Path) -> int:
    """Print how many graphs of a market differ, and where; return the number."""
    market = random_market(int(folder.name.partition("_")[2]))
    write_bundle(folder / "bundle", market.bars, adjustments=market.adjustments)
    counts = {"equal": 0, "stopped": 0, "different": 0}
    for path in sorted(folder.glob("*.json"), key=lambda path: int(path.stem)):
        expected = json.loads(path.read_text())
        if "error" in expected:
            counts["stopped"] += 1
            print(f"{path.stem}: Zipline stops, {expected['error'][:110]}")
            continue
        found = [differs(int(path.stem), folder / "bundle", expected, each) for each in _LAYERS]
        counts["different" if any(found) else "equal"] += 1
        for one in found:
            print(*(f"{path.stem}: {text}" for text in one[:3]), sep="\n", end="\n" if one else "")
    print(folder.name, counts, flush=True)
    return counts["different"]


_LAYERS = (Layers.NONE, Layers.ALL)


def differs(seed: int, bundle: Path, expected: dict[str, Any], layers: Layers) -> list[str]:
    """Return where one graph's answers differ from Zipline's."""
    with open_bundle(bundle, Layers.NONE) as opened:
        names = Names("holdfast", list(opened.assets.retrieve_all()))
    pipeline = RandomTerms(names, seed).pipeline()
    found = frame_as_answers(run_pipeline(pipeline, START, END, bundle, layers))
    return differences(json.loads(json.dumps(found)), expected)


if __name__ == "__main__":
    main()
