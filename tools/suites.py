"""Check two neighbouring commits of real projects with an asv suite, as they are.

    python -m tools.suites [--only NAME] [--mirrors DIR] [--budget TIME] [--no-asv] [--log FILE]

Each project of suites.toml is cloned twice into a temporary folder, with an empty home folder:
'holdfast check' runs in one clone, 'asv continuous' on the same commits, configuration and
selection in the other. Prints a Markdown table; exit code 1 when a check judged nothing.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from holdfast.gate.asv.config import parse_setting, select_pythons
from holdfast.gate.asv.project import find_project

LIST = Path(__file__).with_name("suites.toml")
MAIN = "from holdfast.cli import main; raise SystemExit(main())"
JUDGED = (0, 1, 3)  # pass or warn, fail, undecided; 3 is also "nothing measured", without rows


@dataclass(frozen=True, slots=True)
class Suite:
    """A project, two commits of its, and what of its suite is measured."""

    repository: str
    """owner/name."""
    base: str
    head: str
    bench: str
    config: str = "asv.conf.json"
    set: list[str] = field(default_factory=list)
    python: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Other repositories that its configuration names by address."""
    checkout: str = ""
    """Which commit of a suite that lives in a repository of its own."""

    @property
    def name(self) -> str:
        """The repository's name alone."""
        return self.repository.partition("/")[2]

    @property
    def options(self) -> list[str]:
        """What has to be said beyond the configuration."""
        options = [f"--config={self.config}"] if self.config != "asv.conf.json" else []
        options += [f"--set={one}" for one in self.set]
        return options + [f"--python={one}" for one in self.python]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check went, and how long asv alone takes."""

    name: str
    code: int
    rows: int
    seconds: float
    asv_code: int | None
    asv_seconds: float | None
    said: str
    load: float
    """The mean number of processes that ran while it did, its own included."""

    @property
    def works(self) -> bool:
        """Whether something was judged."""
        return self.code in JUDGED and self.rows > 0


def main() -> int:
    """Check what the list names, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="the name of a repository; repeatable")
    parser.add_argument("--mirrors", type=Path, help="clones, as OWNER+NAME/repo, to clone from")
    parser.add_argument("--budget", default="10m", help="of measuring, for each check")
    parser.add_argument("--no-asv", action="store_true", help="do not time asv continuous")
    parser.add_argument("--log", type=Path, help="append each outcome to this file, as JSON")
    args = parser.parse_args()
    chosen = [suite for suite in read_list() if not args.only or suite.name in args.only]
    outcomes = []
    for suite in chosen:
        outcomes.append(try_suite(suite, args.mirrors, args.budget, beside_asv=not args.no_asv))
        if args.log:
            with args.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(outcomes[-1])) + "\n")
    sys.stdout.write(format_table(chosen, outcomes))
    return int(not all(outcome.works for outcome in outcomes))


def read_list() -> list[Suite]:
    """Return the projects of suites.toml."""
    return [Suite(**one) for one in tomllib.loads(LIST.read_text("utf-8"))["suite"]]


def try_suite(suite: Suite, mirrors: Path | None, budget: str, *, beside_asv: bool) -> Outcome:
    """Check one project, and time asv on the same."""
    with tempfile.TemporaryDirectory(prefix="suites-") as temporary:
        folder = Path(temporary)
        environment = make_environment(folder, suite, mirrors)
        clone = make_clone(suite, folder / "check", environment)
        command = [sys.executable, "-c", MAIN, "check", suite.base, suite.head]
        command += [*suite.options, f"--bench={suite.bench}", f"--budget={budget}", "--json"]
        seconds, done = _time(command, clone, environment)
        said = done.stderr.strip().splitlines()[-1:] or [""]
        asv_code = asv_seconds = None
        if beside_asv:
            clone = make_clone(suite, folder / "asv", environment)
            asv_seconds, asv_done = _time(_compare_with_asv(suite, clone), clone, environment)
            asv_code = asv_done.returncode
        rows = len(_read_rows(done.stdout))
        code = done.returncode
        load = round(os.getloadavg()[2], 1)
        return Outcome(suite.name, code, rows, seconds, asv_code, asv_seconds, said[0], load)


def format_table(suites: list[Suite], outcomes: list[Outcome]) -> str:
    """Return the outcomes as a table of Markdown."""
    lines = [f"{datetime.date.today()}, {os.cpu_count()} processors", ""]
    lines += ["| project | commits | options | measured | works | exit code | check | asv | load |"]
    lines += ["|---|---|---|---|---|--:|--:|--:|--:|"]
    for suite, outcome in zip(suites, outcomes, strict=True):
        commits = f"{suite.base[:8]}, {suite.head[:8]}"
        options = " ".join(f"`{one}`" for one in suite.options) or "none"
        asv = "-" if outcome.asv_seconds is None else f"{outcome.asv_seconds:.0f} s"
        works = f"{outcome.rows} rows" if outcome.works else f"no: {outcome.said}"
        cells = [suite.repository, commits, options, f"`{suite.bench}`", works]
        cells += [str(outcome.code), f"{outcome.seconds:.0f} s", asv]
        cells.append(f"{outcome.load}")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def make_environment(folder: Path, suite: Suite, mirrors: Path | None) -> dict[str, str]:
    """Return variables with an empty home, and addresses that lead to the mirrors."""
    home = folder / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "GIT_TERMINAL_PROMPT": "0"}
    environment.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    path = [str(Path(sys.executable).parent), environment["PATH"]]
    environment["PATH"] = os.pathsep.join(path)
    pairs = []
    for name in (suite.repository, *suite.others) if mirrors else ():
        local = Path(mirrors or "") / name.replace("/", "+") / "repo"
        pairs.append((f"url.{local.resolve()}.insteadOf", f"https://github.com/{name}.git"))
    environment["GIT_CONFIG_COUNT"] = str(len(pairs))
    for number, (key, value) in enumerate(pairs):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def make_clone(suite: Suite, folder: Path, environment: dict[str, str]) -> Path:
    """Return a clone of a project in ``folder``, with its files as the list says."""
    folder = folder / suite.name
    url = f"https://github.com/{suite.repository}.git"
    for command in (
        ["git", "clone", "--quiet", "--no-checkout", url, str(folder)],
        ["git", "-C", str(folder), "checkout", "--quiet", suite.checkout or suite.head],
    ):
        subprocess.run(command, env=environment, check=True)
    return folder


def _compare_with_asv(suite: Suite, clone: Path) -> list[str]:
    overrides = dict(map(parse_setting, suite.set))
    project = find_project(clone / suite.config, overrides=overrides)
    if suite.python:
        project = project.override(select_pythons(project.settings, suite.python))
    # The clone is asv's alone.
    project.config.write_text(json.dumps(dict(project.settings)), "utf-8")
    asv = [sys.executable, "-m", "asv", "--config", str(project.config)]
    script = (
        "import subprocess, sys; asv = sys.argv[1:]; "
        f"subprocess.run([*asv, 'machine', '--yes'], check=True); "
        f"sys.exit(subprocess.run([*asv, 'continuous', {suite.base!r}, {suite.head!r}, "
        f"'--bench', {suite.bench!r}]).returncode)"
    )
    return [sys.executable, "-c", script, *asv]


def _time(
    command: list[str], folder: Path, environment: dict[str, str]
) -> tuple[float, subprocess.CompletedProcess[str]]:
    began = time.monotonic()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    done = subprocess.run(command, cwd=folder, env=environment, check=False, **pipes)
    sys.stderr.write(done.stderr[-3000:] + done.stdout[-1500:] + "\n")
    sys.stderr.flush()
    return round(time.monotonic() - began, 1), done


def _read_rows(text: str) -> list[Any]:
    """Return the rows of all environments of a report."""
    try:
        document = json.loads(text)
    except ValueError:
        return []
    return [row for one in document.get("reports", [document]) for row in one.get("benchmarks", [])]


if __name__ == "__main__":
    sys.exit(main())
