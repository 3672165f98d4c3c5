"""Play two strangers who have the README alone, and print what it takes them to an answer.

    python -m tools.five_minutes                 both
    python -m tools.five_minutes asv             an asv suite, to its first verdict
    python -m tools.five_minutes zipline         a Zipline file, to its first report

Each has an empty HOME, an environment of its own, a clone of this repository, and what a stranger
brings: a project with an asv suite and a slow commit, or prices and a strategy. The commands are
those of the README's two doors, as they stand there. Exits with 1 when an answer is not the one
expected.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

ROOT = Path(__file__).parents[1]
YOUR_PROJECT = ROOT / "docs" / "your-project.md"
REAL_PRICES = ROOT / "docs" / "real-prices.md"
_BLOCK = re.compile(r"^`([\w./]+)`[^\n]*(?:\n[^\n`]+)?\n\n```\w+\n(.*?)^```$", re.M | re.S)
_IDENTITY = ("-c", "user.name=Stranger", "-c", "user.email=stranger@example.invalid")


@dataclass(frozen=True, slots=True)
class Stranger:
    """Who comes, through which door of the README, and with what."""

    heading: str
    bring: Callable[[Path], None]
    code: int
    """How the last command ends."""
    answer: str
    """What must stand in what it prints."""
    leaves: str = ""
    """A file that must be there at the end."""


def bring_suite(folder: Path) -> None:
    """Write the project of docs/your-project.md: a commit, and one that is slower."""
    project = folder / "your-project"
    text = YOUR_PROJECT.read_text("utf-8").partition("## A suite that is there already")[0]
    files = _BLOCK.findall(text)
    seen: set[str] = set()
    _git(folder, "init", "--quiet", "--initial-branch=main", str(project))
    for name, content in files:
        if name in seen:
            _commit(project, "Count words")
        seen.add(name)
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    _commit(project, "Count words whatever their case")


def bring_strategy(folder: Path) -> None:
    """Write real prices, and the strategy of docs/real-prices.md as Zipline has it."""
    packed = Path(str(resources.files("bokeh_sampledata"))) / "_data" / "stocks.csv.gz"
    (folder / "prices.csv").write_bytes(gzip.decompress(packed.read_bytes()))
    page = REAL_PRICES.read_text("utf-8")
    strategy = page.split("```python\n# crossover.py\n")[1].split("```")[0]
    (folder / "strategy.py").write_text(strategy.replace("holdfast.api", "zipline.api"), "utf-8")


STRANGERS: Mapping[str, Stranger] = {
    "asv": Stranger("You have an asv suite", bring_suite, 1, "FAIL "),
    "zipline": Stranger(
        "You have a Zipline strategy", bring_strategy, 0, "sharpe", leaves="report.html"
    ),
}


def read_commands(heading: str) -> list[str]:
    """Return the commands below a heading of the README, without their remarks."""
    section = (ROOT / "README.md").read_text("utf-8").partition(f"## {heading}\n")[2]
    block = section.partition("```console\n")[2].partition("```")[0]
    lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return [line.partition("  #")[0].strip() for line in lines]


def play(stranger: Stranger, folder: Path) -> tuple[float, int, str]:
    """Run a stranger's commands; return the minutes, how many, and what went wrong."""
    home = folder / "home"
    home.mkdir()
    stranger.bring(folder)
    _git(folder, "clone", "--quiet", str(ROOT), "holdfast")
    began, commands, cwd = time.monotonic(), read_commands(stranger.heading), folder
    venv.create(folder / "env", with_pip=True)
    ran = None
    for command in commands:
        if command.startswith("cd "):
            cwd = folder / command.removeprefix("cd ")
            continue
        sys.stdout.write(f"$ {command}\n")
        sys.stdout.flush()
        ran = subprocess.run(
            ["bash", "-c", command], cwd=cwd, env=_environment(folder, home), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        sys.stdout.write(ran.stdout)
        if ran.returncode != (stranger.code if command == commands[-1] else 0):
            return _minutes(began), len(commands), f"exit code {ran.returncode} of {command}"
    problem = ""
    if ran is None or stranger.answer not in ran.stdout:
        problem = f"{stranger.answer!r} was not printed"
    if stranger.leaves and not (folder / stranger.leaves).is_file():
        problem = f"there is no {stranger.leaves}"
    return _minutes(began), len(commands), problem


def _minutes(began: float) -> float:
    return (time.monotonic() - began) / 60


def _environment(folder: Path, home: Path) -> dict[str, str]:
    """Return what a stranger's shell knows: where pip finds packages, and no more of ours."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LC_"))}
    path = f"{folder / 'env' / 'bin'}:{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
    return {**kept, "HOME": str(home), "PATH": path, "VIRTUAL_ENV": str(folder / "env")}


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *_IDENTITY, *arguments], cwd=folder, check=True)


def _commit(project: Path, message: str) -> None:
    _git(project, "add", "--all")
    _git(project, "commit", "--quiet", "--message", message)


def main() -> int:
    """Play the strangers, print what it took, and return an exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", nargs="*", metavar="WHO", help="asv or zipline (default: both)")
    names = parser.parse_args().who or [*STRANGERS]
    lines, failed = [], False
    for name in names:
        with tempfile.TemporaryDirectory(prefix="holdfast-stranger-") as temporary:
            minutes, count, problem = play(STRANGERS[name], Path(temporary).resolve())
        failed = failed or bool(problem)
        lines.append(f"{name}: {minutes:.1f} minutes, {count} commands{problem and f': {problem}'}")
    sys.stdout.write("\n".join(["", *lines, ""]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
