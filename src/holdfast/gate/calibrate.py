"""Try the gate on this machine: equal code must pass, planted work must be named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from holdfast.errors import UsageError
from holdfast.gate import revisions
from holdfast.gate.judgement import judge
from holdfast.gate.measure import Plan, measure
from holdfast.gate.policy import Policy
from holdfast.gate.project import Project, find_project
from holdfast.gate.report import plain
from holdfast.gate.verdict import Row, Verdict

Say = Callable[[str], None]
_SLOWER = {Verdict.WARN, Verdict.FAIL}
_IDENTITY = ("-c", "user.name=holdfast", "-c", "user.email=holdfast@example.invalid")
# One module needs no build: asv copies it into the environment.
_COPY = "import shutil, sysconfig; shutil.copy('planted.py', sysconfig.get_path('purelib'))"
_CONFIG = {
    "version": 1, "project": "planted", "repo": ".", "branches": ["main"], "env_dir": ".asv",
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


@dataclass(frozen=True, slots=True)
class Trial:
    """One check: what was planted, and what the gate said."""

    planted: int
    rows: Sequence[Row]


def same_code(
    project: Project, plan: Plan, policy: Policy, runs: int, folder: Path, say: Say
) -> list[Trial]:
    """Check HEAD against an empty commit on top of it, in a clone, ``runs`` times."""
    top = _git(project.config.parent, "rev-parse", "--show-toplevel")
    _git(folder, "clone", "--quiet", "--shared", top, ".")
    head = _commit(folder)
    inside = os.path.relpath(project.config, os.path.realpath(top))
    clone = find_project(folder / inside)
    base = revisions.commit(clone, "HEAD~1")
    return [_check(clone, base, head, plan, policy, 0, say) for _ in range(runs)]


def planted(per_cents: Iterable[int], plan: Plan, runs: int, folder: Path, say: Say) -> list[Trial]:
    """Check a small package against variants of it with known extra work."""
    files = {
        "asv.conf.json": json.dumps(_CONFIG),
        "benchmarks/__init__.py": "", "benchmarks/b.py": _SUITE,
    }  # fmt: skip
    _git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    base = _plant(folder, 0)
    project, plan = find_project(folder / "asv.conf.json"), replace(plan, bench=())
    heads = [(per_cent, _plant(folder, per_cent)) for per_cent in per_cents]
    return [
        _check(project, base, head, plan, Policy(), per_cent, say)
        for _ in range(runs)
        for per_cent, head in heads
    ]


def false_alarms(trials: Sequence[Trial]) -> str:
    """Return how often equal code was called slower, and how far each benchmark strayed."""
    ratios: dict[str, list[float]] = {}
    rows = [row for trial in trials for row in trial.rows]
    for row in rows:
        if row.ratio is not None:
            ratios.setdefault(row.label, []).append(row.ratio)
    verdicts = [row.verdict for row in rows]
    lines = [f"equal code: {len(trials)} checks of {len(trials[0].rows)} benchmarks"]
    fails = verdicts.count(Verdict.FAIL)
    for limit, count in (("> 5 %", verdicts.count(Verdict.WARN) + fails), ("> 20 %", fails)):
        lines.append(f"  false {limit:7} {count} of {len(verdicts)} ({count / len(verdicts):.2%})")
    lines.append(f"  not sure      {verdicts.count(Verdict.NOT_SURE)} of {len(verdicts)}")
    lines += ["", "noise of equal code, largest first:   typical    worst"]
    strays = {name: [abs(ratio - 1) for ratio in seen] for name, seen in ratios.items()}
    for name, seen in sorted(strays.items(), key=lambda item: -max(item[1])):
        lines.append(f"  {plain(name):36} {median(seen):7.2%}  {max(seen):7.2%}")
    return "\n".join(lines) + "\n"


def detections(trials: Sequence[Trial]) -> str:
    """Return how often planted work was seen, and whether anything else was named."""
    lines = ["planted   checks   warned   failed   not sure   others named"]
    for per_cent in sorted({trial.planted for trial in trials}):
        rows = [row for trial in trials if trial.planted == per_cent for row in trial.rows]
        hits = [row.verdict for row in rows if row.key[0] == "b.time_target"]
        others = sum(row.verdict in _SLOWER for row in rows if row.key[0] != "b.time_target")
        failed, doubtful = hits.count(Verdict.FAIL), hits.count(Verdict.NOT_SURE)
        warned = hits.count(Verdict.WARN) + failed
        counts = f"{len(hits):7d}  {warned:7d}  {failed:7d}  {doubtful:9d}  {others:13d}"
        lines.append(f"{per_cent:+5d} %  {counts}")
    return "\n".join(lines) + "\n"


def _check(
    project: Project, base: str, head: str, plan: Plan, policy: Policy, per_cent: int,
    say: Say,
) -> Trial:  # fmt: skip
    found = measure(project, base, head, plan, policy, say)
    return Trial(per_cent, judge(found.base, found.head, found.suite, policy).rows)


def _plant(folder: Path, per_cent: int) -> str:
    (folder / "planted.py").write_text(_PACKAGE.format(per_cent=per_cent), "utf-8")
    return _commit(folder)


def _commit(folder: Path) -> str:
    _git(folder, "add", "--all")
    _git(folder, *_IDENTITY, "commit", "--quiet", "--no-gpg-sign", "--allow-empty", "-m", "variant")
    return _git(folder, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    done = revisions.run_git(folder, *arguments)
    if done is None:
        raise UsageError(f"'git {' '.join(arguments)}' failed in {folder}")
    return done
