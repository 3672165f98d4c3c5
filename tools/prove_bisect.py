"""Prove bisect and blame on repositories of 33 commits, of which one may be slower.

    python -m tools.prove_bisect [--runs 10] [--plant 20|0] [--commits 33] [--neighbour] [--asv]

Each trial makes a repository in which one function does 20 % more of its work since a random
commit, or none does, and asks for the commit and for the function. Exit code 1: one was wrong.
With --neighbour, another process keeps a processor busy for random stretches of time; with --asv,
'asv find' is asked for the same commit of the same repository, and timed.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from holdfast.gate.trust.laboratory import Repository, make_config, write_package

COMMITS, FUNCTION, BENCHMARK = 33, "planted.target", "b.time_run"
SUITE = "import planted\n\n\ndef time_run():\n    planted.run(20_000)\n"
NEIGHBOUR = """
import random, time
while True:
    end = time.monotonic() + random.uniform(0.1, 8)
    while time.monotonic() < end:
        sum(range(10_000))
    time.sleep(random.uniform(0.1, 8))
"""


def make_repository(folder: Path, culprit: int, commits: int = COMMITS) -> list[str]:
    """Return the commits of a new repository; since the ``culprit``, if not 0, it is slower."""
    repository = Repository(folder)
    config = json.dumps({**make_config("planted"), "env_dir": "../env"})
    for number in range(commits):
        files = {"asv.conf.json": config, "benchmarks/b.py": SUITE, "NUMBER": f"{number}\n"}
        write_package(repository, 20 if 0 < culprit <= number else 0, **files)
        repository.commit(f"Change number {number}")
    return repository.git("rev-list", "--reverse", "HEAD").split()


def holdfast(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of holdfast in ``folder``."""
    command = [sys.executable, "-m", "holdfast", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@contextlib.contextmanager
def busy_neighbour(wanted: bool) -> Iterator[None]:
    """Let another process be busy, now and then, if it is wanted."""
    if not wanted:
        yield
        return
    neighbour = subprocess.Popen([sys.executable, "-c", NEIGHBOUR])
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.wait()


def ask_asv(folder: Path) -> tuple[str, str]:
    """Return which commit 'asv find' names, as a number, and how many seconds it took."""
    commits = Repository(folder).git("rev-list", "--reverse", "HEAD").split()
    asv = [sys.executable, "-m", "asv"]
    # Its description of the machine goes into a home folder of its own.
    environment = {**os.environ, "HOME": str(folder.parent)}
    run = functools.partial(
        subprocess.run, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    run([*asv, "machine", "--yes"])
    began = time.monotonic()
    # A range would leave out the first commit, without which the second cannot be found.
    answer = run([*asv, "find", "--skip-save", "HEAD", BENCHMARK])
    seconds = time.monotonic() - began
    named = re.search(r"Greatest regression found: (\w+)", answer.stdout)
    if not named:
        sys.stderr.write(answer.stdout[-2000:] + answer.stderr[-2000:])
    numbers = [n for n, one in enumerate(commits) if named and one.startswith(named[1])]
    return str(numbers[0] if numbers else "-"), f"{seconds:.0f}"


def try_once(folder: Path, culprit: int, commits_made: int = COMMITS) -> tuple[bool, list[str]]:
    """Bisect one repository; return whether the answer was right, and the cells of its line."""
    shutil.rmtree(folder, ignore_errors=True)  # at the same place, asv's environment serves again
    commits, began = make_repository(folder, culprit, commits_made), time.monotonic()
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
    parser.add_argument("--commits", type=int, default=COMMITS, help=f"of each ({COMMITS})")
    parser.add_argument("--neighbour", action="store_true", help="keep a processor busy beside it")
    parser.add_argument("--asv", action="store_true", help="ask 'asv find' for the same")
    args = parser.parse_args()
    chance, rights = random.Random(args.seed), []
    titles = ["planted at", "found", "answer", "change", "seconds", "blame puts first"]
    titles += ["asv finds", "seconds"] if args.asv else []
    print(f"| {' | '.join(titles)} |\n|{'--:|' * len(titles)}", flush=True)
    temporary = tempfile.TemporaryDirectory(prefix="prove-bisect-")
    with temporary as place, busy_neighbour(args.neighbour):
        folder = Path(place).resolve() / "repository"
        for plant in (20, 0) if args.plant is None else (args.plant,):
            for _ in range(args.runs):
                culprit = chance.randrange(1, args.commits) if plant else 0
                right, cells = try_once(folder, culprit, args.commits)
                rights.append(right)
                cells += ask_asv(folder) if args.asv else ()
                print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\n{sum(rights)} of {len(rights)} right")
    return 0 if all(rights) else 1


if __name__ == "__main__":
    sys.exit(main())
