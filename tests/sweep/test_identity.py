"""`resume=` believes a file's rows only when the strategy is really the same."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.sweep import grid
from holdfast.sweep.identity import identity

from . import kinds
from .averages import DATES, averages
from .kinds import KINDS, around, strategy_of

_PRINT = """
import json
from sweep.kinds import KINDS, strategy_of
from holdfast.sweep.identity import identity
print(json.dumps({f"{kind} {name}": identity(strategy_of(kind, name))
                  for kind in KINDS for name in ("A000", "A001")}))
"""


@pytest.fixture(scope="module")
def elsewhere():
    """Identities from two other processes, whose sets have other orders."""
    found = []
    for seed in ("1", "2"):
        command = [sys.executable, "-c", _PRINT]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        root = Path(__file__).parents[1]
        ran = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        found.append(json.loads(ran.stdout))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_strategy_is_known_again_and_told_from_another(elsewhere, kind):
    one, other = (identity(strategy_of(kind, name)) for name in ("A000", "A001"))
    assert one != other
    for names in elsewhere:
        assert names[f"{kind} A000"] == one
        assert names[f"{kind} A001"] == other


def test_a_global_that_a_strategy_reads_belongs_to_it(monkeypatch):
    for strategy in (kinds.reads_global, kinds.reads_global_deep_within):
        before = identity(strategy)
        with monkeypatch.context() as patch:
            patch.setattr(kinds, "HELPER", "A001")
            assert identity(strategy) != before
        assert identity(strategy) == before


def test_what_a_class_reads_belongs_to_its_objects(monkeypatch):
    before = identity(kinds.Callable("A000"))
    monkeypatch.setattr(kinds.Callable, "kept", {"A000": "A001"})
    assert identity(kinds.Callable("A000")) != before


_MAIN = """
import sys
import settings
from holdfast.sweep.identity import identity

def reads_attribute(fast):
    return settings.LIMIT * fast

def imports_within(fast):
    import settings
    return settings.double(fast)

class Reader:
    def __call__(self, fast):
        return helper(fast) + UNUSED.imag

def helper(fast):
    return settings.double(fast) + sys.maxsize

UNUSED = 3
if __name__ == "__main__":
    for change in sys.argv[1:]:
        exec(change)
    print(identity(reads_attribute), identity(imports_within), identity(Reader()), sep="\\n")
"""
_SETTINGS = "LIMIT = {limit}\n\ndef double(value):\n    return {factor} * value\n"


def test_a_script_is_compared_with_what_it_imports(tmp_path):
    def identities(*changes, limit=1, factor=2):
        (tmp_path / "settings.py").write_text(_SETTINGS.format(limit=limit, factor=factor))
        (tmp_path / "script.py").write_text(_MAIN)
        command = [sys.executable, "-B", tmp_path / "script.py", *changes]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.splitlines()

    before = identities()
    assert identities() == before

    def changed(*changes, **content):
        return [a != b for a, b in zip(before, identities(*changes, **content), strict=True)]

    assert changed("settings.LIMIT = 5") == [True, False, False]
    assert changed("UNUSED = 4") == [False, False, True]
    assert changed("settings.double = lambda value: value") == [False, True, True]
    assert changed("helper = lambda fast: 7") == [False, False, True]
    assert changed("ELSEWHERE = 4", "sys.argv = []") == [False] * 3
    assert changed(limit=9)[0] and changed(factor=9) == [True] * 3


REFUSED = {
    "a lock": (threading.Lock, r"the variable 'value' around .*strategy\(\) is a lock"),
    "a generator": (lambda: (one for one in "ab"), "is a generator"),
    "a file": (Path(__file__).open, "is a TextIOWrapper"),
    "something within": (lambda: {"a": [threading.Lock()]}, r"\['a'\] is a lock"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_compared_is_refused_before_anything_runs(daily_bundle, tmp_path, case):
    make, message = REFUSED[case]
    value = make()
    options = {"bundle": daily_bundle, "workers": 1, **DATES}
    strategy = around(value, lambda _: "A000")
    try:
        with pytest.raises(UsageError, match=message):
            grid(strategy, {"fast": [1]}, resume=tmp_path / "rows.jsonl", **options)
        assert not (tmp_path / "rows.jsonl").exists()
        assert grid(strategy, {"fast": [1]}, **options)["error"].tolist() == [None]
    finally:
        getattr(value, "close", lambda: None)()


def test_nothing_nests_too_deeply_for_an_answer():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UsageError, match="nests too deeply"):
        identity(around(deep))
    loop = []
    loop.append(loop)
    assert identity(around(loop)) == identity(around(loop)) != identity(around([[]]))


_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_PLAIN, _PLAIN)
def test_closures_are_equal_when_their_values_print_alike(one, other):
    alike = identity(around(one)) == identity(around(other))
    assert alike == (repr(one) == repr(other))


def test_rows_of_another_partial_are_not_taken(daily_bundle, tmp_path):
    options = {"bundle": daily_bundle, "workers": 1, "resume": tmp_path / "rows.jsonl", **DATES}
    first = grid(strategy_of("partial", "A000"), {"fast": [50]}, **options)
    with pytest.raises(UsageError, match="belongs to another sweep: its strategy is"):
        grid(strategy_of("partial", "A001"), {"fast": [50]}, **options)
    again = grid(strategy_of("partial", "A000"), {"fast": [50]}, **options)
    pd.testing.assert_frame_equal(again, first, check_exact=True)


@pytest.mark.parametrize("error", [OSError(28, "No space left"), PermissionError(13, "denied")])
def test_a_row_that_the_disk_spoilt_is_run_again(daily_bundle, tmp_path, error):
    options = {"bundle": daily_bundle, "workers": 1, "resume": tmp_path / "rows.jsonl", **DATES}
    sick = tmp_path / "sick"
    sick.touch()
    place, number = str(sick), error.errno

    def sometimes(fast):
        if fast == 5 and Path(place).exists():
            raise OSError(number, "the disk")
        if fast == 8:
            raise ValueError("as always")
        return averages(fast, 10)

    first = grid(sometimes, {"fast": [2, 5, 8]}, **options)
    assert first["error"].notna().tolist() == [False, True, True]
    sick.unlink()
    second = grid(sometimes, {"fast": [2, 5, 8]}, **options)
    assert second["error"].notna().tolist() == [False, False, True]
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert len(lines) == 1 + 3 + 1
    third = grid(sometimes, {"fast": [2, 5, 8]}, **options)
    pd.testing.assert_frame_equal(third, second, check_exact=True)
    assert (tmp_path / "rows.jsonl").read_text().splitlines() == lines
