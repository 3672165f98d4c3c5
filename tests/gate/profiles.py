"""Profiles as asv takes them: cProfile around a benchmark, compressed to text."""

import base64
import cProfile
import marshal
import pstats
import zlib

from holdfast.gate.trust.laboratory import Repository

TINY = """
import functools

def logged(function):
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)
    return inner

class Reader:
    class Cursor:
        def next(self):
            return sorted([3, 1, 2], key=lambda x: -x)

    @logged
    def next(self):
        return self.Cursor().next()

def work(n):
    return sum(i for i in range(n))
"""
BENCH = """
def time_x():
    Reader().next()
    work(100)
    object.__new__(Reader)
"""


def run(path, text, names=None):
    """Return what ``text`` defines, as if it was imported from ``path``."""
    names = dict(names or {})
    exec(compile(text, str(path), "exec"), names)
    return names


def profile(benchmark, sets=1):
    """Return a benchmark's profile in the form in which asv's runner takes it."""

    def method_caller():
        run()

    def take():
        taken = cProfile.Profile()
        taken.runctx(method_caller.__code__, {"run": benchmark}, {})
        return pstats.Stats(taken)

    whole = None
    for _ in range(sets):
        # Other programs take some of the clock's time: the least disturbed of three.
        taken = min((take() for _ in range(3)), key=lambda stats: stats.total_tt)
        whole = taken if whole is None else whole.add(taken)
    return pack(whole.stats)


def pack(stats):
    return base64.b64encode(zlib.compress(marshal.dumps(stats))).decode("ascii")


class Installation:
    """A repository with a package, installed in an environment that holds the last commit."""

    def __init__(self, folder):
        self.repository = Repository(folder)
        self.repository.write(**{"benchmarks/b.py": BENCH, "asv.conf.json": "{}"})
        self.installed = folder / "env" / "lib" / "python3.11" / "site-packages" / "tiny.py"
        self.suite = folder / "benchmarks" / "b.py"

    def commit(self, tiny=TINY):
        """Commit and install a package; return the commit and its benchmark."""
        self.repository.write(**{"src/tiny.py": tiny, ".gitignore": "env\nresults\n"})
        self.installed.parent.mkdir(parents=True, exist_ok=True)
        self.installed.write_text(tiny)
        commit = self.repository.commit()
        return commit, run(self.suite, BENCH, run(self.installed, tiny))["time_x"]
