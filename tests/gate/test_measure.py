import re
from dataclasses import replace
from datetime import date

import pytest

from holdfast.errors import UsageError
from holdfast.gate.asv import rounds as measure
from holdfast.gate.asv.cpu_load import Meter
from holdfast.gate.asv.rounds import fresh, is_suspect, merge
from holdfast.gate.core.policy import Rule
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.readings import Benchmark, Reading, Suite, label
from holdfast.gate.core.selection import exactly, selected
from holdfast.gate.core.verdict import Verdict

from .trees import BASE, HEAD

A, B = ("b.time_a", ()), ("b.C.time_b", ("'quick'", "1.5"))
FAILED = Reading(None)


def stored(*samples):
    return Reading(samples[0], (samples,))


def test_appended_samples_are_told_from_older_ones():
    assert fresh(stored(1.0, 2.0), stored(1.0, 2.0, 3.0)).processes == ((3.0,),)


def test_samples_that_asv_replaced_are_all_new():
    assert fresh(stored(1.0, 2.0), stored(4.0, 5.0, 6.0)).processes == ((4.0, 5.0, 6.0),)
    assert fresh(None, stored(4.0)).processes == ((4.0,),)
    assert fresh(FAILED, stored(4.0)).processes == ((4.0,),)


def test_nothing_new_is_no_sample():
    assert fresh(stored(1.0, 2.0), stored(1.0, 2.0)).processes == ()


def test_memory_and_tracks_are_one_sample_per_process():
    assert fresh(None, Reading(5)).processes == ((5,),)
    assert fresh(Reading(5), Reading(6)).processes == ((6,),)


def test_rounds_become_processes_and_one_failure_is_forgiven():
    rounds = [{A: fresh(None, stored(2.0, 3.0)), B: FAILED}, {A: FAILED, B: FAILED}]
    merged = merge([*rounds, {A: fresh(None, stored(1.0)), B: FAILED}])
    assert merge(rounds)[A].single_sample
    assert merged[A] == Reading(1.0, ((2.0, 3.0), (1.0,)))
    assert merged[B] == FAILED


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


def side(*processes):
    reading = Reading(1.0, processes) if processes else FAILED
    return {A: reading}


def test_suspects_are_what_could_be_slower():
    assert not is_suspect(A, Rule(), side((1.0,), (1.0,)), side((1.03,), (1.03,)))
    assert is_suspect(A, Rule(), side((1.0,), (1.0,)), side((1.031,), (1.031,)))
    # Only the median of the rounds says so, then only the minima.
    assert is_suspect(A, Rule(), side((1.0,), (1.2,)), side((1.3,), (1.0,)))
    assert is_suspect(A, Rule(), side((1.0,), (1.3,)), side((1.1,), (1.1,)))
    assert not is_suspect(A, Rule(), side((1.0,), (1.0,)), side((0.5,), (0.5,)))


def test_what_is_worse_depends_on_the_rule():
    more = side((1.0,), (1.0,)), side((1.2,), (1.2,))
    assert is_suspect(A, Rule(), *more)
    assert not is_suspect(A, Rule(direction="higher"), *more)
    assert is_suspect(A, Rule(direction="higher"), *more[::-1])
    spiky = side((1.0, 1.0), (1.0, 1.0)), side((1.0, 5.0), (1.0, 5.0))
    assert not is_suspect(A, Rule(), *spiky)
    assert is_suspect(A, Rule(statistic="p95"), *spiky)


def test_a_failure_on_one_side_is_tried_again():
    assert is_suspect(A, Rule(), side((1.0,), (1.0,)), side())
    assert not is_suspect(A, Rule(), side(), side())
    assert not is_suspect(B, Rule(), side(), side())


@pytest.fixture
def run(fake_asv):
    def run(speeds, stale=None, **settings):
        fake, plan = fake_asv(speeds, **settings)
        for commit in (BASE, HEAD):
            for name, values in (stale or {}).items():
                fake.samples[commit, name] = values
            fake.store(commit)
        return fake, measure.measure(plan, BASE, HEAD, lambda line: None)

    return run


X = "b.time_x"


def verdicts(report):
    return {row.label: row.verdict for row in report.rows}


def test_what_is_as_fast_is_measured_twice_and_nothing_more(run):
    fake, found = run({BASE: {X: 1.0}, HEAD: {X: 1.0}})
    assert fake.calls == [([BASE, HEAD], [], False), ([HEAD, BASE], [], True)]
    assert found.rows[0].samples == (((1.0, 2.0), (1.0, 2.0)),) * 2


def test_what_became_faster_or_was_fixed_is_not_measured_again(run):
    fake, found = run({BASE: {X: 1.0, "b.time_y": 0}, HEAD: {X: 0.5, "b.time_y": 1.0}})
    assert len(fake.calls) == 2
    assert verdicts(found) == {X: Verdict.PERHAPS_FASTER, "b.time_y": Verdict.FIXED}


def test_results_of_earlier_runs_do_not_count(run):
    _, found = run({BASE: {X: 1.0}, HEAD: {X: 1.0}}, stale={X: [0.1, 0.2], "b.time_old": [5.0]})
    assert [row.label for row in found.rows] == [X]
    assert found.rows[0].samples == (((1.0, 2.0), (1.0, 2.0)),) * 2


def test_a_suspect_is_judged_on_fresh_samples_alone(run):
    # Slow in the first stage only: an accident, of which the second stage must not know.
    head = {X: iter([2, 2] + [1] * 6), "b.time_y": 1.0}
    fake, found = run({BASE: {X: 1.0, "b.time_y": 1.0}, HEAD: head})
    assert len(fake.calls) == 8
    assert {call[1][0] for call in fake.calls[2:]} == {r"^b\.time_x$"}
    assert [order[0] for order, _, _ in fake.calls] == [BASE, HEAD] * 4
    samples = {row.label: row.samples[1] for row in found.rows}
    assert samples == {X: ((1, 2),) * 6, "b.time_y": ((1.0, 2.0),) * 2}
    assert found.verdict is Verdict.PASS


def test_a_failure_is_tried_again_and_stays_one(run):
    _, found = run({BASE: {X: 1.0, "b.time_y": 1}, HEAD: {X: 0, "b.time_y": 1}})
    assert verdicts(found) == {X: Verdict.NEWLY_FAILING, "b.time_y": Verdict.PASS}


def test_what_asv_was_asked_for_and_says_nothing_of_has_failed(run):
    fake, found = run({BASE: {X: 1.0, "b.time_y": 1.0}, HEAD: {X: 1.0}})
    assert verdicts(found) == {"b.time_y": Verdict.NEWLY_FAILING, X: Verdict.PASS}
    assert fake.calls[2][1] == [r"^b\.time_y$"]  # not without another try


def test_an_accidental_failure_is_forgiven(run):
    _, found = run({BASE: {X: 1.0}, HEAD: {X: iter([0] + [1.0] * 7)}})
    assert found.verdict is Verdict.PASS


def test_without_time_left_a_suspect_stays_not_sure(run):
    speeds = {name: {X: speed, "b.time_y": 1.0} for name, speed in ((BASE, 1.0), (HEAD, 2.0))}
    fake, found = run(speeds, budget=0.0)
    assert len(fake.calls) == 2
    assert (found.rows[0].verdict, found.rows[0].ratio) == (Verdict.NOT_SURE, 2.0)
    assert found.remarks[0] == "no time was left to measure 1 suspects often enough"


def test_what_the_rounds_leave_open_gets_more_of_them(run):
    # One round of six says +30 %: its median does not, its minima do.
    base = {X: iter([1, 1] + [1.0] + [1.3] * 11), "b.time_y": 1.0}
    fake, found = run({BASE: base, HEAD: {X: 1.3, "b.time_y": 1.0}})
    assert len(fake.calls) == 2 + 6 + 6
    assert [len(row.samples[0]) for row in found.rows if row.label == X] == [12]


def test_on_a_busy_machine_the_first_stage_looks_twice(run):
    # Both early processes of the base were disturbed: two rounds alone would see no regression.
    base = {X: iter([1.3, 1.3] + [1.0] * 8), "b.time_y": 1.0}
    fake, found = run({BASE: base, HEAD: {X: 1.3, "b.time_y": 1.0}}, busy=True)
    assert [call[1] for call in fake.calls[:5]] == [[], [], [], [], [r"^b\.time_x$"]]
    assert verdicts(found) == {X: Verdict.FAIL, "b.time_y": Verdict.PASS}


def test_a_rule_that_matches_nothing_ends_the_check_after_one_round(fake_asv):
    fake, plan = fake_asv({BASE: {X: 1.0}, HEAD: {X: 1.0}})
    policy = parse_policy("[[rule]]\nmatch = 'time_z'", "policy.toml", date(2030, 1, 1))
    with pytest.raises(UsageError, match=r"policy\.toml:2: 'time_z' matches no benchmark"):
        measure.measure(replace(plan, policy=policy), BASE, HEAD, str)
    assert len(fake.calls) == 1


def test_work_of_others_is_said():
    meter = Meter()
    with meter:
        pass
    assert meter.last >= 0
    assert Meter(total=10.0, foreign=2.0).remarks == ()
    assert "kept 0.9 of" in Meter(total=10.0, foreign=9.0).remarks[0]
