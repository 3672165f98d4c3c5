import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import NothingMeasured
from holdfast.gate.core.past import Past
from holdfast.gate.core.policy import Policy, Rule
from holdfast.gate.core.ratios import divide
from holdfast.gate.core.readings import Benchmark, Reading, Side, Suite
from holdfast.gate.core.report import judge
from holdfast.gate.core.verdict import Verdict

from .judging import judge_one

FAILED, SKIPPED = Reading(None), Reading(float("nan"))


def read(value, **kind):
    return Reading(value, **kind)


def verdict(before, after, unit="seconds"):
    return judge_one(before, after, unit).verdict


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1.0, 1.0, Verdict.PASS),
        (1.0, 1.05, Verdict.PASS),
        (2.0, 2.1, Verdict.PASS),
        (0.006, 0.0063, Verdict.PASS),
        (3e-7, 3.15e-7, Verdict.PASS),
        (1.0, 1.0500001, Verdict.WARN),
        (1.0, 1.2, Verdict.WARN),
        (0.1, 0.12, Verdict.WARN),
        (1.0, 1.2000001, Verdict.FAIL),
        (1.05, 1.0, Verdict.PASS),
        (1.0500001, 1.0, Verdict.IMPROVED),
        (100, 121, Verdict.FAIL),
    ],
)
def test_the_edges_are_exact(before, after, expected):
    assert verdict(read(before), read(after)) is expected


@given(st.decimals("0.000001", "1000000", places=6))
def test_the_edges_are_exact_at_any_size(size):
    base = float(size)
    tick = Fraction(1, 10**9)
    for per_cent, at_edge, beyond in ((5, "pass", "warn"), (20, "warn", "fail")):
        edge = Fraction(str(base)) * (100 + per_cent) / 100
        assert verdict(read(base), read(edge)).value == at_edge
        assert verdict(read(base), read(edge * (1 + tick))).value == beyond


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (read(1), FAILED, Verdict.NEWLY_FAILING),
        (None, FAILED, Verdict.NEWLY_FAILING),
        (SKIPPED, FAILED, Verdict.NEWLY_FAILING),
        (FAILED, FAILED, Verdict.BOTH_FAILING),
        (FAILED, read(1), Verdict.FIXED),
        (None, read(1), Verdict.NEW),
        (None, SKIPPED, Verdict.NEW),
        (read(1), None, Verdict.REMOVED),
        (FAILED, None, Verdict.REMOVED),
        (SKIPPED, None, Verdict.SKIPPED),
        (read(1), SKIPPED, Verdict.SKIPPED),
        (SKIPPED, read(1), Verdict.SKIPPED),
        (FAILED, SKIPPED, Verdict.SKIPPED),
        (read(1, version="1"), read(9, version="2"), Verdict.NOT_COMPARABLE),
        (read(1, version="1"), read(9, version=None), Verdict.FAIL),
        (read(1), Reading({"a": 1}), Verdict.NOT_COMPARABLE),
        (read(1), Reading(math.inf), Verdict.NOT_COMPARABLE),
        (read(1, single_sample=True), read(9), Verdict.NOT_SURE),
        (read(1), read(9, single_sample=True), Verdict.NOT_SURE),
        (read(0), read(0), Verdict.PASS),
        (read(0.0), read(-0.0), Verdict.PASS),
        (read(0), read(1), Verdict.NOT_SURE),
        (read(0), read(-1), Verdict.NOT_SURE),
        (read(-10), read(-10.4), Verdict.PASS),
        (read(-10), read(-11), Verdict.IMPROVED),
        (read(-10), read(-7), Verdict.FAIL),
        (read(-1), read(1), Verdict.FAIL),
    ],
)
def test_every_pair_of_states_has_one_verdict(before, after, expected):
    assert verdict(before, after) is expected


def test_a_large_change_within_the_noise_is_not_sure():
    assert (
        verdict(read(1.0, interval=(0.5, 1.5)), read(1.3, interval=(1.2, 1.4))) is Verdict.NOT_SURE
    )
    assert verdict(read(1.0, interval=(0.9, 1.1)), read(1.3, interval=(1.2, 1.4))) is Verdict.FAIL
    perhaps = verdict(read(1.3, interval=(0.9, 1.5)), read(1.0, interval=(0.9, 1.1)))
    assert perhaps is Verdict.PERHAPS_FASTER
    assert (
        verdict(read(1.3, interval=(1.2, 1.4)), read(1.0, interval=(0.9, 1.1))) is Verdict.IMPROVED
    )


def test_an_interval_that_touches_no_change_proves_none():
    old, new = read(1.0, interval=(0.9, 1.1)), read(1.3, interval=(1.1, 1.4))
    assert verdict(old, new) is Verdict.NOT_SURE
    assert verdict(new, old) is Verdict.PERHAPS_FASTER


def rounds(*minima):
    return read(min(minima), processes=tuple((m, m * 1.5) for m in minima))


class TestRounds:
    def test_processes_count_by_their_minimum(self):
        assert verdict(rounds(1.0, 1.0, 1.0), rounds(1.3, 1.3, 1.3)) is Verdict.FAIL
        assert verdict(rounds(1.0, 1.0, 1.0), rounds(1.1, 1.1, 1.1)) is Verdict.WARN
        assert verdict(rounds(1.0, 1.0, 1.0), rounds(1.05, 1.05, 1.05)) is Verdict.PASS
        assert verdict(rounds(*[1.3] * 4), rounds(*[1.0] * 4)) is Verdict.IMPROVED

    def test_the_smaller_of_the_two_ratios_decides(self):
        # One lucky base process: minima say +30 %, the rounds say 0 %.
        assert verdict(rounds(1.0, 1.3, 1.3), rounds(1.3, 1.3, 1.3)) is Verdict.NOT_SURE
        # Busy during the head's first processes: the minima say 0 %, the rounds +30 %.
        assert verdict(rounds(1.0, 1.0, 1.0), rounds(1.3, 1.3, 1.0)) is Verdict.NOT_SURE
        # One at the edge, the other beyond.
        assert verdict(rounds(1.0, 1.0, 1.0), rounds(1.05, 1.1, 1.1)) is Verdict.NOT_SURE
        # Both above 5 %, only one above 20 %: it may fail.
        assert verdict(rounds(1.0, 1.0, 1.0), rounds(1.3, 1.3, 1.1)) is Verdict.NOT_SURE

    def test_the_row_shows_the_base_and_what_the_cautious_ratio_makes_of_it(self):
        row = judge_one(rounds(1.0, 1.0, 1.0), rounds(1.3, 1.3, 1.25))
        assert (row.before, row.after, row.ratio) == (1.0, 1.25, 1.25)
        assert row.interval == (1.25, 1.3)
        # The best processes say +22 %, the pairs +9 %: the three numbers of the row agree.
        row = judge_one(rounds(1.09, *[1.22] * 3), rounds(1.33, *[1.33] * 3))
        assert (row.before, row.measured) == (1.09, (1.09, 1.33))
        assert row.after == pytest.approx(row.before * row.ratio)

    @pytest.mark.parametrize("slow", [1.4, 5.0])
    def test_one_process_that_is_not_slow_is_no_pass(self, slow):
        row = judge_one(rounds(*[1.0] * 4), rounds(*[slow] * 3, 1.0))
        assert (row.verdict, row.may_fail) == (Verdict.NOT_SURE, True)
        assert row.ratio == slow
        row = judge_one(rounds(*[1.0] * 6), rounds(*[slow] * 5, 1.0))
        assert (row.verdict, row.ratio) == (Verdict.FAIL, slow)

    @pytest.mark.parametrize("base", [0.9, 1.0])
    def test_one_process_that_ran_fast_by_luck_hides_nothing(self, base):
        row = judge_one(rounds(*[1.0] * 7, base), rounds(*[1.1] * 7, 1.0))
        assert (row.verdict, row.ratio) == (Verdict.WARN, 1.1)

    def test_faster_is_an_improvement_only_when_enough_pairs_say_so(self):
        few = judge_one(rounds(1.3, 1.3), rounds(1.0, 1.0))
        assert (few.verdict, few.note) == (Verdict.PERHAPS_FASTER, "only 2 pairs were measured")

    @pytest.mark.parametrize(
        ("noise", "expected"), [(0.3, Verdict.PERHAPS_FASTER), (0.02, Verdict.IMPROVED)]
    )
    def test_faster_by_less_than_the_pairs_stray_is_no_improvement(self, noise, expected):
        # A real project, equal code: 18 pairs between -37 % and +58 %, in the middle -9 %.
        base, head = [1.0] * 18, [0.9, *[0.9 - noise / 2, 0.9 + noise] * 8, 0.9]
        row = judge_one(rounds(*base), rounds(*head))
        assert row.verdict is expected
        assert ("the rounds disagree" in row.note) is (expected is Verdict.PERHAPS_FASTER)


class TestMayFail:
    """What may exceed its fail limit, and is not settled, makes the whole undecided."""

    @pytest.mark.parametrize(
        ("before", "after", "may_fail"),
        [
            (read(1.0, single_sample=True), read(1.3), True),
            (read(1.0, single_sample=True), read(1.2), False),
            (read(1.0, interval=(0.5, 1.5)), read(1.3, interval=(1.2, 1.4)), True),
            (read(1.0, interval=(0.5, 1.5)), read(1.1, interval=(1.0, 1.2)), False),
            (read(0), read(1), True),
            (read(0), read(-1), False),
        ],
    )
    def test_it_is_the_estimate_that_counts(self, before, after, may_fail):
        row = judge_one(before, after)
        assert (row.verdict, row.may_fail) == (Verdict.NOT_SURE, may_fail)

    def test_the_whole_is_undecided_but_a_failure_is_a_failure(self):
        base = side(time_a=read(1), time_b=read(1.0, single_sample=True))
        doubt = judge(base, side(time_a=read(1), time_b=read(1.3)), Suite(), Policy())
        assert doubt.verdict is Verdict.UNDECIDED
        both = judge(base, side(time_a=read(1.3), time_b=read(1.3)), Suite(), Policy())
        assert both.verdict is Verdict.FAIL

    def test_only_doubtful_rows_are_undecided_not_nothing_measured(self):
        base = side(time_b=read(1.0, single_sample=True))
        assert judge(base, side(time_b=read(1.3)), Suite(), Policy()).verdict is Verdict.UNDECIDED
        assert judge(base, side(time_b=read(1.0)), Suite(), Policy()).verdict is Verdict.PASS


class TestLost:
    """What the base could judge and the head cannot is a warning, or red in a strict policy."""

    def lost(self, before, after, **kind):
        readings = {"time_a": read(1)}
        base, head = dict(readings), dict(readings)
        if before is not None:
            base["time_b"] = before
        if after is not None:
            head["time_b"] = after
        strict = judge(side(**base), side(**head), Suite(), Policy(strict=True), **kind)
        assert strict.verdict is Verdict.FAIL
        return judge(side(**base), side(**head), Suite(), Policy(), **kind)

    def test_removed(self):
        assert self.lost(read(1), None).verdict is Verdict.WARN

    def test_measured_in_turn_and_then_skipped(self):
        why = "its setup raised NotImplementedError"
        found = self.lost(read(1), Reading(math.nan, error=why), interleaved=True)
        assert found.verdict is Verdict.WARN
        assert (found.rows[0].verdict, why in found.rows[0].note) == (Verdict.NEWLY_SKIPPED, True)

    def test_failing_in_both_where_earlier_commits_have_a_result(self):
        past = Past(ran=frozenset({("b.time_b", ())}))
        found = self.lost(FAILED, Reading(None, error="timeout after 60 s"), past=past)
        assert found.verdict is Verdict.WARN
        assert "timeout after 60 s; earlier commits have a result" in found.rows[0].note

    def test_another_version_and_what_is_not_a_number_any_more(self):
        new = read(9, version="2")
        assert self.lost(read(1, version="1"), new).verdict is Verdict.WARN
        assert self.lost(read(1), Reading({"a": 1})).verdict is Verdict.WARN

    def test_why_it_fails_is_said(self):
        found = self.lost(read(1), Reading(None, error="ImportError: no module named x"))
        assert found.verdict is Verdict.FAIL
        assert found.rows[0].note == "ImportError: no module named x"


class TestFingerprint:
    @pytest.mark.parametrize("value", [4950, "abc", {"b": 1, "a": [2]}])
    def test_equal_passes_whatever_the_type(self, value):
        assert verdict(Reading(value), Reading(value), "fingerprint") is Verdict.PASS

    def test_any_change_fails(self):
        assert verdict(read(1_000_000), read(1_000_001), "fingerprint") is Verdict.FAIL
        assert verdict(read(1_000_001), read(1_000_000), "fingerprint") is Verdict.FAIL

    def test_one_odd_process_fails(self):
        before = read(7, processes=((7,), (7,)))
        after = read(7, processes=((7,), (8,)))
        assert verdict(before, after, "fingerprint") is Verdict.FAIL


def side(hardware=None, **values):
    readings = {(f"b.{name}", ()): reading for name, reading in values.items()}
    return Side("c" * 40, "m", "e", hardware or {}, readings)


class TestReport:
    def test_worst_first(self):
        base = side(time_a=read(1), time_b=read(1), time_c=read(1), time_d=read(1), time_e=read(1))
        head = side(
            time_a=read(1), time_b=read(1.3), time_c=read(1.1), time_d=FAILED, time_e=read(2)
        )
        found = judge(base, head, Suite(), Policy())
        assert [row.key[0] for row in found.rows] == [
            "b.time_e", "b.time_b", "b.time_d", "b.time_c", "b.time_a",
        ]  # fmt: skip
        assert found.verdict is Verdict.FAIL

    def test_removed_warns_and_new_does_not(self):
        both = {"time_a": read(1)}
        removed = judge(side(**both, time_b=read(1)), side(**both), Suite(), Policy())
        assert removed.verdict is Verdict.WARN
        new = judge(side(**both), side(**both, time_b=read(1)), Suite(), Policy())
        assert new.verdict is Verdict.PASS

    def test_what_the_suite_still_has_was_only_not_measured(self):
        base = side(time_a=read(1), time_b=read(1), time_c=FAILED)
        suite = Suite({f"b.time_{name}": Benchmark("seconds") for name in "abc"})
        found = judge(base, side(time_a=read(1)), suite, Policy())
        assert found.verdict is Verdict.PASS
        assert {row.key[0][-1]: (row.verdict, row.note) for row in found.rows} == {
            "a": (Verdict.PASS, ""),
            "b": (Verdict.SKIPPED, "not measured of the later commit"),
            "c": (Verdict.SKIPPED, "not measured of the later commit"),
        }
        assert math.isnan(found.rows[0].after)
        with pytest.raises(NothingMeasured, match=r"of 3 .*\(not measured of the later commit\)"):
            judge(base, side(), suite, Policy())

    def test_a_set_of_parameters_can_be_removed_alone_whatever_its_folder_is_called(self):
        def sized(*sizes):
            return {("b.time_x", (size,)): read(1) for size in sizes}

        base = Side("c" * 40, "m", "e", {}, sized("1", "2", "'/tmp/base/3'"))
        head = Side("d" * 40, "m", "e", {}, sized("1"))
        suite = Suite({"b.time_x": Benchmark("seconds", ("n",), (("1", "'/tmp/head/3'"),))})
        found = {row.label: row.verdict for row in judge(base, head, suite, Policy()).rows}
        assert found == {
            "b.time_x(1)": Verdict.PASS, "b.time_x(2)": Verdict.REMOVED,
            "b.time_x('/tmp/base/3')": Verdict.SKIPPED,
        }  # fmt: skip

    def test_one_new_failure_fails_the_whole(self):
        both = {"time_a": read(1)}
        base, head = side(**both, time_b=read(1)), side(**both, time_b=FAILED)
        assert judge(base, head, Suite(), Policy()).verdict is Verdict.FAIL
        assert judge(head, base, Suite(), Policy()).rows[0].verdict is Verdict.FIXED

    def test_another_processor_is_no_comparison_for_times_but_is_for_memory(self):
        base = side({"cpu": "A"}, time_x=read(1), peakmem_x=read(100))
        head = side({"cpu": "B"}, time_x=read(2), peakmem_x=read(121))
        found = {row.key[0]: row for row in judge(base, head, Suite(), Policy()).rows}
        assert found["b.time_x"].verdict is Verdict.NOT_COMPARABLE
        assert "processors" in found["b.time_x"].note
        assert found["b.peakmem_x"].verdict is Verdict.FAIL

    def test_a_report_that_judges_nothing_is_no_pass(self):
        fixed = ({"time_x": FAILED}, {"time_x": read(1)})
        for before, after in (({}, {}), ({"time_x": FAILED}, {"time_x": FAILED}), fixed):
            with pytest.raises(NothingMeasured, match=f"none of {len(before)} benchmarks"):
                judge(side(**before), side(**after), Suite(), Policy())

    def test_units_come_from_the_suite(self):
        suite = Suite({"b.track_x": Benchmark("fingerprint")})
        found = judge(side(track_x=read(1)), side(track_x=read(2)), suite, Policy())
        assert found.rows[0].verdict is Verdict.FAIL


RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())


def judged(case):
    before, after = (
        read(min(map(min, side)), processes=tuple(map(tuple, side)))
        for side in (case["before"], case["after"])
    )
    return judge_one(before, after, "seconds", Rule()).verdict


@pytest.mark.parametrize(
    "case", RECORDED, ids=lambda case: f"{case['benchmark']}+{case['planted']}"
)
def test_recorded_processes_are_judged_right(case):
    """Real processes (ms), most of them while other programs kept both processors busy."""
    possible = {0: {"pass"}, 10: {"warn", "not sure"}, 30: {"fail"}}[case["planted"]]
    assert judged(case).value in possible


def test_most_recorded_regressions_are_named():
    verdicts = [judged(case) for case in RECORDED if case["planted"] == 10]
    assert verdicts.count(Verdict.WARN) == len(verdicts) - 1


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, NUMBERS)
def test_any_two_numbers_get_a_verdict_and_more_is_never_better(before, after):
    ratio = divide(before, after)
    assert (ratio is None) == (before == 0 != after)
    if ratio is not None:
        assert (ratio > 1) == (after > before)
        assert (ratio < 1) == (after < before)
    assert verdict(read(before), read(after)) in Verdict
