"""The comparison with other engines, without them: what Holdfast itself runs there."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from benchmarks.scenarios import DAILY, SCENARIOS, fingerprint
from benchmarks.strategies import daily
from comparison.books import find_difference
from comparison.goals import NUMBERS, POLICY, POOLS, check_goals
from comparison.roster import ENGINES
from comparison.strategies import sweep_statistic, sweep_windows
from comparison.table import Row, judge_agreement, list_disagreements

from holdfast.gate.core.policy_file import parse_policy

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("way", [sweep_windows, sweep_statistic])
def test_with_the_windows_of_the_daily_scenario_a_sweep_trades_as_it_does(tmp_path, way):
    bundle = DAILY.write_market(tmp_path)
    initialize, handle_data = way.strategy(daily.FAST, daily.SLOW)
    swept = SimpleNamespace(initialize=initialize, handle_data=handle_data)
    perf = replace(DAILY, strategy=swept).run(bundle, "full")
    assert perf["transactions"].map(len).sum() > 10
    assert fingerprint(perf) == fingerprint(DAILY.run(bundle, "full"))


def test_a_sweep_is_measured_in_a_process_of_its_own(tmp_path):
    stored = tmp_path / "measured.json"
    command = [sys.executable, "-m", "comparison", "sweep", "--runs", "1", "--json", stored]
    command += ["--engines", "holdfast-tables,holdfast-statistic", "--once-over", "0"]
    command += ["--grid", "fast=5,10", "--grid", "slow=60"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(stored.read_text())["rows"]
    assert (first["agrees"], second["agrees"]) == ("reference", "yes")
    (sample,) = second["samples"]
    assert sample["total"] > sample["run"] > 0 and sample["trades"] > 10
    assert sample["again"] is None and "| holdfast-statistic |" in done.stdout


BOOKS = {
    "fills": [["2024-08-02", "A001", 100, 12.34], ["2024-08-05", "A001", -100, 12.5]],
    "values": {"2024-08-02": 1e6, "2024-08-05": 1_000_016.0},
}


def measured(engine, **changes):
    sums = {"run": 1.0, "total": 1.0, "rss": 1.0, "trades": 2, "equity": 1_000_016.0}
    return Row("daily", engine, [sums | BOOKS | changes])


@pytest.mark.parametrize(("changes", "said"), [
    ({"fills": [["2024-08-02", "A001", 100, 12.35], BOOKS["fills"][1]]},
     "fill 2024-08-02 A001 +100 at 12.35 is 2024-08-02 A001 +100 at 12.34 there"),
    ({"fills": BOOKS["fills"][:1]}, "1 fills are 2 there"),
    ({"values": BOOKS["values"] | {"2024-08-02": 999_999.99}},
     "the equity of 2024-08-02, 999999.99, is 1000000.0 there"),
])  # fmt: skip
def test_a_cent_is_told_although_trades_and_final_equity_agree(changes, said):
    rows = [measured("zipline"), measured("bt", **changes), measured("backtrader", fills=[])]
    judge_agreement(rows)
    assert [row.agrees for row in rows] == ["reference", "NO", "trades"]
    assert list_disagreements(rows) == [f"daily: bt differs from the reference ({said})"]


def test_equal_books_do_not_differ():
    rows = [measured("zipline"), measured("bt")]
    judge_agreement(rows)
    assert rows[1].agrees == "yes" and not list_disagreements(rows)
    assert find_difference(BOOKS, BOOKS) == ""


def timed(scenario, engine, run, again):
    return Row(scenario, engine, [{"run": run, "again": again, "total": 0.5 + run}])


def test_the_goals_are_the_rows_of_the_policy():
    rows = [
        timed("daily", "holdfast-targets", 0.02, 0.008), timed("daily", "vectorbt", 0.01, 0.0101),
        timed("daily", "holdfast-array", 0.0101, None), timed("daily", "bt", 0.012, None),
    ]  # fmt: skip
    goals = {goal.what: goal for goal in check_goals(rows, {})}
    assert all(goal.scenario == "daily" for goal in goals.values())
    warm = goals["daily: run_targets in 0.8 of the time of vectorbt, both warm"]
    assert (warm.met, warm.wanted, warm.measured) == (True, ">= 20.00% less", "20.79%")
    assert goals["daily: on arrays ahead of the fastest peer"].met is False
    assert goals["daily: the unchanged strategy ahead of backtrader"].met is None
    assert goals["daily: import, load and run"].met is True


@pytest.mark.parametrize(("second", "met"), [(0.08, True), (0.09, False)])
def test_in_a_sweep_the_fastest_of_holdfast_counts(second, met):
    rows = [
        timed("sweep", "holdfast-windows", 1.0, 0.7), timed("sweep", "vectorbt", 0.4, 0.1),
        timed("sweep", "holdfast-statistic", 0.5, second),
    ]  # fmt: skip
    again = "sweep: the second one in 0.8 of the time of vectorbt"
    assert {goal.what: goal.met for goal in check_goals(rows, {})}[again] is met


def test_a_goal_names_what_is_measured():
    """A row that no run could meet would be 'not measured' for ever."""
    for target in parse_policy(POLICY.read_text(), POLICY.name, date.today()).targets:
        scenario, number = target.benchmark.split(".")
        assert scenario in (*SCENARIOS, "sweep", "ledgers"), target
        assert number in (*NUMBERS, "decimal_over_float"), target
        for engine in (*target.off, *target.on, *target.params):
            assert engine in (*ENGINES, *POOLS), target
