"""Plant a regression into real projects, and ask the gate for the commit and for the function.

    python -m tools.planted [--only NAME] [--mirrors DIR] [--budget TIME] [--seed N]

Each project of planted.toml is cloned, as suites.toml describes it, and gets thirty commits more:
one of them makes a function slower. 'check' must name the benchmarks that call it and no others,
'bisect' the commit among the thirty, 'blame' the function. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from holdfast.gate.trust.laboratory import Repository
from tools.suites import MAIN, Suite, make_clone, make_environment, read_list

LIST = Path(__file__).with_name("planted.toml")
COMMITS = 30
Cells = tuple[bool, list[str]]
"""Whether an answer was right, and the cells of its line."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A function of a project that is made slower."""

    name: str
    file: str
    function: str
    loops: int
    """How many turns of an empty loop each call makes beside its work."""
    bench: str
    """What 'check' measures."""
    slower: list[str]
    """Which benchmarks of that call the function."""


@dataclass(frozen=True, slots=True)
class Place:
    """A clone with the planted commits."""

    folder: Path
    environment: dict[str, str]
    suite: Suite
    commits: Sequence[str]
    culprit: int

    def holdfast(self, *arguments: str) -> tuple[subprocess.CompletedProcess[str], str]:
        """Run a command of holdfast; return what it printed, and how many seconds it took."""
        began = time.monotonic()
        command = [sys.executable, "-c", MAIN, *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        sys.stderr.write(f"{shlex.join(arguments)}\n{done.stderr[-3000:]}{done.stdout[-3000:]}\n")
        sys.stderr.flush()
        return done, f"{time.monotonic() - began:.0f} s"


def main() -> int:
    """Plant what the list names, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="the name of a repository; repeatable")
    parser.add_argument("--mirrors", type=Path, help="clones, as OWNER+NAME/repo, to clone from")
    parser.add_argument("--budget", default="3m", help="of measuring, for the check")
    parser.add_argument("--seed", type=int, default=0, help="which commits are chosen (0)")
    args = parser.parse_args()
    suites = {suite.name: suite for suite in read_list()}
    chance, rights = random.Random(args.seed), []
    write_line("project", "function", "commit", "check names", "bisect finds", "blame puts first")
    write_line("---", "---", "--:", "---", "---", "---")
    for plant in [Plant(**one) for one in tomllib.loads(LIST.read_text("utf-8"))["planted"]]:
        culprit = chance.randrange(1, COMMITS + 1)
        if args.only and plant.name not in args.only:
            continue
        with tempfile.TemporaryDirectory(prefix="planted-") as temporary:
            environment = make_environment(Path(temporary), suites[plant.name], args.mirrors)
            place = prepare(Path(temporary), environment, suites[plant.name], plant, culprit)
            right, cells = ask(place, plant, args.budget)
        rights.append(right)
        write_line(suites[plant.name].repository, f"`{plant.function}`", str(culprit), *cells)
    return int(not all(rights))


def write_line(*cells: str) -> None:
    """Print one line of the table."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def prepare(
    temporary: Path, environment: dict[str, str], suite: Suite, plant: Plant, culprit: int
) -> Place:
    """Return a clone with thirty commits more, of which ``culprit`` makes the function slower."""
    folder = make_clone(suite, temporary / "planted", environment)
    repository = Repository(folder)
    commits = [repository.git("rev-parse", "HEAD")]
    for number in range(1, COMMITS + 1):
        repository.write(PLANTED=f"{number}\n")
        if number == culprit:
            text = (folder / plant.file).read_text("utf-8")
            repository.write(**{plant.file: slow_down(text, plant.function, plant.loops)})
        commits.append(repository.commit(f"Change number {number}"))
    return Place(folder, environment, suite, commits, culprit)


def slow_down(text: str, function: str, loops: int) -> str:
    """Return a module in which a function, by its qualified name, first turns an empty loop."""
    node: ast.AST = ast.parse(text)
    for name in function.split("."):
        node = next(one for one in ast.iter_child_nodes(node) if getattr(one, "name", "") == name)
    assert isinstance(node, ast.FunctionDef)
    first = node.body[1] if ast.get_docstring(node) else node.body[0]
    lines = text.splitlines(keepends=True)
    indent = " " * first.col_offset
    lines.insert(first.lineno - 1, f"{indent}for _ in range({loops}):\n{indent}    pass\n")
    return "".join(lines)


def ask(place: Place, plant: Plant, budget: str) -> Cells:
    """Ask for the benchmarks, the commit and the function."""
    answers = [
        ask_check(place, plant, budget),
        ask_bisect(place, plant),
        ask_blame(place, plant),
    ]
    return all(right for right, _ in answers), [cell for _, cells in answers for cell in cells]


def ask_check(place: Place, plant: Plant, budget: str) -> Cells:
    """Say whether exactly the benchmarks that call the function are named."""
    base, head = place.commits[place.culprit - 1 : place.culprit + 1]
    done, took = place.holdfast(
        "check", base, head, f"--bench={plant.bench}", f"--budget={budget}", "--json",
        *place.suite.options,
    )  # fmt: skip
    rows = json.loads(done.stdout)["benchmarks"] if done.stdout else []
    named = {row["name"] for row in rows if row["verdict"] in ("fail", "warn")}
    right = named == set(plant.slower)
    strangers = sorted(named - set(plant.slower))
    word = f"WRONG: {', '.join(strangers)}" if strangers else "right" if right else "undecided"
    return right, [f"{word}, {len(named)} of {len(rows)} rows, {took}"]


def ask_bisect(place: Place, plant: Plant) -> Cells:
    """Say whether the commit is found among the thirty."""
    done, took = place.holdfast(
        "bisect", place.commits[0], place.commits[-1], plant.slower[0], *place.suite.options
    )
    named = re.search(r"^  commit   (\w+)$", done.stdout, re.MULTILINE)
    right = bool(named and named[1] == place.commits[place.culprit])
    if not named:
        return False, [f"not found, {took}"]
    return right, [f"{'right' if right else 'WRONG'}: {place.commits.index(named[1])}, {took}"]


def ask_blame(place: Place, plant: Plant) -> Cells:
    """Say whether the function is the one that grew most."""
    base, head = place.commits[place.culprit - 1 : place.culprit + 1]
    done, took = place.holdfast(
        "blame", base, head, plant.slower[0], "--json", *place.suite.options
    )
    functions = json.loads(done.stdout)["functions"] if done.stdout else []
    first = functions[0]["function"] if functions else "nothing"
    right = first.endswith(f".{plant.function}")
    return right, [f"{'right' if right else 'WRONG'}: `{first}`, {took}"]


if __name__ == "__main__":
    sys.exit(main())
