import re

from holdfast.gate.measure import exactly, fresh, is_suspect, merge, selected
from holdfast.gate.results import Benchmark, Reading, Side, State, Suite, label

A, B = ("b.time_a", ()), ("b.C.time_b", ("'quick'", "1.5"))
FAILED = Reading(State.FAILED)


def stored(*samples):
    return Reading(State.MEASURED, samples[0], (samples,), count=len(samples))


def test_appended_samples_are_told_from_older_ones():
    assert fresh(stored(1.0, 2.0), stored(1.0, 2.0, 3.0)).processes == ((3.0,),)


def test_samples_that_asv_replaced_are_all_new():
    assert fresh(stored(1.0, 2.0), stored(4.0, 5.0, 6.0)).processes == ((4.0, 5.0, 6.0),)
    assert fresh(None, stored(4.0)).processes == ((4.0,),)
    assert fresh(FAILED, stored(4.0)).processes == ((4.0,),)


def test_nothing_new_is_no_sample():
    assert fresh(stored(1.0, 2.0), stored(1.0, 2.0)).processes == ()


def test_memory_and_tracks_are_one_sample_per_process():
    assert fresh(None, Reading(State.MEASURED, 5)).processes == ((5,),)
    assert fresh(Reading(State.MEASURED, 5), Reading(State.MEASURED, 6)).processes == ((6,),)


def test_rounds_become_processes_and_one_failure_is_forgiven():
    rounds = [{A: fresh(None, stored(2.0, 3.0)), B: FAILED}, {A: FAILED, B: FAILED}]
    merged = merge([*rounds, {A: fresh(None, stored(1.0)), B: FAILED}])
    assert merged[A] == Reading(State.MEASURED, 1.0, ((2.0, 3.0), (1.0,)))
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
    reading = Reading(State.MEASURED, 1.0, processes) if processes else FAILED
    return Side("c", "m", "e", {}, {A: reading})


def test_suspects_are_what_could_be_slower():
    assert not is_suspect(A, side((1.0,), (1.0,)), side((1.03,), (1.03,)))
    assert is_suspect(A, side((1.0,), (1.0,)), side((1.031,), (1.031,)))
    # Only the median of the rounds says so, then only the minima.
    assert is_suspect(A, side((1.0,), (1.2,)), side((1.3,), (1.0,)))
    assert is_suspect(A, side((1.0,), (1.3,)), side((1.1,), (1.1,)))
    assert not is_suspect(A, side((1.0,), (1.0,)), side((0.5,), (0.5,)))


def test_a_failure_on_one_side_is_tried_again():
    assert is_suspect(A, side((1.0,), (1.0,)), side())
    assert not is_suspect(A, side(), side())
    assert not is_suspect(B, side(), side())
