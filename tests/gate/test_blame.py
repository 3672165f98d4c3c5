import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.gate.asv.project import find_project
from holdfast.gate.asv.results import read_side
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.show import markdown as pages
from holdfast.gate.show.flame import draw, stack, to_html
from holdfast.gate.show.html import to_html as to_report_page
from holdfast.gate.why.blame import Blame, compare_profiles, to_json, to_text
from holdfast.gate.why.changed import list_changed
from holdfast.gate.why.explain import explain
from holdfast.gate.why.profile import Cost, Profile

from .profiles import TINY, Installation, profile
from .test_pages import Outline
from .trees import row


def made(**own):
    """Return a profile in which 'b.time_x' calls each function twice, for so many seconds."""
    inner = {name.replace("_", "."): Cost(2, cost, cost) for name, cost in own.items()}
    whole = Cost(1, 0.5, 0.5 + sum(cost.own for cost in inner.values()))
    return Profile({"b.time_x": whole, **inner}, {"": {"b.time_x": whole}, "b.time_x": inner}, 1)


def blame(before, after):
    return Blame("b.time_x", "a" * 40, "b" * 40, before, after, 3)


GREW = blame(
    made(m_steady=1.0, m_slower=1.0, m_gone=0.25), made(m_steady=1.0, m_slower=1.5, m_new=0.125)
)


def test_what_grew_most_is_first_and_the_whole_is_last():
    assert to_text(GREW) == (
        " calls          own time      with callees  share  function\n"
        "     2  1.00 s -> 1.50 s  1.00 s -> 1.50 s    48%  m.slower\n"
        "0 -> 2       - -> 125 ms       - -> 125 ms     4%  m.new  (new)\n"
        "     1  500 ms -> 500 ms  2.75 s -> 3.12 s    16%  b.time_x\n"
        "     2  1.00 s -> 1.00 s  1.00 s -> 1.00 s    32%  m.steady\n"
        "2 -> 0       250 ms -> -       250 ms -> -     9%  m.gone  (gone)\n"
        "\n"
        "b.time_x  aaaaaaaa -> bbbbbbbb: 2.75 s -> 3.12 s under the profiler (+13.6 %), "
        "the least of 3 profiles\n"
    )


def test_a_long_table_ends():
    many = made(**{f"m_f{number}": 0.1 for number in range(40)})
    lines = to_text(blame(many, many)).splitlines()
    assert len(lines) == 19
    assert lines[-3] == "... and 26 that grew less, or shrank"


def test_json_has_every_function():
    document = json.loads(to_json(GREW))
    assert (document["schema"], document["seconds"]) == (1, [2.75, 3.125])
    assert document["functions"][1] == {
        "function": "m.new", "mark": "new", "calls": [0, 2], "own": [0.0, 0.125],
        "cumulative": [0.0, 0.125], "share": 0.04,
    }  # fmt: skip
    assert len(document["functions"]) == 5


def test_a_line_names_the_functions_that_grew():
    assert GREW.summary == "grew: m.slower +500 ms (2 calls), m.new +125 ms (0 -> 2 calls)"
    assert blame(GREW.after, GREW.after).summary == "no function grew"


def test_names_cannot_act():
    evil = "m.<b>\x1b[31m"
    found = blame(made(m=1.0), made(**{evil: 2.0}))
    assert "\x1b" not in to_text(found)
    page = to_html(found)
    assert "<b>" not in page
    assert Outline(page).open == []


def test_the_flame_graph_is_as_wide_as_after_and_coloured_by_growth():
    page = to_html(GREW)
    outline = Outline(page)
    assert outline.open == []
    assert "script" not in outline.tags
    assert outline.tags.count("rect") == 4  # what is gone has no width
    assert '<rect x="0.0" y="18" width="1000.0"' in page
    assert 'width="480.0" height="18" class="grew" fill-opacity="0.90"' in page
    assert 'width="320.0" height="18"/>' in page
    assert "m.slower: own time 1.00 s -&gt; 1.50 s" in page
    faster = to_html(replace(GREW, before=GREW.after, after=GREW.before))
    assert 'class="shrank" fill-opacity="0.90"' in faster
    assert to_html(GREW) == page


def test_an_empty_profile_can_be_drawn():
    nothing = Profile({}, {"": {}}, 1)
    assert "<rect" not in draw(blame(nothing, nothing))
    assert "0.00 ns -> 0.00 ns" in to_text(blame(nothing, nothing))


NAMES = st.sampled_from("abcd")
EDGES = st.dictionaries(
    st.tuples(st.sampled_from(["", *"abcd"]), NAMES),
    st.tuples(st.floats(0, 9), st.floats(0, 9)),
    max_size=12,
)


def profile_of(edges):
    callees, costs = {"": {}}, {}
    for (caller, callee), (own, rest) in edges.items():
        cost = callees.setdefault(caller, {})[callee] = Cost(1, own, own + rest)
        known = costs.get(callee, Cost())
        costs[callee] = Cost(known.calls + 1, known.own + own, known.whole + cost.whole)
    return Profile(costs, callees, 1)


def test_a_function_called_by_two_is_divided_by_their_time():
    shared = {"": {"b.x": Cost(1, 0, 3.0)}, "b.x": {"m.p": Cost(1, 0, 1.0), "m.q": Cost(1, 0, 2.0)}}
    shared |= {"m.p": {"m.f": Cost(1, 1.0, 1.0)}, "m.q": {"m.f": Cost(1, 2.0, 2.0)}}
    costs = {"b.x": Cost(1, 0, 3.0), "m.p": Cost(1, 0, 1.0), "m.q": Cost(1, 0, 2.0)}
    found = Profile({**costs, "m.f": Cost(2, 3.0, 3.0)}, shared, 1)
    boxes = [(box.name, box.left, box.after.own) for box in stack(blame(found, found))]
    assert boxes == [
        ("b.x", 0, 0), ("m.p", 0, 0), ("m.f", 0, 1.0), ("m.q", 1.0, 0), ("m.f", 1.0, 2.0),
    ]  # fmt: skip


def test_a_tangle_of_calls_is_drawn_as_far_as_it_can_be_seen():
    names = [f"m.f{number}" for number in range(40)]
    edges = {("", "m.f0"): (0.0, 40.0)}
    edges |= {(one, other): (0.5, 0.5) for one in names for other in names if one != other}
    found = blame(profile_of(edges), profile_of(edges))
    assert 40 <= len(list(stack(found))) < 5_000


def test_what_the_least_of_several_profiles_leaves_over_is_no_change():
    # No take was the quietest in every function: the whole is more than its parts.
    parts = {"m.f": Cost(1, 1.0, 1.0), "m.g": Cost(1, 1.0, 1.0)}
    noisy, quiet = (
        Profile(
            {"b.x": Cost(1, 0.0, whole), **parts},
            {"": {"b.x": Cost(1, 0.0, whole)}, "b.x": parts},
            1,
        )
        for whole in (2.5, 2.0)
    )
    assert [box.growth for box in stack(blame(noisy, quiet))] == [0, 0, 0]


@given(EDGES, EDGES)
def test_boxes_lie_within_their_callers_and_beside_each_other(before, after):
    found = blame(profile_of(before), profile_of(after))
    levels = {}
    for box in stack(found):
        right = box.left + box.after.whole
        assert right <= levels.get(box.depth - 1, (0, found.after.seconds))[1] + 1e-6
        assert box.left >= levels.get(box.depth, (0, 0.0))[1] - 1e-6 or box.depth
        levels[box.depth] = (box.left, right)


def explained(text, *rows):
    policy = parse_policy(text, "policy.toml", date(2030, 1, 1))
    report = Report("a" * 40, "b" * 40, "m", "e", rows)
    return explain(report, [GREW], policy)


def test_a_failure_is_explained_by_what_grew():
    failed = Row(("b.time_x", ()), Verdict.FAIL, "seconds", 1.0, 1.3, 1.3, note="why")
    other = Row(("b.time_y", ()), Verdict.PASS, "seconds", 1.0, 1.0, 1.0)
    found = explained("", failed, other)
    assert [row.note for row in found.rows] == [f"why; {GREW.summary}", ""]
    page = to_report_page(found, {GREW.benchmark: GREW})
    assert page.count('<svg class="flame"') == 1
    assert Outline(page).open == []


@pytest.mark.parametrize(("warn", "warned"), [(50, False), (49.9, True)])
def test_a_function_warns_above_its_limit_although_the_total_passes(warn, warned):
    passed = Row(("b.time_x", ()), Verdict.PASS, "seconds", 2.75, 2.8, 1.02)
    found = explained(f"[[function]]\nmatch = 'slower'\nwarn = {warn}\nowner = 'us'", passed)
    assert found.verdict is (Verdict.WARN if warned else Verdict.PASS)
    assert [row.label for row in found.rows] == ["b.time_x: m.slower"] * warned + ["b.time_x"]
    if warned:
        assert found.rows[0].note == "own time of a function; 2 calls"
        assert (found.rows[0].ratio, found.rows[0].owner) == (1.5, "us")
        assert "time_x: m" not in "\n".join(pages._list_commands(found))


@pytest.mark.parametrize(("floor", "warned"), [(0.5, 0), (0.49, 1)])
def test_growth_up_to_the_floor_is_none(floor, warned):
    # Of a new function there is no ratio: m.new never warns.
    found = explained(f"[[function]]\nmatch = '^m'\nwarn = 0\nfloor = {floor}")
    assert len(found.rows) == warned


def test_a_limit_that_matches_no_function_is_remarked():
    text = "\n[[function]]\nmatch = '^m\\.slow'\nwarn = 90\n[[function]]\nmatch = 'xy'\nwarn = 1"
    assert explained(text).remarks == ("policy.toml:6: 'xy' matches no function that was profiled",)


@pytest.fixture
def laboratory(tmp_path):
    return Installation(tmp_path)


def read_pair(laboratory, tree, times, *texts):
    """Store a profile of each text of tiny.py, and what the clock says of it."""
    sides = []
    for seconds, text in zip(times, texts, strict=True):
        commit, benchmark = laboratory.commit(text)
        stored = {"b.time_x": row(seconds, profile=profile(benchmark))}
        sides.append(read_side(tree.store(commit, stored)))
    return sides


QUICKER_CALLS = TINY.replace("sum(i for i in range(n))", "sum([0] * 1_000)").replace(
    "lambda x: -x", "lambda x: 0 - x"
)


@pytest.mark.parametrize(("after", "contradicted"), [(1.0, False), (1.04, False), (1.38, True)])
def test_a_profile_that_the_clock_contradicts_says_so(laboratory, tree, after, contradicted):
    pair = read_pair(laboratory, tree, (1.0, after), TINY, QUICKER_CALLS)
    project = find_project(laboratory.repository.folder / "asv.conf.json")
    (found,) = compare_profiles([pair], project)
    assert found.clock == pytest.approx(after)
    # Far fewer calls: whatever the clock says, the profile becomes shorter.
    assert found.after.seconds < found.before.seconds
    assert found.is_contradicted is contradicted
    assert ("the profile does not show it" in to_text(found)) is contradicted
    assert f"{(after - 1) * 100:+.1f} % by the clock" in to_text(found)
    if contradicted:
        changed = ["tiny.Reader.Cursor.next", "tiny.work"]
        assert list(found.changed) == changed
        assert to_text(found).endswith(f"the diff changes: {', '.join(changed)}\n")
        assert (
            found.summary == f"the profile does not show it; the diff changes {', '.join(changed)}"
        )
        assert "the profile does not show it" in to_html(found)


def test_moved_lines_and_comments_change_no_function(laboratory):
    first, _ = laboratory.commit()
    moved, _ = laboratory.commit("# A remark.\n\n" + TINY.replace("def work", "\n\ndef work"))
    second, _ = laboratory.commit(TINY.replace("range(n)", "range(n + 1)"))
    project = find_project(laboratory.repository.folder / "asv.conf.json")
    assert list_changed(project, first, moved) == []
    assert list_changed(project, first, second) == ["src.tiny.work"]
    broken, _ = laboratory.commit("x = 1\n")
    laboratory.repository.write(**{"src/tiny.py": "def work(:\n"})
    assert list_changed(project, second, laboratory.repository.commit()) == []
    assert list_changed(project, broken, second) == [
        "src.tiny.logged",
        "src.tiny.work",
        "src.tiny.logged.inner",
        "src.tiny.Reader.next",
        "src.tiny.Reader.Cursor.next",
    ]


def test_stored_profiles_are_compared(laboratory, tree):
    sides = []
    for text in (
        "def work(n):\n    return 1\n",
        "def work(n):\n    return sum(range(1_000_000))\n",
    ):
        tiny = TINY.replace("def work(n):\n    return sum(i for i in range(n))\n", text)
        commit, benchmark = laboratory.commit(tiny)
        stored = {
            "b.time_x": row(1.0, profile=profile(benchmark)),
            "b.time_y": row(1.0, profile=profile(benchmark, sets=len(sides) + 1)),
            "b.time_z": row(1.0),
        }
        sides.append(read_side(tree.store(commit, stored)))
    project = find_project(laboratory.repository.folder / "asv.conf.json")
    # Of time_y, the two profiles add up different numbers of parameter sets.
    (found,) = compare_profiles([sides], project)
    assert (found.benchmark, found.takes) == ("b.time_x", 1)
    assert found.changes[0].function == "builtins.sum"
    assert found.changes[0].mark == "new"
    assert compare_profiles([sides], project, ["b.time_y"]) == []
