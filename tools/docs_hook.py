"""Fill the documentation's pages as they are built: figures from results/, reference from the code.

mkdocs calls it (``hooks`` in mkdocs.yml). A page asks for a part by a comment such as
``<!-- holdfast: less 091b9de7 -->``; an unknown one ends the build.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from holdfast.cli import build_parser
from holdfast.cli.overview import GROUPS
from holdfast.gate.asv.results import list_tree
from holdfast.gate.core import policy_file
from holdfast.gate.core.readings import Side, State, Suite
from holdfast.gate.core.targets import check_targets
from holdfast.gate.core.text import format_value
from holdfast.gate.show.targets import to_text
from holdfast.gate.trust.calibrate import read_trials
from holdfast.gate.trust.summary import summarise_equal
from tools import stored_comparison
from tools.dashboard.facts import commits_of, read_policy
from tools.dashboard.series import read_sides

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "src" / "holdfast" / "gate" / "show" / "report.schema.json"
_MARK = re.compile(r"<!-- holdfast: (\w+) ?([\w. -]*?) -->")
_WHERE = {
    "": "the file itself",
    "measure": "`[measure]`",
    "policy": "`[policy]`",
    "rule": "`[[rule]]`",
    "function": "`[[function]]`",
    "target": "`[[target]]`",
}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace what a page asks for; mkdocs calls this for each page."""
    return _MARK.sub(lambda found: PARTS[found[1]](found[2]), markdown)


def on_post_build(config: Mapping[str, Any], **_: Any) -> None:
    """Publish the schema of reports beside the pages."""
    shutil.copy(SCHEMA, Path(config["site_dir"]) / "report.schema.json")


def write_cli(_: str) -> str:
    """Return the help of every command, as it is printed."""
    os.environ["COLUMNS"] = "92"
    parsers = dict(_list_commands(build_parser()))
    parts = []
    for group, names in GROUPS.items():
        parts.append(f"## {group.capitalize()}")
        for name, parser in parsers.items():
            if name.split()[0] in names:
                parts += [f"### holdfast {name}", f"```text\n{parser.format_help().strip()}\n```"]
    return "\n\n".join(parts)


def write_policy_keys(_: str) -> str:
    """Return every table and key that a policy may have, and what its value must be."""
    lines = ["| where | key | value |", "|---|---|---|"]
    for table, keys in policy_file._SCHEMA.items():
        lines += [f"| {_WHERE[table]} | `{key}` | {what} |" for key, (_, what) in keys.items()]
    return "\n".join(lines)


def write_less(commit: str) -> str:
    """Return what each layer saves at a commit: off and on, as they are stored."""
    side, suite = _read_side(commit)
    lines = ["| what | off | on | less | measured by |", "|---|--:|--:|--:|---|"]
    for outcome in check_targets(read_policy(ROOT).targets, side, suite):
        target = outcome.target
        if target.kind != "less" or outcome.value is None:
            continue
        unit = suite.unit(target.benchmark)
        off, on = (
            format_value(side.readings[target.benchmark, tuple(map(repr, params))].value, unit)
            for params in (target.off, target.on)
        )
        cells = (target.name, off, on, f"{outcome.value:.1%}", f"`{target.benchmark}`")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_targets(commit: str) -> str:
    """Return what 'holdfast targets' prints of a commit."""
    side, suite = _read_side(commit)
    command = f"$ holdfast targets {commit} --machine {side.machine}"
    table = to_text(check_targets(read_policy(ROOT).targets, side, suite), side)
    return f"```console\n{command}\n{table.rstrip()}\n```"


def write_calibrated(machine: str) -> str:
    """Return what 'holdfast calibrate' found on a machine, as its checks are stored."""
    path = Path("results", "calibration", f"{machine}.json")
    found, _, _ = summarise_equal(read_trials(ROOT / path)).partition("\n\n")
    command = f"$ holdfast calibrate --runs 10 --budget 7m --json {path.as_posix()}"
    return f"```console\n{command}\n{found}\n```"


def write_step(asked: str) -> str:
    """Return a benchmark before a commit and at it, and its name: three cells of a table."""
    commit, benchmark = asked.split()
    tree = list_tree(ROOT / "results")
    (place,) = tree.list_places(commit)
    unit = tree.suite().unit(benchmark)
    values = [
        (one.commit[:8], format_value(reading.value, unit))
        for one in read_sides(tree, *place, list(commits_of(ROOT)))
        for (name, _), reading in one.readings.items()
        if name == benchmark and reading.state is State.MEASURED
    ]
    at = [one for one, _ in values].index(commit)
    before, since = (value for _, value in values[at - 1 : at + 1])
    return f"{before} | {since} | `{benchmark}`"


def _read_side(commit: str) -> tuple[Side, Suite]:
    tree = list_tree(ROOT / "results")
    (side,) = tree.sides(tree.commit(commit, None), machine=None, env=None, here="")
    return side, tree.suite()


def _list_commands(
    parser: argparse.ArgumentParser, prefix: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                below = list(_list_commands(command, f"{prefix}{name} "))
                yield from below or [(f"{prefix}{name}", command)]


PARTS: Mapping[str, Callable[[str], str]] = {
    "cli": write_cli,
    "policy": write_policy_keys,
    "less": write_less,
    "targets": write_targets,
    "calibrated": write_calibrated,
    "step": write_step,
    "engines": stored_comparison.write_engines,
    "times": stored_comparison.write_times,
    "ledgers": stored_comparison.write_ledgers,
    "alone": stored_comparison.write_alone,
    "tables": stored_comparison.write_targets,
    "pipelines": stored_comparison.write_pipelines,
    "sweep": stored_comparison.write_sweep,
}
