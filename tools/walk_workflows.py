"""Walk the workflows' steps here: run each command that needs no GitHub, in a fresh clone.

    python tools/walk_workflows.py                  what would be run, and what not, and why
    python tools/walk_workflows.py --run ci.yml     run the steps of ci.yml

The clone looks as a pull request's does: HEAD is checked out, and ``origin/main`` is its parent.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "workflows"
ACTION = ROOT / "action.yml"
GITHUB_ONLY = re.compile(r"\bgithub\.token\b|\bsecrets\.|github\.event\.workflow_run\.")
KNOWN = {
    "github.base_ref": "main",
    "github.ref_name": "v0.1.0",
    "contains(github.event.pull_request.labels.*.name, inputs.unjudged-label)": "false",
    "github.event.schedule == '0 2 * * 0' && 'full' || 'quick'": "quick",
}
"""What GitHub would write in place of its expressions."""
OWN = ("./", "./judge")
"""Under which names our workflows use our own Action: their own checkout's, and the base's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a workflow."""

    where: str
    command: str
    environment: dict[str, str]
    needs_github: bool


def steps(path: Path) -> Iterator[Step]:
    """Yield the commands of a workflow in their order.

    Of the actions that it uses, those of our own Action are among them, with their inputs.
    """
    for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
        for step in job["steps"]:
            where = f"{path.name}: {name}"
            if step.get("uses", "") in OWN:
                yield from _list_action_steps(where, step["uses"], step.get("with", {}))
            elif "run" in step:
                yield _read_step(where, step)


def _list_action_steps(where: str, folder: str, given: Mapping[str, Any]) -> Iterator[Step]:
    """Yield the commands of our own Action, in the mode that a workflow asks for."""
    action = yaml.safe_load(ACTION.read_text("utf-8"))
    inputs = {name: one.get("default", "") for name, one in action["inputs"].items()}
    inputs |= given
    for step in action["runs"]["steps"]:
        if "run" in step and _is_of_mode(step, inputs["mode"]):
            values = {
                name: re.sub(
                    r"\$\{\{\s*inputs\.([\w-]+)\s*\}\}", lambda m: str(inputs[m[1]]), str(value)
                )
                for name, value in step.get("env", {}).items()
            }
            read = _read_step(where, {**step, "env": values})
            place = {"GITHUB_ACTION_PATH": f"{{checkout}}/{folder}"}
            yield replace(read, environment={**read.environment, **place})


def _is_of_mode(step: Mapping[str, Any], mode: str) -> bool:
    wanted = re.match(r"inputs\.mode == '(\w+)'(?: &&|$)", step.get("if", ""))
    return wanted is None or wanted[1] == mode


def _read_step(where: str, step: Mapping[str, Any]) -> Step:
    command, environment = step["run"].strip(), step.get("env", {})
    bound = bool(GITHUB_ONLY.search(f"{command} {environment}"))
    return Step(where, command, environment, bound)


def filled_in(value: Any) -> str:
    """Return a value of ``env:`` as GitHub would pass it; an unknown expression is an error."""
    return re.sub(r"\$\{\{\s*(.+?)\s*\}\}", lambda found: KNOWN[found[1]], str(value))


def clone(folder: Path) -> None:
    """Make the checkouts that a pull request of the last commit would get: its own, its judge."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True)

    git("clone", "--quiet", "--no-local", str(ROOT), ".")
    git("checkout", "--quiet", "-B", "main")
    git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    git("worktree", "add", "--quiet", "--detach", "judge", "HEAD~1")


def run(step: Step, folder: Path, summary: Path) -> int:
    """Run one step as a runner does, and return its exit code."""
    given = {name: filled_in(value) for name, value in step.environment.items()}
    # What belongs to the checkout we come from must not leak into the clone.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    given = {name: value.replace("{checkout}", str(folder)) for name, value in given.items()}
    environment = {**clean, "CI": "true", "GITHUB_STEP_SUMMARY": str(summary), **given}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step.command]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def main() -> int:
    """List or run the steps, and return 1 when one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("workflows", nargs="*", help="default: all")
    parser.add_argument("--run", action="store_true", help="run the steps, do not only list them")
    args = parser.parse_args()
    paths = [FOLDER / name for name in args.workflows] or sorted(FOLDER.glob("*.yml"))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="holdfast-walk-") as place:
        folder, summary = Path(place) / "clone", Path(place) / "summary.md"
        folder.mkdir()
        if args.run:
            clone(folder)
        for step in (step for path in paths for step in steps(path)):
            began, said = time.monotonic(), "would run"
            if step.needs_github:
                said = "needs GitHub"
            elif args.run:
                code = run(step, folder, summary)
                failed += code != 0
                said = f"exit code {code} after {time.monotonic() - began:.0f} s"
            sys.stdout.write(f"{step.where}: {' && '.join(step.command.splitlines())}: {said}\n")
            sys.stdout.flush()
        if summary.exists():
            sys.stdout.write(f"the summary of the run:\n{summary.read_text('utf-8')}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
