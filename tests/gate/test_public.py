"""holdfast.gate's own names: what tools build on."""

import subprocess
import sys

import holdfast.gate
from holdfast.gate import Policy, Verdict, judge, read_results

from .trees import BASE, HEAD, row


def test_two_stored_commits_are_read_and_judged(tree):
    tree.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.3)})
    base, head, suite = read_results(tree.folder, BASE[:5], HEAD)
    report = judge(base, head, suite, Policy())
    assert (report.verdict, report.base, report.head) == (Verdict.FAIL, BASE, HEAD)


def test_every_name_is_there_and_nothing_heavy_is_loaded():
    assert all(hasattr(holdfast.gate, name) for name in holdfast.gate.__all__)
    code = "import sys, holdfast.gate; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert not {"numpy", "pandas", "asv", "matplotlib"} & set(loaded.split())
