"""Prove bisect and blame on repositories of 33 commits, of which one may be slower.

    python -m tools.prove_bisect [--runs 10] [--plant 20|0]

Each trial makes a repository in which one function does 20 % more of its work since a random
commit, or none does, and asks for the commit and for the function. Exit code 1: one was wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from holdfast.gate.trust.laboratory import Repository, make_config, write_package

COMMITS, FUNCTION, BENCHMARK = 33, "planted.target", "b.time_run"
SUITE = "import planted\n\n\ndef time_run():\n    planted.run(20_000)\n"


def make_repository(folder: Path, culprit: int) -> list[str]:
    """Return the commits of a new repository; since the ``culprit``, if not 0, it is slower."""
    repository = Repository(folder)
    config = json.dumps({**make_config("planted"), "env_dir": "../env"})
    for number in range(COMMITS):
        files = {"asv.conf.json": config, "benchmarks/b.py": SUITE, "NUMBER": f"{number}\n"}
        write_package(repository, 20 if 0 < culprit <= number else 0, **files)
        repository.commit(f"Change number {number}")
    return repository.git("rev-list", "--reverse", "HEAD").split()


def holdfast(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of holdfast in ``folder``."""
    command = [sys.executable, "-m", "holdfast", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def try_once(folder: Path, culprit: int) -> tuple[bool, list[str]]:
    """Bisect one repository; return whether the answer was right, and the cells of its line."""
    shutil.rmtree(folder, ignore_errors=True)  # at the same place, asv's environment serves again
    commits, began = make_repository(folder, culprit), time.monotonic()
    answer = holdfast(folder, "bisect", commits[0], "HEAD", BENCHMARK)
    named = re.search(r"^  commit   (\w+)$", answer.stdout, re.MULTILINE)
    found, first = (commits.index(named[1]) if named else 0), ""
    if why := re.search(r"^  why      holdfast (.+)$", answer.stdout, re.MULTILINE):
        blamed = holdfast(folder, *shlex.split(why[1]), "--json")
        first = json.loads(blamed.stdout)["functions"][0]["function"] if blamed.stdout else ""
    none = answer.returncode == 3 and "no regression between" in answer.stderr
    right = found == culprit and (first == FUNCTION if culprit else none)
    if not right:
        sys.stderr.write(answer.stderr[-2000:])
    changes = re.findall(r"[+-]\d+\.\d %", answer.stdout or answer.stderr)
    seconds = f"{time.monotonic() - began:.0f}"
    change = changes[0 if named else -1] if changes else ""
    word = "right" if right else "WRONG"
    return right, [str(culprit or "-"), str(found or "-"), word, change, seconds, first]


def main() -> int:
    """Run the trials, print a line of a Markdown table for each, and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10, help="trials of each kind (10)")
    parser.add_argument("--plant", type=int, choices=(20, 0), help="only this kind, in per cent")
    parser.add_argument("--seed", type=int, default=0, help="which commits are chosen (0)")
    args = parser.parse_args()
    chance, rights = random.Random(args.seed), []
    print("| planted at | found | answer | change | seconds | blame puts first |")
    print("|--:|--:|---|--:|--:|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="prove-bisect-") as place:
        for plant in (20, 0) if args.plant is None else (args.plant,):
            for _ in range(args.runs):
                culprit = chance.randrange(1, COMMITS) if plant else 0
                right, cells = try_once(Path(place).resolve() / "repository", culprit)
                rights.append(right)
                print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\n{sum(rights)} of {len(rights)} right")
    return 0 if all(rights) else 1


if __name__ == "__main__":
    sys.exit(main())
