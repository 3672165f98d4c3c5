import base64
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.gate.asv.project import Project, find_project
from holdfast.gate.show.flame import draw
from holdfast.gate.why.blame import Blame, to_text
from holdfast.gate.why.function_names import Checkout, checkout
from holdfast.gate.why.profile import Cost, Profile, least, read_profile

from .profiles import TINY, Installation, pack, profile


@pytest.fixture
def laboratory(tmp_path):
    return Installation(tmp_path)


def read(laboratory, commit, stored):
    project = find_project(laboratory.repository.folder / "asv.conf.json")
    return read_profile(stored, checkout(project, commit))


OURS = {
    "benchmarks.b.time_x": 1,
    "tiny.logged.inner": 1,
    "tiny.Reader.next": 1,
    "tiny.Reader.Cursor.next": 1,
    "tiny.Reader.Cursor.next.<lambda>": 3,
    "tiny.work": 1,
    "tiny.work.<genexpr>": 101,
    "builtins.sum": 1,
    "builtins.sorted": 1,
    "type.__new__": 1,
}


def test_functions_go_by_module_and_qualified_name(laboratory):
    commit, benchmark = laboratory.commit()
    found = read(laboratory, commit, profile(benchmark))
    assert {name: cost.calls for name, cost in found.costs.items()} == OURS
    assert found.callees[""]["benchmarks.b.time_x"].calls == 1
    assert found.callees["tiny.Reader.next"].keys() == {"tiny.Reader.Cursor.next"}
    own = sum(cost.own for cost in found.costs.values())
    assert found.seconds == pytest.approx(own)


def test_moved_lines_and_a_later_commit_change_no_name(laboratory):
    first, old = laboratory.commit()
    stored = profile(old)
    # What is installed by now is another commit: there, other functions are on those lines.
    second, new = laboratory.commit(TINY.replace("class Reader", "\n\n\nclass Reader"))
    before, after = read(laboratory, first, stored), read(laboratory, second, profile(new))
    assert before.costs.keys() == after.costs.keys() == OURS.keys()


def test_without_sources_the_order_of_lines_tells_functions_apart(laboratory):
    _, benchmark = laboratory.commit()
    laboratory.installed.unlink()
    found = read(laboratory, "0" * 40, profile(benchmark))
    assert {"tiny.next", "tiny.next#2", "tiny.<lambda>", "tiny.inner"} <= found.costs.keys()


def test_an_environment_elsewhere_gives_the_same_names(laboratory):
    commit, benchmark = laboratory.commit()
    here = read(laboratory, commit, profile(benchmark))
    laboratory.installed = (
        laboratory.installed.parents[3] / "ci/lib/python3.12/site-packages/tiny.py"
    )
    commit, benchmark = laboratory.commit()
    assert read(laboratory, commit, profile(benchmark)).costs.keys() == here.costs.keys()


def test_an_environment_in_the_folder_of_the_benchmarks_gives_the_same_names(laboratory):
    commit, benchmark = laboratory.commit()
    here = read(laboratory, commit, profile(benchmark))
    laboratory.installed = laboratory.suite.parent / "env/lib/python3.11/site-packages/tiny.py"
    commit, benchmark = laboratory.commit()
    stored = profile(benchmark)
    # By now the environment holds another commit, with other functions on those lines.
    laboratory.commit(TINY.replace("class Reader", "\n\n\nclass Reader"))
    assert read(laboratory, commit, stored).costs.keys() == here.costs.keys()


def test_addresses_are_no_part_of_a_name(laboratory):
    commit, _ = laboratory.commit()
    places = [
        ("~", 0, "<built-in method __new__ of type object at 0x7f585905ea00>"),
        ("~", 0, "<built-in method __new__ of type object at 0x55aa>"),
        ("~", 0, "<method 'append' of 'list' objects>"),
        ("~", 0, "<something odd at 0x12>"),
        ("<frozen abc>", 5, "register"),
    ]
    caller = ("asv_runner/_base.py", 1, "method_caller")
    stats = {place: (1, 2, 0.5, 0.5, {caller: (2, 1, 0.5, 0.5)}) for place in places}
    found = read(laboratory, commit, pack({caller: (3, 3, 0.0, 1.0, {}), **stats}))
    assert found.sets == 3
    assert found.costs.keys() == {
        "type.__new__", "list.append", "<something odd>", "abc.register"
    }  # fmt: skip
    assert found.costs["type.__new__"] == Cost(4, 1.0, 1.0)


def test_profiles_of_several_parameters_are_added_up(laboratory):
    commit, benchmark = laboratory.commit()
    found = read(laboratory, commit, profile(benchmark, sets=3))
    assert (found.sets, found.costs["tiny.work"].calls) == (3, 3)


DAMAGED = [
    "", "x", "AAAA", base64.b64encode(zlib.compress(b"\x00")).decode(),
    pack([]), pack({}), pack({1: 2}), pack({("a", 1, "method_caller"): 3}),
]  # fmt: skip


@pytest.mark.parametrize("stored", DAMAGED)
def test_a_damaged_profile_is_named(laboratory, stored):
    commit, _ = laboratory.commit()
    with pytest.raises(UsageError, match=f"profile of {commit[:8]} is damaged"):
        read(laboratory, commit, stored)


ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.just("method_caller"),
    lambda inner: st.tuples(inner, inner, inner) | st.lists(inner, max_size=3),
)
PLACES = st.tuples(
    st.sampled_from(["~", "a.py", "/x/b.py"]), st.integers(0, 3), st.text(max_size=3)
)
HARNESS = ("asv_runner/_base.py", 1, "method_caller")
ROWS = st.tuples(*[st.integers(0, 3)] * 4, st.just({HARNESS: (1, 1, 0.0, 0.0)}))


@given(
    ANYTHING
    | st.dictionaries(st.just(HARNESS) | PLACES, ROWS | ANYTHING, max_size=5)
    | st.lists(st.just(HARNESS) | PLACES, max_size=3)
    | st.binary(max_size=30)
)
def test_whatever_is_stored_is_a_profile_or_an_error(content):
    commit = Checkout(Project(Path("asv.conf.json"), {}), "0" * 40, ())
    stored = pack(content) if not isinstance(content, bytes) else content.hex()
    try:
        found = read_profile(stored, commit)
    except UsageError as error:
        assert "is damaged" in str(error)
    else:
        assert to_text(Blame("b.time_x", "a", "b", found, found, 1))
        assert draw(Blame("b.time_x", "a", "b", found, found, 1))


COSTS = st.builds(Cost, st.integers(1, 9), st.floats(0, 9), st.floats(0, 9))
TABLES = st.dictionaries(st.sampled_from("abc"), COSTS)


@given(st.lists(TABLES, min_size=1, max_size=4))
def test_the_least_of_profiles_is_the_least_of_each(tables):
    found = least([Profile(table, {"": table}, 1) for table in tables])
    assert found.callees[""] == found.costs
    for name in "abc":
        seen = [table[name] for table in tables if name in table]
        if seen:
            assert found.costs[name] == tuple(map(min, *seen, seen[0]))
        else:
            assert name not in found.costs
