"""Gather what the page shows, by asking ``holdfast`` itself: its answers are the page's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.gate.core.report import Report
from holdfast.gate.show.json_report import read_report

RESULT = re.compile(r"([0-9a-f]{8})-(.+)\.json")
LATEST = 10
"""So many pairs of commits are judged, for each machine."""


@dataclass(frozen=True, slots=True)
class Place:
    """One machine with one environment, and its measured commits, oldest first."""

    machine: str
    environment: str
    commits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Two measured commits that follow each other, and what the gate makes of them."""

    report: Report
    subject: str
    """What the later commit says that it does."""
    date: str
    page: str
    """The gate's own page with the samples, below ``html/``."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the page shows; documents are as ``holdfast`` and the peers' runner wrote."""

    verdicts: list[Judged]
    targets: list[dict[str, Any]]
    peers: dict[str, Any]


def collect(root: Path, html: Path) -> Facts:
    """Judge what ``results/`` holds, and write the gate's page of each verdict into ``html``."""
    results = root / "results"
    history = commits_of(root)
    order = list(history)
    verdicts, targets = [], []
    for place in places(results, order):
        pairs = list(zip(place.commits, place.commits[1:], strict=False))[-LATEST:]
        for base, head in pairs:
            if report := judge(root, html, place, base, head):
                page = page_name(place, base, head)
                verdicts.append(Judged(report, history[head][1], history[head][0], page))
        targets.append(latest_targets(root, place))
    verdicts.sort(key=lambda one: order.index(one.report.head[:8]), reverse=True)
    stored = results / "peers.json"
    peers = json.loads(stored.read_text("utf-8")) if stored.is_file() else {}
    return Facts(verdicts, targets, peers)


def commits_of(root: Path) -> dict[str, tuple[str, str]]:
    """Return date and subject of every commit, by the 8 characters that asv knows; oldest first."""
    command = ["git", "-C", str(root), "log", "--reverse", "--format=%H %cs %s"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, tuple[str, str]] = {}
    for line in listed.splitlines():
        commit, date, subject = line.split(" ", 2)
        found[commit[:8]] = (date, subject)
    return found


def places(results: Path, order: list[str]) -> Iterator[Place]:
    """Yield each machine and environment that has results of commits in the history."""
    for folder in sorted(path for path in results.iterdir() if path.is_dir()):
        files = [found for path in folder.iterdir() if (found := RESULT.fullmatch(path.name))]
        for environment in sorted({file[2] for file in files}):
            measured = {file[1] for file in files if file[2] == environment}
            if commits := tuple(commit for commit in order if commit in measured):
                yield Place(folder.name, environment, commits)


def judge(root: Path, html: Path, place: Place, base: str, head: str) -> Report | None:
    """Return the gate's report, or None when the two commits share no benchmark."""
    page = html / page_name(place, base, head)
    page.parent.mkdir(exist_ok=True)
    text = ask(root, "gate", base, head, *where(place), "--html", str(page))
    return read_report(text) if text else None


def latest_targets(root: Path, place: Place) -> dict[str, Any]:
    """Return the targets of the newest commit that has them all measured, else of the newest."""
    newest: dict[str, Any] = {}
    for commit in reversed(place.commits):
        found = json.loads(ask(root, "targets", commit, *where(place)))
        if all(target["met"] is not None for target in found["targets"]):
            return dict(found)
        newest = newest or found
    return newest


def page_name(place: Place, base: str, head: str) -> str:
    """Return where the gate's page of a verdict lies below ``html/``."""
    return f"verdicts/{place.machine}-{base}-{head}.html"


def where(place: Place) -> tuple[str, ...]:
    """Return the options that name a place."""
    return ("--machine", place.machine, "--env", place.environment, "--json")


def ask(root: Path, *arguments: str) -> str:
    """Return what ``holdfast`` prints; a bad verdict is an answer, a wrong call is an error."""
    command = [sys.executable, "-m", "holdfast", *arguments]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 2:
        raise SystemExit(f"dashboard: 'holdfast {' '.join(arguments)}' refused; see above")
    return done.stdout
