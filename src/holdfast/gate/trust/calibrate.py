"""Try the gate on this machine: equal code must pass, planted work must be named."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from holdfast.atomic import write_text
from holdfast.errors import UsageError
from holdfast.gate.asv.pairs import measure
from holdfast.gate.asv.plan import Plan, Progress
from holdfast.gate.asv.project import Project, find_project, run_git
from holdfast.gate.core.text import escape
from holdfast.gate.core.verdict import FAILS, WARNS, Verdict

_IDENTITY = ("-c", "user.name=holdfast", "-c", "user.email=holdfast@example.invalid")
# One module needs no build: asv copies it into the environment.
_COPY = "import shutil, sysconfig; shutil.copy('planted.py', sysconfig.get_path('purelib'))"
_CONFIG = {
    "version": 1, "project": "planted", "repo": ".", "branches": ["main"],
    "environment_type": "virtualenv", "build_command": [],
    "install_command": [f'in-dir={{build_dir}} python -c "{_COPY}"'],
    "uninstall_command": [], "matrix": {"req": {"asv_runner": ["0.3.2"]}},
}  # fmt: skip
_PACKAGE = """
def work(n):
    total = 1
    for i in range(n):
        total = total * 3 % 1000003
    return total

def target(n):
    return work(n + n * {per_cent} // 100)
"""
_SUITE = """
import planted

def time_work():
    planted.work(10_000)

def time_more():
    planted.work(20_000)

def time_target():
    planted.target(10_000)
"""
_FILES = {
    "asv.conf.json": json.dumps(_CONFIG),
    "benchmarks/__init__.py": "",
    "benchmarks/b.py": _SUITE,
}
_TARGET = "b.time_target"


class Trial(NamedTuple):
    """One check: how much was planted into which code, and what the gate said."""

    planted: int
    code: str
    seconds: float
    rows: Sequence[tuple[str, str, float | None]]
    """Per benchmark (and for the whole suite): its label, its verdict, its ratio."""


class Laboratory(NamedTuple):
    """A throw-away repository whose commits are known to differ by so many per cent, or not."""

    project: Project
    code: str
    """What tells its trials from others'."""
    base: str
    heads: Mapping[int, str]
    """By the per cent of extra work."""


def equal_code(project: Project, folder: Path) -> Laboratory:
    """Clone the project into ``folder``, and put an empty commit on top of HEAD."""
    top = Path(_git(project.config.parent, "rev-parse", "--show-toplevel")).resolve()
    _git(folder, "clone", "--quiet", "--shared", str(top), ".")
    base = _git(folder, "rev-parse", "HEAD")
    config = folder / project.config.relative_to(top)
    clone = find_project(config, overrides=project.overrides)
    return Laboratory(clone, base, base, {0: _commit(folder)})


def planted_work(per_cents: Sequence[int], folder: Path) -> Laboratory:
    """Make a small package in ``folder``, and variants of it with known extra work."""
    _git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    commits = {}
    for per_cent in (0, *per_cents):
        (folder / "planted.py").write_text(_PACKAGE.format(per_cent=per_cent), "utf-8")
        commits[per_cent] = _commit(folder)
    return Laboratory(find_project(folder / "asv.conf.json"), "planted", commits.pop(0), commits)


def run_trials(
    place: Laboratory, plan: Plan, runs: int, log: Path | None, progress: Progress
) -> list[Trial]:
    """Check every variant ``runs`` times; what ``log`` holds already is not measured again."""
    logged = _read(log) if log and log.exists() else []
    trials = [trial for trial in logged if trial.code == place.code]
    others = [trial for trial in logged if trial.code != place.code]
    done = Counter(trial.planted for trial in trials)
    queue = [one for run in range(runs) for one in place.heads.items() if run >= done[one[0]]]
    for number, (per_cent, head) in enumerate(queue, start=1):
        prefix = f"check {number} of {len(queue)}, {per_cent} % planted: "
        began = time.monotonic()
        rows = measure(plan, place.base, head, _under(prefix, progress)).all_rows
        said = [(row.label, row.verdict.value, row.ratio) for row in rows]
        trials.append(Trial(per_cent, place.code, round(time.monotonic() - began, 1), said))
        if log:
            checks = [trial._asdict() for trial in others + trials]
            write_text(log, json.dumps({"schema": 1, "checks": checks}) + "\n")
        progress(
            f"{prefix}{trials[-1].seconds:.0f} s; {_tally(trials[-1:])}; in all: {_tally(trials)}"
        )
    return [trial for trial in trials if trial.planted in place.heads]


def false_alarms(trials: Sequence[Trial]) -> str:
    """Return how often equal code was called slower, and how far each benchmark strayed."""
    rows = [row for trial in trials for row in trial.rows]
    verdicts = Counter(verdict for _, verdict, _ in rows)
    fails = sum(verdicts[verdict] for verdict in FAILS)
    warns = fails + sum(verdicts[verdict] for verdict in WARNS)
    longest = max(trial.seconds for trial in trials)
    lines = [f"equal code: {len(trials)} checks of {len(trials[0].rows)} benchmarks"]
    for what, count in (("false > 5 %", warns), ("false > 20 %", fails)):
        lines.append(f"  {what:13} {count} of {len(rows)} ({count / len(rows):.2%})")
    lines.append(f"  not sure      {verdicts[Verdict.NOT_SURE]} of {len(rows)}")
    strays: dict[str, list[float]] = {}
    for name, _, ratio in rows:
        if ratio is not None:
            strays.setdefault(name, []).append(abs(ratio - 1))
    width = max(map(len, strays))
    lines += [f"  longest check {longest:.0f} s", "", f"{'noise':{width}}  typical    worst"]
    for name, seen in sorted(strays.items(), key=lambda item: -max(item[1])):
        lines.append(f"{escape(name):{width}}  {median(seen):7.2%}  {max(seen):7.2%}")
    return "\n".join(lines) + "\n"


def detections(trials: Sequence[Trial]) -> str:
    """Return how often planted work was seen, and whether anything else was named."""
    lines = ["planted   checks   warned   failed   not sure   others named"]
    for per_cent in sorted({trial.planted for trial in trials}):
        rows = [row for trial in trials if trial.planted == per_cent for row in trial.rows]
        hits = Counter(verdict for name, verdict, _ in rows if name == _TARGET)
        others = sum(verdict in WARNS | FAILS for name, verdict, _ in rows if name != _TARGET)
        failed, doubtful = hits[Verdict.FAIL], hits[Verdict.NOT_SURE]
        counts = f"{hits.total():7d}  {hits[Verdict.WARN] + failed:7d}  {failed:7d}"
        lines.append(f"{per_cent:+5d} %  {counts}  {doubtful:9d}  {others:13d}")
    return "\n".join(lines) + "\n"


def _under(prefix: str, progress: Progress) -> Progress:
    return lambda line: progress(prefix + line)


def _tally(trials: Sequence[Trial]) -> str:
    counts = Counter(verdict for trial in trials for _, verdict, _ in trial.rows)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])


def _read(log: Path) -> list[Trial]:
    try:
        return [Trial(**check) for check in json.loads(log.read_text("utf-8"))["checks"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{log} holds no checks of 'holdfast calibrate'; name another") from error


def _commit(folder: Path) -> str:
    _git(folder, "add", "--all")
    _git(folder, *_IDENTITY, "commit", "--quiet", "--no-gpg-sign", "--allow-empty", "-m", "variant")
    return _git(folder, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    done = run_git(folder, *arguments)
    if done is None:
        raise UsageError(f"'git {' '.join(arguments)}' failed in {folder}")
    return done
