"""Run random pairs by both engines and print what differs: ``make differential``.

Zipline needs an environment of its own, which ``make golden`` makes too.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

from differential.compare import KEPT, differences_of, holdfast_answers, ingest, shorten
from differential.market import random_market
from differential.pairs import Pair, pairs_of


def main() -> int:
    """Return 1 when a pair differs."""
    parser = argparse.ArgumentParser(prog="differential", description=__doc__.partition("\n")[0])
    parser.add_argument("--zipline-python", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="another seed, other pairs")
    parser.add_argument("--only", help="pairs whose name contains this")
    parser.add_argument("--keep", action="store_true", help="keep Zipline's answers for the tests")
    args = parser.parse_args()
    logging.disable(logging.ERROR)
    pairs = [p for p in pairs_of(args.pairs, args.seed) if not args.only or args.only in p.name]
    with tempfile.TemporaryDirectory() as folder:
        export(pairs, Path(folder))
        command = [args.zipline_python.absolute(), "-m", "differential.zipline_side", folder]
        subprocess.run(list(map(str, command)), check=True, cwd=Path(__file__).parents[1])
        if args.keep:
            keep(pairs, Path(folder))
        return report(pairs, Path(folder))


def export(pairs: list[Pair], folder: Path) -> None:
    """Write the pairs, and each market as CSV and as a bundle."""
    (folder / "pairs.json").write_text(json.dumps([dataclasses.asdict(pair) for pair in pairs]))
    for pair in {pair.bundle: pair for pair in pairs}.values():
        market = random_market(pair.frequency, pair.market)
        (folder / pair.bundle).mkdir()
        market.bars.to_csv(folder / pair.bundle / "bars.csv", index=False)
        market.adjustments.to_csv(folder / pair.bundle / "adjustments.csv", index=False)
        ingest(market, folder / pair.bundle / "bundle")


def keep(pairs: list[Pair], folder: Path) -> None:
    """Write what the tests compare without Zipline."""
    KEPT.mkdir(exist_ok=True)
    for pair in pairs:
        answers = json.loads((folder / f"{pair.name}.json").read_text())
        text = json.dumps(shorten(answers), separators=(",", ":"))
        (KEPT / f"{pair.name}.json").write_text(text + "\n")


def report(pairs: list[Pair], folder: Path) -> int:
    """Print the differences of each pair that has some, then how many agree."""
    differing = fills = 0
    for pair in pairs:
        theirs = json.loads((folder / f"{pair.name}.json").read_text())
        mine = holdfast_answers(pair, folder / pair.bundle / "bundle")
        fills += len(theirs.get("transactions", ()))
        found = differences_of(mine, theirs)
        if found:
            differing += 1
            sys.stdout.write(f"{pair.name}\n" + "".join(f"    {line}\n" for line in found[:6]))
    sys.stdout.write(f"{len(pairs) - differing} of {len(pairs)} pairs agree, {fills:,} fills\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
