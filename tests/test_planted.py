"""The regressions that tools/planted.py plants into real projects."""

from holdfast.gate.trust.laboratory import Repository
from tools import planted
from tools.suites import Suite, make_environment

MODULE = '''class Reader:
    """Reads."""

    def next(self, n):
        """Return a number."""
        return n + 1


def plain(n): return Reader().next(n)
'''


def test_a_function_becomes_slower_and_returns_the_same():
    text = planted.slow_down(MODULE, "Reader.next", 7)
    module = {}
    exec(text, module)
    assert module["plain"](1) == 2
    assert text.replace("        for _ in range(7):\n            pass\n", "") == MODULE
    assert text.index("Return a number") < text.index("range(7)") < text.index("return n + 1")


def test_one_commit_of_many_makes_it_slower(tmp_path, monkeypatch):
    monkeypatch.setattr(planted, "COMMITS", 5)
    repository = Repository(tmp_path / "mirrors/some+project/repo")
    repository.write(**{"module.py": MODULE})
    head = repository.commit()
    suite = Suite("some/project", head, head, "time")
    plant = planted.Plant("project", "module.py", "Reader.next", 7, "time", ["b.time"])
    environment = make_environment(tmp_path, suite, tmp_path / "mirrors")
    place = planted.prepare(tmp_path, environment, suite, plant, culprit=3)
    clone = Repository(place.folder)
    assert len(place.commits) == 6
    changed = clone.git("log", "--format=%H", f"{head}..HEAD", "--", "module.py").split()
    assert changed == [place.commits[3]]
