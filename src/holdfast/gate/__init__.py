"""The gate: turns what asv measured into pass, warn or fail, in any asv project.

from holdfast.gate import Policy, judge, read_results

base, head, suite = read_results("results", "1a2b3c4d", "5e6f7a8b")
print(judge(base, head, suite, Policy()).verdict)
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from holdfast.gate.asv.results import list_tree
from holdfast.gate.core.policy import Policy
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.readings import Reading, Side, Suite
from holdfast.gate.core.report import Report, judge
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.show.json_report import read_report, to_json

__all__ = [
    "Policy",
    "Reading",
    "Report",
    "Row",
    "Side",
    "Suite",
    "Verdict",
    "judge",
    "parse_policy",
    "read_report",
    "read_results",
    "to_json",
]


def read_results(
    folder: str | os.PathLike[str],
    base: str,
    head: str,
    *,
    machine: str | None = None,
    environment: str | None = None,
) -> tuple[Side, Side, Suite]:
    """Read what asv stored of two commits.

    Parameters
    ----------
    folder
        asv's ``results_dir``.
    base, head
        Hashes, or the first characters of them.
    machine, environment
        asv's names; only needed where the commits share several. This machine's name is
        preferred.

    Returns
    -------
    tuple of Side, Side and Suite
        The readings of base and head, and the benchmarks of asv's last run: what ``judge`` takes.

    Raises
    ------
    NothingMeasured
        When no machine has both commits.
    UsageError
        When a hash, or the machine, could be several.
    """
    tree = list_tree(Path(folder))
    commits = [tree.commit(name, None) for name in (base, head)]
    old, new = tree.sides(*commits, machine=machine, env=environment, here=platform.node())
    return old, new, tree.suite()
