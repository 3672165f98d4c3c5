import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.cli import main
from holdfast.errors import HoldfastError, NothingMeasured, UsageError
from holdfast.gate.asv.results import list_tree, read_side, read_suite
from holdfast.gate.core.readings import Reading, State, label
from support.command_line import unwrap

from .trees import BASE, COLUMNS, HEAD, row


def test_a_row_becomes_one_reading_per_set_of_parameters(tree):
    values = row(1.0, None, math.nan, math.inf, params=(["1", "2"], ["'a'", "'b'"]))
    side = read_side(tree.store(BASE, {"b.time_x": values}))
    assert [(label(key), reading.state) for key, reading in side.readings.items()] == [
        ("b.time_x(1, 'a')", State.MEASURED),
        ("b.time_x(1, 'b')", State.FAILED),
        ("b.time_x(2, 'a')", State.SKIPPED),
        ("b.time_x(2, 'b')", State.ODD),
    ]


def test_one_null_means_that_every_set_of_parameters_failed(tree):
    side = read_side(tree.store(BASE, {"b.time_x": [None, [["1", "2", "3"]], "v1"]}))
    assert [reading.state for reading in side.readings.values()] == [State.FAILED] * 3


def test_cut_columns_ints_dicts_and_samples(tree):
    rows = {
        "b.peakmem_x": [[123]],
        "b.track_d": row({"a": 1}),
        "b.track_b": row(True),
        "b.time_s": row(2.0, samples=[[1.0, 2.0, 3.0]], interval=(1.5, 2.5)),
    }
    found = {key[0]: value for key, value in read_side(tree.store(BASE, rows)).readings.items()}
    assert found["b.peakmem_x"] == Reading(123)
    assert found["b.track_d"].state is State.ODD
    assert found["b.track_b"].state is State.ODD
    assert found["b.time_s"] == Reading(2.0, ((1.0, 2.0, 3.0),), (1.5, 2.5), "v1")


def test_a_single_sample_is_marked(tree):
    rows = {"b.time_one": row(1.0, samples=[[1.0]]), "b.time_two": row(1.0, samples=[[1.0, 1.0]])}
    readings = read_side(tree.store(BASE, rows)).readings
    assert [reading.single_sample for reading in readings.values()] == [True, False]


def test_an_infinite_interval_is_read(tree):
    side = read_side(tree.store(BASE, {"b.time_x": row(1.0, interval=(-math.inf, math.inf))}))
    assert side.readings["b.time_x", ()].interval == (-math.inf, math.inf)


def test_old_files_and_cut_files_say_what_to_do(tree):
    path = tree.store(BASE, {}, version=1)
    with pytest.raises(UsageError, match="asv update"):
        read_side(path)
    path.write_text(path.read_text()[:40])
    with pytest.raises(UsageError, match="cut off"):
        read_side(path)
    path.write_text('{"version": 3}')
    with pytest.raises(UsageError, match="api version is 3"):
        read_side(path)


def test_units_come_from_the_suite_or_from_the_name(tree):
    tree.suite(**{"b.track_x": "orders"})
    suite = list_tree(tree.folder).suite()
    assert suite.unit("b.track_x") == "orders"
    assert suite.unit("b.C.time_gone") == "seconds"
    assert suite.unit("b.timeraw_gone") == "seconds"
    assert suite.unit("b.peakmem_gone") == "bytes"
    assert suite.unit("b.track_gone") == "unit"


class TestCommit:
    def test_by_git_by_prefix_and_in_full(self, tree):
        tree.pair({}, {})
        stored = list_tree(tree.folder)
        assert stored.commit("HEAD", HEAD) == HEAD[:8]
        assert stored.commit("bb", None) == HEAD[:8]
        assert stored.commit("B" * 12, None) == HEAD[:8]

    def test_ambiguous_and_unknown(self, tree):
        tree.store("ab" * 20, {})
        tree.store("ac" * 20, {})
        stored = list_tree(tree.folder)
        with pytest.raises(UsageError, match="abababab, acacacac"):
            stored.commit("a", None)
        with pytest.raises(NothingMeasured, match="no results of main \\(dddddddd\\)"):
            stored.commit("main", "d" * 40)
        with pytest.raises(NothingMeasured, match="'zzz'"):
            stored.commit("zzz", None)
        with pytest.raises(NothingMeasured):
            stored.commit("", None)

    def test_no_folder(self, tmp_path):
        with pytest.raises(NothingMeasured, match="no results folder"):
            list_tree(tmp_path / "none")


class TestChoice:
    both = BASE[:8], HEAD[:8]

    def sides(self, tree, **wanted):
        base, head = list_tree(tree.folder).sides(*self.both, **wanted)
        assert (base.commit, head.commit, head.machine) == (BASE, HEAD, base.machine)
        return head

    def test_this_machine_before_others_and_the_wanted_one_before_all(self, tree):
        tree.pair({}, {}, machine="here")
        tree.pair({}, {}, machine="there")
        assert self.sides(tree, here="here").machine == "here"
        assert self.sides(tree, machine="there", here="here").machine == "there"
        with pytest.raises(UsageError, match="--machine: here, there"):
            self.sides(tree, here="elsewhere")
        with pytest.raises(NothingMeasured, match="--machine mars"):
            self.sides(tree, machine="mars", here="here")

    def test_only_a_machine_with_both_commits_counts(self, tree):
        tree.pair({}, {}, machine="both")
        tree.store(BASE, {}, machine="half")
        assert self.sides(tree, here="half").machine == "both"

    def test_commits_of_two_machines_cannot_be_compared(self, tree):
        tree.store(BASE, {}, machine="m1")
        tree.store(HEAD, {}, machine="m2")
        with pytest.raises(NothingMeasured, match="aaaaaaaa on m1 in env-py3; bbbbbbbb on m2"):
            self.sides(tree, here="m1")

    def test_environments(self, tree):
        tree.pair({}, {}, env="one")
        tree.store(BASE, {}, env="two")
        assert self.sides(tree).environment == "one"
        tree.store(HEAD, {}, env="two")
        with pytest.raises(UsageError, match="--env: one, two"):
            self.sides(tree)
        assert self.sides(tree, env="two").environment == "two"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
ROW = st.lists(JSON, max_size=13) | JSON
FILES = st.fixed_dictionaries(
    {
        "version": st.just(2) | JSON,
        "commit_hash": st.just(BASE) | JSON,
        "env_name": st.text(max_size=3),
        "params": st.just({}) | JSON,
        "result_columns": st.just(COLUMNS) | JSON,
        "results": st.dictionaries(st.text(max_size=5), ROW, max_size=4) | JSON,
    }
)
FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FUZZ
@given(FILES | JSON)
def test_any_json_is_read_or_refused(tmp_path, data):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(data))
    for read in (read_side, read_suite):
        try:
            read(path)
        except HoldfastError as error:
            assert str(path) in str(error)


@FUZZ
@given(st.binary(max_size=40) | st.just(b"[" * 100_000))
def test_any_bytes_are_refused(tmp_path, data):
    path = tmp_path / "file.json"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_side(path)


@pytest.mark.parametrize(
    "commit",
    ["--output=victim.sh", "a" * 39, "A" * 40, "b" * 40, "a" * 40 + "\n", "main", "\x1b[2J"],
)
def test_a_commit_that_is_not_the_hash_of_the_files_name_is_refused(tree, commit):
    path = tree.store(BASE, {"b.time_x": row(1.0)})
    path.write_text(json.dumps({**json.loads(path.read_text()), "commit_hash": commit}))
    with pytest.raises(UsageError, match="not the commit of the file's name") as refused:
        read_side(path)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("digits", [5, 9])
def test_a_small_file_that_names_billions_of_results_is_refused(tree, tmp_path, capsys, digits):
    axes = [[str(number) for number in range(10)]] * digits
    many = [None, axes, "v1"]
    tree.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.0), "b.many": many})
    assert main(["gate", "a", "b", "--results", str(tree.folder)]) == 2
    assert "sets of parameters; at most 20,000 are read" in unwrap(capsys.readouterr().err)
    tree.pair({"b.time_x": row(1.0)}, {"b.time_x": row(1.0)})
    entry = {"unit": "seconds", "params": axes, "param_names": []}
    (tree.folder / "benchmarks.json").write_text(json.dumps({"b.many": entry, "version": 2}))
    assert main(["gate", "a", "b", "--results", str(tree.folder)]) == 2
    assert "sets of parameters; at most 20,000 are read" in unwrap(capsys.readouterr().err)
