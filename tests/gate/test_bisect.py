import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import NothingMeasured
from holdfast.gate.asv.effort import ENOUGH, MOST
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.readings import Reading
from holdfast.gate.since.bisect import clearly_slow, find_culprit, search, way_gone

from .trees import BASE

X = ("b.time_x", ())


@given(st.data(), st.integers(2, 60))
def test_the_search_ends_at_the_culprit_with_only_broken_commits_before_it(data, count):
    culprit = data.draw(st.integers(1, count - 1))
    broken = data.draw(st.sets(st.integers(1, count - 2))) if count > 2 else set()
    looked = []

    def look(low, middle, high):
        assert low < middle < high
        looked.append(middle)
        return None if middle in broken else middle >= culprit

    low, high = search(count, look)
    assert low < culprit <= high
    assert low not in broken
    assert high not in broken - {count - 1}
    assert broken >= set(range(low + 1, high))
    assert len(looked) == len(set(looked))
    assert len(looked) <= (count - 1).bit_length() + len(broken)


def processes(*minima):
    return Reading(min(minima), tuple((value, value * 2) for value in minima))


def test_a_commit_is_placed_between_the_ends():
    good, bad = processes(1.0, 1.1), processes(2.0, 2.1)
    assert way_gone([good, processes(1.0, 1.1), bad]) == [0.0, 0.0]
    assert way_gone([good, processes(1.5, 1.6), bad]) == pytest.approx([0.5, 0.5])
    assert way_gone([good, processes(2.0, 9.1), bad]) == [1.0, pytest.approx(4.5)]
    # Where more is better, the way goes down; equal ends tell nothing.
    assert way_gone([bad, processes(1.0, 1.1), good]) == [1.0, 1.0]
    assert way_gone([good, bad, good]) == [0.5, 0.5]
    # What stored results tell: all samples in one process, or a number alone.
    assert way_gone([Reading(10), Reading(12), Reading(20)]) == [0.2, 0.2]
    two = Reading(1.0, ((1.0, 5.0),))
    three = Reading(3.0, ((3.0,),))
    assert way_gone([two, Reading(2.0), three], "p95") == pytest.approx([1.5, 1.5])


@pytest.mark.parametrize(
    ("ways", "slow"),
    [
        ([0.0, 0.33], False),
        ([-1.0, 0.34], None),
        ([0.0, 1.0], None),
        ([0.66, 1.0], None),
        ([0.67, 2.0], True),
    ],
)
def test_only_what_is_near_an_end_is_clear(ways, slow):
    assert clearly_slow(ways) is slow


COMMITS = [BASE, *(f"{number:08x}" * 5 for number in range(1, 33))]


def levels(culprit, fast=1.0, slow=1.2):
    return {
        commit: {X[0]: slow if place >= culprit else fast} for place, commit in enumerate(COMMITS)
    }


@pytest.fixture
def bisect(fake_bench):
    def bisect(speeds, said=None, policy=""):
        bench, plan = fake_bench(speeds)
        plan = replace(plan, policy=parse_policy(policy, "policy.toml", date(2030, 1, 1)))
        return bench, lambda: find_culprit(
            plan, COMMITS, [X], [].append if said is None else said.append
        )

    return bisect


def midpoints(bench):
    return {commits[1] for commits in bench.opened if len(commits) == 3}


@pytest.mark.parametrize("culprit", [1, 7, 16, 32])
def test_the_culprit_is_found_and_confirmed(bisect, culprit):
    said = []
    bench, run = bisect(levels(culprit), said)
    found = run()
    assert (found.commit, found.parent) == (COMMITS[culprit], COMMITS[culprit - 1])
    assert found.skipped == []
    assert found.row.ratio == pytest.approx(1.2)
    assert bench.opened[-1] == (COMMITS[culprit - 1], COMMITS[culprit])
    assert len(midpoints(bench)) == 5
    assert "31 between fast and slow, about 5 to build; now " + COMMITS[16][:8] in said


def test_ends_that_do_not_differ_have_no_culprit(bisect):
    bench, run = bisect(levels(40))
    with pytest.raises(NothingMeasured, match=r"no regression between aaaaaaaa and 00000020: "):
        run()
    assert midpoints(bench) == set()
    assert bench.rounds(X[0]) == ENOUGH


def test_ends_that_may_differ_are_not_enough(bisect):
    speeds = levels(40)
    speeds[COMMITS[0]] = {X[0]: iter([1.0, 1.0, 1.3, 1.3] * 20)}
    speeds[COMMITS[-1]] = {X[0]: iter([1.2, 1.0, 1.4, 1.4] * 20)}
    bench, run = bisect(speeds)
    with pytest.raises(NothingMeasured, match=r"no regression .* \(not sure; "):
        run()
    assert bench.rounds(X[0]) == MOST


def test_a_waiver_hides_no_culprit(bisect):
    waiver = "[[rule]]\nmatch = 'time_x'\nwaiver = 'known'\nuntil = 2031-01-01"
    _, run = bisect(levels(7), policy=waiver)
    assert run().commit == COMMITS[7]


def test_where_more_is_better_less_is_slower(bisect):
    _, run = bisect(levels(7, slow=0.7), policy="[[rule]]\nmatch='time_x'\ndirection='higher'")
    found = run()
    assert (found.commit, found.row.ratio) == (COMMITS[7], pytest.approx(0.7))


@pytest.mark.parametrize(
    ("culprit", "noise", "truth"), [(20, [1.18, 1.1], 1.0), (10, [1.0, 1.2], 1.2)]
)
def test_a_doubtful_midpoint_is_decided_by_fresh_samples_alone(bisect, culprit, noise, truth):
    speeds = levels(culprit)
    speeds[COMMITS[16]] = {X[0]: iter([*noise, *[truth] * 20])}
    bench, run = bisect(speeds)
    assert run().commit == COMMITS[culprit]
    assert sum(commit == COMMITS[16] for commit, _ in bench.calls) == 8


@pytest.mark.parametrize("broken", [0, None])
def test_commits_that_cannot_be_measured_are_skipped_and_named(bisect, broken):
    speeds = levels(17)
    for place in (15, 16, 17):
        speeds[COMMITS[place]] = {X[0]: broken}
    bench, run = bisect(speeds)
    found = run()
    assert (found.parent, found.commit) == (COMMITS[14], COMMITS[18])
    assert found.skipped == COMMITS[15:18]
    assert sum(commit == COMMITS[16] for commit, _ in bench.calls) == (broken is not None)


def test_a_slow_creep_has_no_culprit(bisect):
    speeds = {commit: {X[0]: 1 + place / 100} for place, commit in enumerate(COMMITS)}
    _, run = bisect(speeds)
    with pytest.raises(NothingMeasured, match=r"no single commit .* b\.time_x \+32\.0 % \(fail\)"):
        run()


def test_after_an_interruption_it_goes_on_where_it_was(bisect):
    bench, run = bisect(levels(7))
    bench.limit = 2 * MOST + 3 * 2 * 3  # processes: pairs of the ends, then three midpoints
    with pytest.raises(KeyboardInterrupt):
        run()
    seen = midpoints(bench)
    bench.limit = None
    bench.opened.clear()
    assert run().commit == COMMITS[7]
    assert len(seen) >= 3
    assert len(midpoints(bench) & seen) <= 1  # what was being measured when it was stopped


def test_what_was_seen_before_and_misleads_is_measured_again(bisect):
    bench, run = bisect(levels(7))
    bench.limit = 2 * MOST + 3 * 2 * 3
    with pytest.raises(KeyboardInterrupt):
        run()
    bench.limit = None
    # From a day on which the machine was slower: all of them look like the bad end.
    (kept,) = (bench.folder / ".holdfast" / "bisect").iterdir()
    known = json.loads(kept.read_text())["slow"]
    kept.write_text(json.dumps({"schema": 1, "slow": dict.fromkeys(known, True)}))
    bench.opened.clear()
    assert run().commit == COMMITS[7]
    assert set(known) & midpoints(bench)
