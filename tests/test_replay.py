"""A stored history is judged again, commit by commit."""

from gate.trees import Tree, row
from tools.replay import main


def test_a_false_failure_is_told_from_one_that_stays(tmp_path):
    tree = Tree(tmp_path)
    tree.suite(**{"b.time_once": "seconds", "b.time_since": "seconds"})
    values = [(1.0, 1.0), (1.0, 1.0), (1.5, 1.0), (1.0, 1.0), (1.0, 1.5), (1.0, 1.5)]
    for date, (once, since) in enumerate(values, 1):
        rows = {"b.time_once": row(once), "b.time_since": row(since)}
        tree.store(f"{date:08x}".ljust(40, "0"), rows, date=date)
    lines = main([str(tmp_path), "--plant", "1.3"]).splitlines()
    assert lines[0] == "10 rows"
    assert "  fail                   2  20.00%" in lines
    assert "failures gone at the next commit: 1 of 2 (10.00% of the rows)" in lines
    assert "failures that the next commit does not measure: 0" in lines
    # Two times of five pairs; the one that fell from 1.5 to 1.0 is still faster with 30 % more.
    found = [line.split() for line in lines if line.startswith("x1.3 planted")]
    assert {words[2]: words[3] for words in found} == {"fail": "9", "improved": "1"}
