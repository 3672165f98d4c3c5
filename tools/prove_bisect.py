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

COMMITS, PASSES, FUNCTION, BENCHMARK = 33, 10, "tiny.parse", "b.time_run"
MODULE = """
def load(n):
    return [i * 7 % 1009 for i in range(n)]


def parse(values):
    total = 0
    for _ in range({passes}):
        for value in values:
            total = (total * 3 + value) % 1000003
    return total


def index(values):
    return {{value: place for place, value in enumerate(values)}}


def lines(values):
    return ["%8d" % value for value in values]


def run(n):
    values = load(n)
    return parse(values), index(values), lines(values)


VERSION = {number}
"""
COPY = "import shutil, sysconfig; shutil.copy('tiny.py', sysconfig.get_path('purelib'))"
CONFIG = {
    "version": 1, "project": "tiny", "repo": ".", "branches": ["main"],
    "environment_type": "virtualenv", "env_dir": "../env", "build_command": [],
    "install_command": [f'in-dir={{build_dir}} python -c "{COPY}"'],
    "uninstall_command": [], "matrix": {"req": {"asv_runner": ["0.3.2"]}},
}  # fmt: skip
FILES = {
    "asv.conf.json": json.dumps(CONFIG),
    "benchmarks/__init__.py": "",
    "benchmarks/b.py": "import tiny\n\n\ndef time_run():\n    tiny.run(2_000)\n",
    ".gitignore": "/results/\n__pycache__/\n",
}
IDENTITY = ("-c", "user.name=Someone", "-c", "user.email=someone@example.invalid")


def make_repository(folder: Path, culprit: int) -> list[str]:
    """Return the commits of a new repository; since the ``culprit``, if not 0, it is slower."""
    git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    for number in range(COMMITS):
        slower = 0 < culprit <= number
        text = MODULE.format(passes=PASSES * 12 // 10 if slower else PASSES, number=number)
        (folder / "tiny.py").write_text(text, "utf-8")
        git(folder, "add", "--all")
        git(folder, *IDENTITY, "commit", "--quiet", "--message", f"Change number {number}")
    return git(folder, "rev-list", "--reverse", "HEAD").split()


def git(folder: Path, *arguments: str) -> str:
    """Return what git prints."""
    command = ["git", "-C", str(folder), "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


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
