import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import NothingMeasured, UsageError
from holdfast.gate.asv.checks import load_measurements, write_measurement
from holdfast.gate.asv.cpu_load import Meter, foreign_work
from holdfast.gate.asv.effort import ENOUGH, FIRST, MOST
from holdfast.gate.asv.pairs import judge_measurement, measure, take
from holdfast.gate.asv.rounds import join
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.readings import Benchmark, Reading, Suite, label
from holdfast.gate.core.selection import exactly, selected
from holdfast.gate.core.verdict import Verdict

from .trees import BASE, HEAD

X, Y = "b.time_x", "b.time_y"
B = ("b.C.time_b", ("'quick'", "1.5"))
FAILED = Reading(None)


def one(*samples):
    return Reading(min(samples), (samples,))


def test_processes_stay_in_the_order_of_their_pairs():
    base, head = join([(one(2.0, 3.0), one(5.0)), (one(1.0), one(4.0, 6.0))])
    assert base == Reading(1.0, ((2.0, 3.0), (1.0,)))
    assert head == Reading(4.0, ((5.0,), (4.0, 6.0)))


def test_a_pair_of_which_one_side_failed_is_left_out():
    base, head = join([(one(2.0), one(5.0)), (one(1.0), FAILED)])
    assert (base.processes, head.processes) == (((2.0,),), ((5.0,),))
    assert base.single_sample
    assert head.single_sample
    assert join([(one(2.0), FAILED), (one(1.0), FAILED)])[1] == FAILED


def test_what_is_no_number_cannot_be_joined():
    odd = Reading({"a": 1})
    assert join([(odd, one(1.0)), (odd, one(1.0))])[0] == odd


def test_selection_is_asvs():
    suite = Suite()
    suite["b.time_a"] = Benchmark("seconds")
    suite["b.C.time_b"] = Benchmark("seconds", ("tier", "x"), (("'quick'", "'full'"), ("1.5",)))
    assert [label(key) for key in selected(suite, [r"\('quick", "^[^(]*$"])] == [
        "b.time_a", "b.C.time_b('quick', 1.5)",
    ]  # fmt: skip
    assert len(list(selected(suite, []))) == 3
    assert [label(key) for key in selected(suite, [exactly(B)])] == ["b.C.time_b('quick', 1.5)"]
    assert re.search(exactly(("b.x", ("a\n|(",))), "b.x(a\n|()")


@pytest.fixture
def run(fake_bench):
    def run(base, head, **settings):
        bench, plan = fake_bench({BASE: base, HEAD: head}, **settings)
        return bench, measure(plan, BASE, HEAD, str)

    return run


def verdicts(report):
    return {row.label: row.verdict for row in report.rows}


def test_what_is_as_fast_gets_two_pairs_in_turn_and_nothing_more(run):
    bench, found = run({X: 1.0}, {X: 1.0})
    assert [commit for commit, _ in bench.calls] == [BASE, HEAD, HEAD, BASE]
    assert found.rows[0].samples == (((1.0, 2.0), (1.0, 2.0)),) * 2


def test_both_commits_of_a_benchmark_are_measured_one_right_after_the_other(run):
    bench, _ = run({X: 1.0, Y: 1.0}, {X: 1.0, Y: 1.0})
    assert [name for _, name in bench.calls] == [X, X, Y, Y] * 2
    assert [commit for commit, name in bench.calls if name == Y] == [HEAD, BASE, BASE, HEAD]


def test_what_was_fixed_is_not_measured_again(run):
    bench, found = run({X: 1.0, Y: 0}, {X: 1.0, Y: 1.0})
    assert bench.rounds(Y) == FIRST
    assert verdicts(found)[Y] is Verdict.FIXED


def test_a_suspect_is_judged_on_fresh_samples_alone(run):
    # The first pairs exaggerate: an accident, of which the judge must not know.
    bench, found = run({X: 1.0, Y: 1.0}, {X: iter([3, 3] + [1.1] * MOST), Y: 1.0})
    assert bench.rounds(Y) == FIRST
    assert bench.rounds(X) == FIRST + ENOUGH
    samples = {row.label: row.samples[1] for row in found.rows}
    assert samples == {X: ((1.1, 2.2),) * ENOUGH, Y: ((1.0, 2.0),) * FIRST}
    assert verdicts(found) == {X: Verdict.WARN, Y: Verdict.PASS}


def test_an_accident_in_the_first_pairs_is_no_regression(run):
    bench, found = run({X: 1.0}, {X: iter([2, 2] + [1] * MOST)})
    assert FIRST < bench.rounds(X) <= FIRST + ENOUGH
    assert found.verdict is Verdict.PASS


def test_what_is_much_slower_needs_fewer_pairs(run):
    bench, found = run({X: 1.0}, {X: 1.5})
    assert bench.rounds(X) == FIRST + FIRST
    assert verdicts(found) == {X: Verdict.FAIL}


def test_an_improvement_is_confirmed_like_a_regression(run):
    bench, found = run({X: 1.0}, {X: 0.5})
    assert bench.rounds(X) == FIRST + ENOUGH
    assert verdicts(found) == {X: Verdict.IMPROVED}
    bench, found = run({X: 1.0}, {X: iter([0.5, 0.5] + [1.0] * MOST)})
    assert verdicts(found) == {X: Verdict.PASS}


def test_a_failure_is_tried_again_and_says_why(run):
    bench, found = run({X: 1.0, Y: 1}, {X: 0, Y: 1})
    assert bench.rounds(X) == FIRST
    assert verdicts(found) == {X: Verdict.NEWLY_FAILING, Y: Verdict.PASS}


def test_an_accidental_failure_is_forgiven(run):
    _, found = run({X: 1.0}, {X: iter([0] + [1.0] * 7)})
    assert found.verdict is Verdict.PASS


def test_without_time_there_is_still_a_report(fake_bench):
    bench, plan = fake_bench({BASE: {X: 1.0, Y: 1.0}, HEAD: {X: 2.0, Y: 1.0}}, budget=0.0)
    taken = take(plan, BASE, HEAD, str)
    assert bench.calls == []
    assert taken.unsettled == {(X, ()), (Y, ())}
    assert taken.remarks[0] == "no time was left to settle 2 of 2 benchmarks"
    assert {one.error for one in taken.head.readings.values()} == {"no time was left to settle it"}


def test_the_worst_doubt_gets_the_next_pair_first(run):
    speeds = {"b.time_a": 1.08, "b.time_b": 1.5, "b.time_c": 1.2, Y: 1.0}
    bench, _ = run(dict.fromkeys(speeds, 1.0), speeds)
    third = [name for _, name in bench.calls][4 * 2 * 2 :][:6:2]
    assert third == ["b.time_b", "b.time_c", "b.time_a"]


@pytest.mark.parametrize(
    ("busy", "why"),
    [(False, f"{MOST} fresh pairs do not settle it"), (True, "too much other work")],
)
def test_what_stays_unclear_is_not_sure_and_says_why(run, busy, why):
    base = {X: iter([1.0, 1.0, 1.0, 1.06] * MOST), Y: 1.0}
    bench, found = run(base, {X: 1.06, Y: 1.0}, busy=busy)
    assert bench.rounds(X) == FIRST + MOST
    assert verdicts(found) == {X: Verdict.NOT_SURE, Y: Verdict.PASS}
    assert why in found.rows[0].note


def test_what_may_be_faster_and_stays_unclear_is_perhaps_faster(run):
    _, found = run({X: 1.0}, {X: iter([0.6, 0.93, 1.3, 0.93] * MOST)})
    assert verdicts(found) == {X: Verdict.PERHAPS_FASTER}


@pytest.mark.parametrize(("before", "after", "pairs"), [(7, 7, 1), (7, 8, 2)])
def test_one_pair_is_enough_for_a_count_that_is_equal(fake_bench, before, after, pairs):
    bench, plan = fake_bench({BASE: {X: before}, HEAD: {X: after}}, units={X: "fingerprint"})
    report = measure(plan, BASE, HEAD, str)
    assert bench.rounds(X) == pairs
    assert verdicts(report)[X] is (Verdict.PASS if pairs == 1 else Verdict.FAIL)


def test_peak_memory_that_is_nearly_equal_takes_one_pair(fake_bench):
    peak, small = "b.peakmem_x", "b.peakmem_y"
    speeds = {BASE: {peak: 1e6, small: 1e6}, HEAD: {peak: 1.01e6, small: 1.5e6}}
    bench, plan = fake_bench(speeds, units={peak: "bytes", small: "bytes"})
    report = measure(plan, BASE, HEAD, str)
    assert (bench.rounds(peak), bench.rounds(small)) == (1, FIRST + FIRST)
    assert verdicts(report) == {peak: Verdict.PASS, small: Verdict.FAIL}


def test_a_time_is_never_settled_by_one_pair(fake_bench):
    # Time for one pair of each, no more: equal counts are settled, equal times are not.
    speeds = {X: 1.0, Y: 5.0}
    bench, plan = fake_bench({BASE: speeds, HEAD: speeds}, units={Y: "unit"}, budget=4.5)
    taken = take(plan, BASE, HEAD, str)
    assert (bench.rounds(X), bench.rounds(Y)) == (1, 1)
    assert taken.unsettled == {(X, ())}
    report = judge_measurement(taken, plan.policy)
    assert verdicts(report) == {X: Verdict.NOT_SURE, Y: Verdict.PASS}


def test_each_round_says_what_it_is_for(fake_bench):
    said = []
    _, plan = fake_bench({BASE: {X: 1.0, Y: 1.0}, HEAD: {X: 1.1, Y: 1.0}})
    take(plan, BASE, HEAD, said.append)
    assert [line.partition(":")[0] for line in said[:3]] == [
        "round 1, everything", "round 2, a second pair", "round 3, what is in doubt",
    ]  # fmt: skip


def test_results_that_must_be_equal_are_not_measured_again(fake_bench):
    speeds = {BASE: {X: 1.0, Y: 1.0}, HEAD: {X: 2.0, Y: 1.0}}
    bench, plan = fake_bench(speeds, units={X: "fingerprint"})
    report = measure(plan, BASE, HEAD, str)
    assert bench.rounds(X) == FIRST
    assert verdicts(report)[X] is Verdict.FAIL


def test_what_the_bases_own_suite_has_and_has_not(fake_bench):
    own = Suite({X: Benchmark("seconds"), "b.time_gone": Benchmark("seconds")})
    speeds = {BASE: {X: 1.0, Y: 0}, HEAD: {X: 1.0, Y: 1.0}}
    _, plan = fake_bench(speeds, base_suite=own)
    found = verdicts(measure(plan, BASE, HEAD, str))
    assert found == {X: Verdict.PASS, Y: Verdict.NEW, "b.time_gone": Verdict.REMOVED}


def test_a_rule_that_matches_nothing_ends_the_check_before_anything_runs(fake_bench):
    bench, plan = fake_bench({BASE: {X: 1.0}, HEAD: {X: 1.0}})
    policy = parse_policy("[[rule]]\nmatch = 'time_z'", "policy.toml", date(2030, 1, 1))
    with pytest.raises(UsageError, match=r"policy\.toml:2: 'time_z' matches no benchmark"):
        measure(replace(plan, policy=policy), BASE, HEAD, str)
    with pytest.raises(UsageError, match="'time_z' matches none of 1 benchmarks"):
        measure(replace(plan, bench=["time_z"]), BASE, HEAD, str)
    assert bench.calls == []


def test_a_kept_check_gives_the_same_answer(fake_bench):
    speeds = {X: 1.0, Y: 1.0, "b.time_z": 0}, {X: 1.4, Y: 1.0, "b.time_z": 0}
    _, plan = fake_bench(dict(zip((BASE, HEAD), speeds, strict=True)))
    taken = take(plan, BASE, HEAD, str)
    write_measurement(plan.project, taken)
    (kept,) = load_measurements(plan.project, BASE, HEAD, "m1")
    assert kept == taken
    assert judge_measurement(kept, plan.policy) == judge_measurement(taken, plan.policy)
    assert (plan.project.config.parent / ".holdfast" / ".gitignore").read_text() == "*\n"
    for wrong in ((HEAD, BASE, "m1"), (BASE, HEAD, "m2"), (BASE, HEAD, "m1", ["other*"])):
        assert load_measurements(plan.project, *wrong) == []
    assert load_measurements(plan.project, BASE, HEAD, "m1", ["env*"]) == [taken]


def test_a_commit_with_the_same_beginning_is_another_commit(fake_bench):
    _, plan = fake_bench({BASE: {X: 1.0}, HEAD: {X: 1.0}})
    write_measurement(plan.project, take(plan, BASE, HEAD, str))
    assert load_measurements(plan.project, BASE, HEAD[:8] + "0" * 32, "m1") == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1}'])
def test_a_damaged_check_is_named(fake_bench, text):
    _, plan = fake_bench({BASE: {X: 1.0}, HEAD: {X: 1.0}})
    path = write_measurement(plan.project, take(plan, BASE, HEAD, str))
    path.write_text(text)
    with pytest.raises(UsageError, match="is not a check that this version kept"):
        load_measurements(plan.project, BASE, HEAD, "m1")


def test_nothing_that_runs_is_nothing_measured(fake_bench):
    _, plan = fake_bench({BASE: {X: 0}, HEAD: {X: 0}})
    with pytest.raises(NothingMeasured):
        measure(plan, BASE, HEAD, str)


def test_a_busy_machine_is_noted():
    clock, work = iter([0.0, 1.0, 11.0]), iter([5.0, 14.0])
    meter = Meter(lambda: next(clock), lambda: next(work))
    with meter:
        pass
    assert (meter.last, meter.foreign) == (10.0, 9.0)
    assert "kept 0.9 of" in meter.remarks[0]
    meter.foreign = 2.0
    assert meter.remarks == ()
    assert foreign_work() >= 0


SECONDS = st.floats(0.05, 20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(SECONDS, st.floats(0.8, 1.6)), min_size=1, max_size=12),
    SECONDS,
    st.floats(0, 300),
)
def test_a_budget_is_a_promise(fake_bench, rows, start, budget):
    names = [f"b.time_{number}" for number in range(len(rows))]
    base = dict.fromkeys(names, 1.0)
    head = {name: speed for name, (_, speed) in zip(names, rows, strict=True)}
    seconds = {name: each for name, (each, _) in zip(names, rows, strict=True)}
    seconds[""] = start
    bench, plan = fake_bench({BASE: base, HEAD: head}, seconds=seconds, budget=budget)
    taken = take(plan, BASE, HEAD, str)
    assert bench.time <= budget + max(seconds.values())
    # What could not be settled is named, and there is a report in any case.
    assert {row.key for row in judge_measurement(taken, plan.policy).rows} == {*taken.base.readings}
    if len(bench.calls) < 4 * len(names):
        assert taken.unsettled
        assert "no time was left" in taken.remarks[0]


def test_a_small_budget_takes_fewer_samples_of_everything(fake_bench):
    names = [f"b.time_{number}" for number in range(20)]
    speeds = dict.fromkeys(names, 1.0)
    bench, plan = fake_bench({BASE: speeds, HEAD: speeds}, budget=60.0)
    taken = take(plan, BASE, HEAD, str)
    assert bench.time <= 61
    # Two full passes would take 80 seconds.
    assert taken.unsettled == frozenset()
