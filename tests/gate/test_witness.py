"""CPU time and call counts beside the clock: what they decide, and what a row says of them."""

from dataclasses import replace

import pytest

from holdfast.gate.asv.checks import load_measurements, write_measurement
from holdfast.gate.asv.pairs import judge_measurement, take
from holdfast.gate.asv.project import find_project
from holdfast.gate.core.policy import Rule
from holdfast.gate.core.readings import Reading
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.why.function_names import checkout
from holdfast.gate.why.profile import read_profile
from holdfast.gate.why.witness import compare_calls, count_calls, list_suspects

from .judging import judge_one
from .profiles import TINY, Installation, profile
from .trees import BASE, HEAD

EQUAL, MORE, FEWER = ("", 40, 40), ("tiny.parse", 2001, 3001), ("tiny.parse", 3001, 2001)
SURE, DOUBTFUL = (1.1,) * 6, (1.02, 1.12, 1.3, 1.02, 1.12, 1.3)


def hear(ratios, cpu=None, calls=None, rule=None, share=0.97, instructions=None):
    """Judge six pairs of such ratios, whose CPU time rose by ``cpu``."""
    before = Reading(1.0, ((1.0,),) * 6, cpu=(share,) * 6 if cpu else ())
    times = tuple((ratio,) for ratio in ratios)
    after = Reading(min(ratios), times, cpu=(share * min(ratios),) * 6 if cpu else ())
    after = replace(after, calls=calls, instructions=instructions)
    if cpu:
        before = Reading(1.0, before.processes, cpu=(share * min(ratios) / cpu,) * 6)
    return judge_one(before, after, rule=rule or Rule(), interleaved=True)


def test_what_both_acquit_is_not_warned_of():
    row = hear(SURE, 1.001, EQUAL, share=1.0)
    assert row.verdict is Verdict.PASS
    assert row.note == "CPU +0.1 %; every count equal: machine, memory or native code"
    assert hear(DOUBTFUL, 1.01, EQUAL).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("cpu", "calls"),
    [(None, EQUAL), (1.001, None), (1.04, EQUAL), (1.001, MORE), (1.001, FEWER), (None, None)],
)
def test_one_witness_alone_acquits_nobody(cpu, calls):
    assert hear(SURE, cpu, calls, share=1.0).verdict is Verdict.WARN
    assert hear(DOUBTFUL, cpu, calls).verdict is Verdict.NOT_SURE


def test_a_failure_is_acquitted_by_nobody():
    row = hear((1.21,) * 6, 1.001, EQUAL, share=0.9)
    assert row.verdict is Verdict.FAIL
    assert "CPU +0.1 %" in row.note


@pytest.mark.parametrize(
    ("ratios", "cpu", "verdict"),
    [(DOUBTFUL, 1.09, Verdict.WARN), ((1.15, 1.3) * 3, 1.21, Verdict.FAIL)],
)
def test_what_both_convict_is_not_unsure(ratios, cpu, verdict):
    assert hear(ratios).verdict is Verdict.NOT_SURE
    row = hear(ratios, cpu, MORE, share=1.0)
    assert row.verdict is verdict
    assert row.note == (
        f"by CPU time; CPU {cpu - 1:+.1%}; calls 2,001 -> 3,001 in tiny.parse".replace("%;", " %;")
    )
    # What the row shows is what it is judged by.
    assert row.ratio == pytest.approx(cpu)
    assert row.after == pytest.approx(row.before * row.ratio)


@pytest.mark.parametrize(
    ("cpu", "calls"), [(1.04, MORE), (1.3, EQUAL), (1.3, FEWER), (1.3, None), (None, MORE)]
)
def test_one_witness_alone_convicts_nobody(cpu, calls):
    assert hear(DOUBTFUL, cpu, calls, share=1.0).verdict is Verdict.NOT_SURE


def test_instructions_say_more_than_calls():
    row = hear(SURE, 1.001, MORE, share=1.0, instructions=(1000, 1020))
    assert row.verdict is Verdict.PASS
    assert row.note == "CPU +0.1 %; instructions +2.0 %; calls 2,001 -> 3,001 in tiny.parse"
    row = hear(DOUBTFUL, 1.09, EQUAL, share=1.0, instructions=(1000, 1090))
    assert row.verdict is Verdict.WARN
    assert row.note.startswith("by CPU time; CPU +9.0 %; instructions +9.0 %; every count equal")
    # At half of what is warned of it acquits nobody, and at that itself it convicts nobody.
    for more in (1026, 1050):
        assert (
            hear(SURE, 1.001, EQUAL, share=1.0, instructions=(1000, more)).verdict is Verdict.WARN
        )
        sure = hear(DOUBTFUL, 1.09, MORE, share=1.0, instructions=(1000, more))
        assert sure.verdict is Verdict.NOT_SURE
    # Alone it does neither.
    assert hear(SURE, None, EQUAL, instructions=(1000, 1000)).verdict is Verdict.WARN
    assert hear(DOUBTFUL, None, MORE, instructions=(1000, 1090)).verdict is Verdict.NOT_SURE


def test_what_waits_or_has_threads_has_no_witness_of_cpu_time():
    for share in (0.5, 2.0):
        row = hear(SURE, 1.001, EQUAL, share=share)
        assert row.verdict is Verdict.WARN
        assert "CPU" not in row.note


def test_a_row_within_its_limits_is_not_asked():
    assert hear((1.02,) * 6, 1.3, MORE).note == ""
    assert hear((0.5,) * 6, 1.3, MORE).verdict is Verdict.IMPROVED


def test_calls_are_compared_function_by_function(tmp_path):
    laboratory = Installation(tmp_path)
    profiles = []
    for text in (TINY, TINY.replace("sum(i for i in range(n))", "sum(i for i in range(n + 50))")):
        commit, benchmark = laboratory.commit(text)
        profiles.append(take_profile(laboratory, commit, benchmark))
    before, after = profiles
    assert compare_calls(before, after) == ("tiny.work.<genexpr>", 101, 151)
    assert compare_calls(after, before) == ("tiny.work.<genexpr>", 151, 101)
    name, count, again = compare_calls(before, before)
    assert (name, count) == ("", again)
    assert count > 101


def take_profile(laboratory, commit, benchmark):
    project = find_project(laboratory.suite.parents[1] / "asv.conf.json")
    return read_profile(profile(benchmark), checkout(project, commit))


def test_a_check_asks_of_what_may_be_slower_alone_and_keeps_the_answer(fake_bench):
    quick, slow, fast = "b.time_quick", "b.time_slow", "b.time_fast"
    base, head = {quick: 1.0, slow: 1.0, fast: 1.0}, {quick: 1.0, slow: 1.1, fast: 0.5}
    bench, plan = fake_bench({BASE: base, HEAD: head})
    asked = []
    bench.profile = lambda place, keys: asked.append((place, *keys)) or ""
    taken = take(plan, BASE, HEAD, str)
    suspects = list_suspects(judge_measurement(taken, plan.policy))
    assert suspects == [(slow, ())]
    # A profile that cannot be taken is no witness.
    assert count_calls(plan, str, bench, taken) == taken
    assert asked == [(0, (slow, ())), (1, (slow, ()))]
    head = replace(taken.head.readings[slow, ()], calls=MORE, cpu=(1.0,) * 4)
    heard = replace(taken, head=replace(taken.head, readings={(slow, ()): head}))
    write_measurement(plan.project, heard)
    (kept,) = load_measurements(plan.project, BASE, HEAD, "m1")
    assert kept.head.readings[slow, ()] == head


def test_without_time_no_calls_are_counted(fake_bench):
    bench, plan = fake_bench({BASE: {"b.time_x": 1.0}, HEAD: {"b.time_x": 1.1}})
    bench.profile = None
    taken = take(plan, BASE, HEAD, str)
    short = replace(plan, budget=taken.seconds - 1)
    assert count_calls(short, str, bench, taken) == taken
