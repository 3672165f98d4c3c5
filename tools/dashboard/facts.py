"""Gather what the page shows: the gate's answers about what ``results/`` holds."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured
from holdfast.gate import Policy, Report, Suite, judge, parse_policy
from holdfast.gate.asv.past import read_past
from holdfast.gate.asv.results import Tree, list_tree
from holdfast.gate.core.targets import check_targets
from holdfast.gate.show.html import to_html
from holdfast.gate.show.targets import to_json
from holdfast.gate.since.trend import Group
from tools.dashboard.compare import write_compare
from tools.dashboard.series import Graph, draw_graphs, find_suspects, read_sides

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
    graphs: list[Graph]
    suspects: list[Group]
    order: list[str]
    """The commits of the history, oldest first, by their first 8 characters."""
    subjects: dict[str, tuple[str, str]]
    """Date and subject of each."""


def collect(root: Path, html: Path) -> Facts:
    """Judge what ``results/`` holds, and write the gate's page of each verdict into ``html``."""
    results = root / "results"
    tree, policy = list_tree(results), read_policy(root)
    suite = tree.suite()
    history = commits_of(root)
    order = list(history)
    verdicts, targets = [], []
    graphs: list[Graph] = []
    suspects: list[Group] = []
    measured = sorted(places(results, order), key=lambda place: len(place.commits))
    for place in measured:
        pairs = list(zip(place.commits, place.commits[1:], strict=False))[-LATEST:]
        for base, head in pairs:
            if report := judge_stored(tree, suite, policy, place, base, head):
                page = page_name(place, base, head)
                (html / page).parent.mkdir(exist_ok=True)
                (html / page).write_text(to_html(report), "utf-8")
                verdicts.append(Judged(report, history[head][1], history[head][0], page))
        targets.append(latest_targets(tree, suite, policy, place))
    if measured:
        # The machine that knows most of the history has the graphs, and the page that compares.
        place = measured[-1]
        sides = read_sides(tree, place.machine, place.environment, order)
        graphs = draw_graphs(sides, suite)
        suspects = find_suspects(sides, suite, policy)
        write_compare(html, sides, suite, policy, history)
    verdicts.sort(key=lambda one: order.index(one.report.head[:8]), reverse=True)
    stored = results / "peers.json"
    peers = json.loads(stored.read_text("utf-8")) if stored.is_file() else {}
    return Facts(verdicts, targets, peers, graphs, suspects, order, history)


def read_policy(root: Path) -> Policy:
    """Return the project's policy, if it has one."""
    path = root / "benchmarks" / "policy.toml"
    if not path.is_file():
        return Policy()
    return parse_policy(path.read_text("utf-8"), path.name, datetime.date.today())


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


def judge_stored(
    tree: Tree, suite: Suite, policy: Policy, place: Place, base: str, head: str
) -> Report | None:
    """Return the gate's report, or None when the two commits share no benchmark."""
    where = {"machine": place.machine, "env": place.environment}
    old, new = tree.sides(base, head, **where)
    try:
        return judge(old, new, suite, policy, read_past(old, suite, new))
    except NothingMeasured:
        return None


def latest_targets(tree: Tree, suite: Suite, policy: Policy, place: Place) -> dict[str, Any]:
    """Return the targets of the commit that has most of them measured, the newest of several."""
    most, found = -1, ""
    for commit in reversed(place.commits):
        (side,) = tree.sides(commit, machine=place.machine, env=place.environment)
        outcomes = check_targets(policy.targets, side, suite)
        measured = sum(outcome.met is not None for outcome in outcomes)
        if measured > most:
            most, found = measured, to_json(outcomes, side)
        if measured == len(outcomes):
            break
    return dict(json.loads(found))


def page_name(place: Place, base: str, head: str) -> str:
    """Return where the gate's page of a verdict lies below ``html/``."""
    return f"verdicts/{place.machine}-{base}-{head}.html"
