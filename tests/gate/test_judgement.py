import datetime
from fractions import Fraction

import pytest

from holdfast.gate.core.pairs import match
from holdfast.gate.core.past import Past, PastValues
from holdfast.gate.core.policy import Policy, Rule
from holdfast.gate.core.policy_file import parse_policy
from holdfast.gate.core.ratios import summarise
from holdfast.gate.core.readings import Reading, Side, Suite
from holdfast.gate.core.report import judge
from holdfast.gate.core.verdict import Verdict

from .judging import judge_one


def read(value, *processes, **kind):
    return Reading(value, processes, **kind)


def side(readings):
    return Side("c" * 40, "m", "e", {}, readings)


def times(**values):
    return side({(f"b.time_{name}", ()): read(value) for name, value in values.items()})


def verdict(before, after, noise=0.0, **rule):
    past = PastValues(100.0, noise, 11, -1e9, -1e9)  # whose median and range are not looked at
    return judge_one(
        read(before), read(after), "seconds", Rule(**rule), past=past, interleaved=True
    ).verdict


class TestRules:
    def test_direction(self):
        higher = {"direction": "higher"}
        assert verdict(100, 95, **higher) is Verdict.PASS
        assert verdict(100, 94.9, **higher) is Verdict.WARN
        assert verdict(100, 80, **higher) is Verdict.WARN
        assert verdict(100, 79.9, **higher) is Verdict.FAIL
        assert verdict(100, 130, **higher) is Verdict.IMPROVED
        assert verdict(100, 130) is Verdict.FAIL

    def test_limits_per_cent(self):
        assert verdict(100, 110, warn=2, fail=10) is Verdict.WARN
        assert verdict(100, 110.1, warn=2, fail=10) is Verdict.FAIL
        assert verdict(100, 102, warn=2, fail=10) is Verdict.PASS

    def test_floor(self):
        assert verdict(1.0, 1.5, floor=0.5) is Verdict.PASS
        assert verdict(1.0, 1.51, floor=0.5) is Verdict.FAIL

    def test_limit(self):
        assert verdict(1.0, 1.0, limit=1.0) is Verdict.PASS
        assert verdict(1.0, 1.0, limit=0.99) is Verdict.FAIL
        assert verdict(1.0, 1.0, limit=1.01, direction="higher") is Verdict.FAIL
        new = judge_one(None, read(2.0), "seconds", Rule(limit=1.0))
        assert new.verdict is Verdict.FAIL

    def test_exact(self):
        assert verdict(1.0, 1.0, exact=True) is Verdict.PASS
        assert verdict(1.0, 0.999, exact=True) is Verdict.FAIL

    def test_noise_raises_a_threshold_and_never_lowers_it(self):
        assert verdict(1.0, 1.3, noise=0.1) is Verdict.PASS
        assert verdict(1.0, 1.41, noise=0.1) is Verdict.FAIL
        assert verdict(1.0, 1.3, noise=0.05) is Verdict.FAIL
        assert verdict(1.0, 1.19, noise=0.049) is Verdict.PASS
        assert verdict(1.0, 1.06, noise=0.0001) is Verdict.WARN

    def test_a_rule_of_history_compares_with_the_median_of_earlier_commits(self):
        def row(after, past, before=9.0, **rule):
            return judge_one(read(before), read(after), "%", Rule(history=True, **rule), past=past)

        steady = PastValues(2.0, 0.01, 11, 1.98, 2.02)
        assert row(2.1, steady).verdict is Verdict.PASS
        assert row(2.11, steady).verdict is Verdict.WARN
        found = row(2.41, steady, before=2.41)  # the base had it already: still a regression
        assert (found.verdict, found.before, found.ratio) == (Verdict.FAIL, 2.0, 1.205)
        assert found.note == "against the median of 11 commits"
        noisy = PastValues(2.0, 0.1, 11, 1.8, 2.2)
        assert row(2.79, noisy).verdict is Verdict.PASS
        assert row(2.81, noisy).verdict is Verdict.FAIL
        assert row(1.5, steady, direction="higher").verdict is Verdict.FAIL
        assert row(None, steady).verdict is Verdict.NEWLY_FAILING

    def test_without_enough_past_a_rule_of_history_judges_only_that_nothing_changed(self):
        def row(after):
            return judge_one(read(2.0), read(after), "%", Rule(history=True))

        assert row(2.0).verdict is Verdict.PASS
        doubt = row(2.2)
        assert (doubt.verdict, doubt.may_fail) == (Verdict.NOT_SURE, False)
        assert doubt.note == "too few earlier results to judge it by"
        assert row(2.5).may_fail

    def test_what_the_last_commits_gave_already_raises_no_alarm(self):
        past = PastValues(1.0, 0.0, 11, 0.9, 1.5)
        row = judge_one(read(1.0), read(1.4), past=past)
        assert (row.verdict, row.may_fail) == (Verdict.NOT_SURE, False)
        assert row.note == "within what the last 11 commits gave"
        assert judge_one(read(1.0), read(1.51), past=past).verdict is Verdict.FAIL
        # Beside a suite that is 10 % slower, 1.6 is what 1.45 was.
        usual = judge_one(read(1.0), read(1.6), past=past, shift=Fraction("1.1"))
        assert usual.note == "within what the last 11 commits gave"
        # Processes of both commits in turn say more than any past.
        processes = [read(v, *[(v,)] * 4) for v in (1.0, 1.4)]
        assert judge_one(*processes, past=past, interleaved=True).verdict is Verdict.FAIL

    def test_a_waiver_lists_but_does_not_count(self):
        rule = {"waiver": "known", "until": datetime.date(2030, 1, 1)}
        text = "[[rule]]\nmatch='.'\nwaiver='known'\nuntil=2030-01-01"
        policy = parse_policy(text, "p", datetime.date(2029, 1, 1))
        found = judge(times(x=1, y=1), times(x=2, y=1), Suite(), policy)
        assert found.verdict is Verdict.PASS
        assert (found.rows[-1].verdict, found.rows[-1].waived) == (Verdict.FAIL, True)
        assert "waived until 2030-01-01: known" in found.rows[-1].note
        assert verdict(1, 1, **rule) is Verdict.PASS

    @pytest.mark.parametrize(
        ("statistic", "expected"),
        [("min", 1), ("median", 50.5), ("p50", 50.5), ("p95", 95), ("p99", 99), ("", 1)],
    )
    def test_statistics(self, statistic, expected):
        assert summarise(list(range(100, 0, -1)), statistic) == expected

    def test_a_statistic_looks_at_the_samples_of_each_process(self):
        calm, spiky = (1.0,) * 10, (1.0,) * 8 + (9.0,) * 2
        before, after = read(1.0, calm, calm), read(1.0, spiky, spiky)
        args = (before, after, "seconds")
        assert judge_one(*args, Rule()).verdict is Verdict.PASS
        assert judge_one(*args, Rule(statistic="median")).verdict is Verdict.PASS
        assert judge_one(*args, Rule(statistic="p95")).verdict is Verdict.FAIL
        # A percentile has no quiet side: one good process of three proves nothing.
        mixed = (read(1.0, calm, calm, calm), read(1.0, calm, spiky, spiky), "seconds")
        assert judge_one(*mixed, Rule(statistic="p95")).verdict is Verdict.FAIL
        stored = (read(1.0, calm), read(1.0, spiky), "seconds")
        assert judge_one(*stored, Rule(statistic="p95")).verdict is Verdict.FAIL


class TestShift:
    """Results of separate runs: what the suite as a whole did neither hides nor makes a change."""

    names = "abcdefgh"

    def test_a_global_slowdown_is_one_finding_and_no_row_passes(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        head = times(**dict.fromkeys(self.names, 1.3))
        found = judge(base, head, Suite(), Policy())
        assert {row.verdict for row in found.rows} == {Verdict.NOT_SURE}
        assert found.shift.verdict is Verdict.FAIL
        assert found.shift.ratio == pytest.approx(1.3)
        assert found.verdict is Verdict.FAIL
        assert "(+30.0 %, +0.0 % beside the suite)" in found.rows[0].note

    def test_more_slowness_elsewhere_never_makes_a_failure_pass(self):
        """A regression of 43 % fails alone; beside a slower suite it is at least undecided."""
        base = times(**dict.fromkeys(self.names, 1.0))
        for others in (1.0, 1.1, 1.15, 1.199, 1.3):
            head = times(**dict.fromkeys(self.names, others) | {"a": 1.43})
            found = judge(base, head, Suite(), Policy())
            assert found.verdict in (Verdict.FAIL, Verdict.UNDECIDED), others
            (row,) = [row for row in found.rows if row.key[0] == "b.time_a"]
            assert row.verdict is Verdict.FAIL or row.may_fail

    def test_a_change_beyond_both_limits_is_named(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        head = times(**dict.fromkeys(self.names, 1.1) | {"a": 1.5})
        found = judge(base, head, Suite(), Policy())
        assert [row.key[0] for row in found.rows if row.verdict is Verdict.FAIL] == ["b.time_a"]
        assert found.rows[0].ratio == pytest.approx(1.5 / 1.1)
        assert found.rows[0].measured == (1.0, 1.5)
        assert found.rows[0].after == pytest.approx(found.rows[0].before * found.rows[0].ratio)

    def test_what_stayed_is_neither_improved_nor_a_regression(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        for others in (1.3, 0.7):
            head = times(**dict.fromkeys(self.names, others) | {"a": 1.0})
            found = judge(base, head, Suite(), Policy())
            (stayed,) = [row for row in found.rows if row.key[0] == "b.time_a"]
            assert stayed.verdict in (Verdict.PASS, Verdict.NOT_SURE)
            assert not stayed.may_fail

    def test_a_faster_suite_passes(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        head = times(**dict.fromkeys(self.names, 0.7) | {"a": 1.0})
        assert judge(base, head, Suite(), Policy()).verdict is Verdict.PASS
        head = times(**dict.fromkeys(self.names, 0.7) | {"a": 1.06})
        assert judge(base, head, Suite(), Policy()).verdict is Verdict.WARN

    def test_the_suite_is_judged_by_the_strictest_rule(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        head = times(**dict.fromkeys(self.names, 1.049))
        text = "[[rule]]\nmatch='time_c'\nwarn=1\nfail=1.5"
        strict = parse_policy(text, "p", datetime.date(2029, 1, 1))
        assert judge(base, head, Suite(), Policy()).shift.verdict is Verdict.PASS
        assert judge(base, head, Suite(), strict).shift.verdict is Verdict.FAIL

    def test_a_machine_that_usually_moves_as_much_raises_no_alarm(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        head = times(**dict.fromkeys(self.names, 1.3))
        usual = Past(shift_noise=0.08)
        assert judge(base, head, Suite(), Policy(), usual).shift.verdict is Verdict.PASS
        assert judge(base, head, Suite(), Policy(), Past(shift_noise=0.05)).shift.verdict in (
            Verdict.WARN, Verdict.FAIL,
        )  # fmt: skip

    def test_few_benchmarks_make_no_suite(self):
        few = judge(times(a=1, b=1, c=1), times(a=1.3, b=1.3, c=1.3), Suite(), Policy())
        assert few.shift is None
        assert [row.verdict for row in few.rows] == [Verdict.FAIL] * 3

    def test_a_small_shift_is_left_alone(self):
        base = times(**dict.fromkeys(self.names, 1.0))
        small = judge(base, times(**dict.fromkeys(self.names, 1.02)), Suite(), Policy())
        assert {row.verdict for row in small.rows} == {Verdict.PASS}
        assert small.shift.verdict is Verdict.PASS

    def test_a_benchmark_with_many_parameters_counts_once(self):
        def readings(value):
            many = {("b.time_many", (str(i),)): read(value) for i in range(50)}
            return side(times(**dict.fromkeys(self.names, 1.0)).readings | many)

        found = judge(readings(1.0), readings(1.3), Suite(), Policy())
        assert found.shift.verdict is Verdict.PASS
        assert sum(row.verdict is Verdict.FAIL for row in found.rows) == 50

    def test_memory_has_no_part_in_it(self):
        key = ("b.peakmem_x", ())
        base = side(times(**dict.fromkeys(self.names, 1.0)).readings | {key: read(100)})
        head = side(times(**dict.fromkeys(self.names, 1.3)).readings | {key: read(130)})
        rows = judge(base, head, Suite(), Policy()).rows
        assert [row.key[0] for row in rows if row.verdict is Verdict.FAIL] == ["b.peakmem_x"]

    def test_memory_alone_makes_none(self):
        base = side({(f"b.peakmem_{name}", ()): read(100) for name in self.names})
        head = side({(f"b.peakmem_{name}", ()): read(130) for name in self.names})
        found = judge(base, head, Suite(), Policy())
        assert found.shift is None
        assert {row.verdict for row in found.rows} == {Verdict.FAIL}

    def test_the_shift_is_exact(self):
        shift = Fraction("1.1")
        assert judge_one(read(1.0), read(1.05), shift=shift).verdict is Verdict.PASS
        assert judge_one(read(1.0), read(1.155), shift=shift).verdict is Verdict.NOT_SURE
        assert judge_one(read(1.0), read(1.1551), shift=shift).verdict is Verdict.WARN


class TestInTurn:
    """Base and head measured process by process in turn: nothing is subtracted."""

    names = "abcdefgh"

    @staticmethod
    def processes(**values):
        return side({
            (f"b.time_{name}", ()): read(value, *[(value,)] * 6) for name, value in values.items()
        })  # fmt: skip

    def judged(self, others, **values):
        base = self.processes(**dict.fromkeys(self.names, 1.0))
        head = self.processes(**dict.fromkeys(self.names, others) | values)
        return judge(base, head, Suite(), Policy(), interleaved=True)

    def test_every_row_of_a_slow_suite_fails(self):
        found = self.judged(1.3)
        assert {row.verdict for row in found.rows} == {Verdict.FAIL}
        assert found.shift.verdict is Verdict.FAIL

    def test_what_did_not_change_in_a_faster_suite_passes(self):
        found = self.judged(0.83, a=1.0)
        assert [row.verdict for row in found.rows if row.key[0] == "b.time_a"] == [Verdict.PASS]
        assert found.shift.verdict is Verdict.IMPROVED

    def test_the_mean_has_an_interval_by_whose_near_end_it_is_judged(self):
        found = self.judged(1.0, a=3.0)
        low, high = found.shift.interval
        assert low < found.shift.ratio < high
        assert found.shift.ratio == pytest.approx(3 ** (1 / 8))
        assert found.shift.verdict is Verdict.NOT_SURE
        assert not found.shift.may_fail

    def test_few_pairs_are_a_suspicion(self):
        base, slow, fast = (read(v, (v,), (v,)) for v in (1.0, 1.3, 0.7))
        row = judge_one(base, slow, interleaved=True)
        assert (row.verdict, row.may_fail) == (Verdict.NOT_SURE, True)
        assert judge_one(base, fast, interleaved=True).verdict is Verdict.PERHAPS_FASTER


class TestMemory:
    policy = Policy(memory_baseline="i.peakmem_import")

    @staticmethod
    def memory(value, baseline=100e6):
        return side({
            ("i.peakmem_import", ()): read(baseline), ("b.peakmem_x", ()): read(value),
            ("b.mem_x", ()): read(50.0),
        })  # fmt: skip

    def judged(self, before, after):
        rows = judge(self.memory(before), self.memory(after), Suite(), self.policy).rows
        return {row.key[0]: row for row in rows}["b.peakmem_x"]

    def test_the_import_is_subtracted(self):
        row = self.judged(110e6, 113e6)
        assert (row.verdict, row.before, row.after) == (Verdict.FAIL, 10e6, 13e6)
        assert (
            judge(self.memory(110e6), self.memory(113e6), Suite(), Policy()).verdict is Verdict.PASS
        )

    def test_the_noise_of_the_whole_does_not_count(self):
        assert self.judged(110e6, 112e6).verdict is Verdict.PASS
        assert self.judged(100e6, 101e6).verdict is Verdict.PASS
        assert self.judged(100e6, 103e6).verdict is Verdict.NOT_SURE  # from nothing at all

    def test_without_its_result_the_whole_is_judged_and_the_reader_is_told(self):
        sides = [side({("b.peakmem_x", ()): read(value)}) for value in (110e6, 113e6)]
        found = judge(*sides, Suite(), self.policy)
        assert found.rows[0].before == 110e6
        assert "i.peakmem_import has no result" in found.remarks[0]
        assert not judge(times(a=1), times(a=1), Suite(), self.policy).remarks


class TestPairs:
    def test_folders_and_addresses_do_not_part_a_benchmark(self):
        before = {
            ("b", ("PosixPath('/home/a/x.nc')",)): 1, ("b", ("PosixPath('/home/a/y.nc')",)): 2,
            ("c", ("<f at 0x7f1>",)): 3,
        }  # fmt: skip
        after = {
            ("b", ("PosixPath('/build/x.nc')",)): 1, ("b", ("PosixPath('/build/y.nc')",)): 2,
            ("c", ("<f at 0x9ab>",)): 3,
        }  # fmt: skip
        found = list(match(before, after))
        assert len(found) == 3
        assert all(old == new for _, old, new in found)

    def test_what_could_be_either_is_neither(self):
        before = {("b", ("'/a/x'",)): 1, ("b", ("'/b/x'",)): 2}
        after = {("b", ("'/c/x'",)): 3}
        assert [(old, new) for _, old, new in match(before, after)] == [
            (1, None),
            (2, None),
            (None, 3),
        ]
