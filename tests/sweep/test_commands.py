"""``holdfast sweep`` as a user meets it: one stdout for the result."""

import json
import os
import pty
import re
import subprocess
import sys
import termios

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.sweep import grid
from holdfast.sweep.ranges import parse_parameter
from support.command_line import run_here, start

STRATEGY = """
from holdfast.api import order_target, sid

def strategy(count, shares=100):
    def initialize(context):
        print("hello from", count)

    def handle_data(context, data):
        window = data.history(sid(0), "price", count, "1d", return_type="array")
        order_target(sid(0), shares if window[-1] > window.mean() else 0)

    return initialize, handle_data
"""
DATES = ("--start", "2023-03-01", "--end", "2023-05-31")


@pytest.fixture
def sweep(tmp_path, daily_bundle):
    path = tmp_path / "strategy.py"
    path.write_text(STRATEGY)

    def run(*args, by=run_here):
        command = ["sweep", path, "--bundle", daily_bundle, *DATES, "--workers", 1, *args]
        return by(*command, cwd=tmp_path)

    return run


PAIRS = ("--grid", "count=5:20:5", "--grid", "shares=100,200")


def test_the_best_rows_are_shown_and_all_are_kept(sweep, tmp_path):
    ran = sweep(
        *PAIRS, "--top", 3, "--csv", "rows.csv", "--resume", "rows.jsonl", "--workers", 2, by=start
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].split()[:3] == ["count", "shares", "sharpe"]
    assert len(lines) == 1 + 3 + 2 and lines[-1] == "8 backtests"
    assert "hello from 5" in ran.stderr  # never in the result
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert rows["count"].tolist() == [5, 5, 10, 10, 15, 15, 20, 20]
    best = rows.sort_values("sharpe", ascending=False)["count"].head(3)
    assert [int(line.split()[0]) for line in lines[1:4]] == best.tolist()
    again = sweep(*PAIRS, "--resume", "rows.jsonl", "--json")
    assert "hello" not in again.stderr
    document = json.loads(again.stdout)
    assert document["schema"] == 1
    for name in ("sharpe", "portfolio_value", "transactions", "shares"):
        assert [row[name] for row in document["rows"]] == rows[name].tolist()
    assert [row["error"] for row in document["rows"]] == [None] * 8


TABLES = """
from holdfast.api import set_commission
from holdfast.finance.commission import PerTrade

kind = "percent"

def initialize(context):
    set_commission(PerTrade(2.0))

def targets(prices, count):
    print("hello from", count)
    return (prices.close > prices.close.rolling(count).mean()) * 0.3
"""


def test_a_file_may_define_targets(sweep, tmp_path, daily_bundle):
    (tmp_path / "strategy.py").write_text(TABLES)
    ran = sweep("--grid", "count=5,10", "--json")
    assert ran.returncode == 0 and "hello from 10" in ran.stderr, ran.stderr
    names = {}
    exec(TABLES, names)
    options = {name: names[name] for name in ("targets", "initialize", "kind")}
    dates = {"start": DATES[1], "end": DATES[3], "bundle": daily_bundle, "workers": 1}
    expected = grid(params={"count": [5, 10]}, **options, **dates)
    rows = json.loads(ran.stdout)["rows"]
    for name in ("portfolio_value", "sharpe", "transactions"):
        assert [row[name] for row in rows] == expected[name].tolist()
    assert expected["transactions"].min() > 10
    (tmp_path / "strategy.py").write_text("targets = 5")
    assert "no function strategy, and no targets" in sweep("--grid", "count=5").stderr


def test_parts_are_shown_as_per_cent_and_kept_as_numbers(sweep, tmp_path):
    ran = sweep("--grid", "count=5", "--csv", "rows.csv")
    (row,) = pd.read_csv(tmp_path / "rows.csv").to_dict("records")
    assert f" {row['algorithm_period_return']:+.2%} " in ran.stdout
    assert f" {row['max_drawdown']:+.2%} " in ran.stdout
    walk = sweep("--grid", "count=5", "--walk-forward", "1", "--objective", "max_drawdown")
    assert len(re.findall(r"-\d+\.\d\d%", walk.stdout)) >= 2, walk.stdout


def test_a_name_that_the_strategy_records_is_an_objective(sweep, tmp_path):
    (tmp_path / "strategy.py").write_text(
        STRATEGY.replace("import order", "import record, order").replace(
            "        window =", "        record(edge=count)\n        window ="
        )
    )
    ran = sweep("--grid", "count=5,7", "--objective", "edge")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[1].split()[0] == "7"
    refused = sweep("--grid", "count=5,7", "--objective", "edges")
    assert refused.returncode == 2 and "hello from" not in refused.stderr


def test_one_row_per_test_window(sweep):
    ran = sweep("--grid", "count=5,20", "--walk-forward", 2, "--test-size", 10, "--json")
    assert ran.returncode == 0, ran.stderr
    first, second = json.loads(ran.stdout)["rows"]
    assert first["train_end"] < first["test_start"] <= first["test_end"] < second["test_start"]
    assert second["test_end"] == "2023-05-31"
    table = sweep("--grid", "count=5,20", "--walk-forward", 2, "--test-size", 10)
    assert table.stdout.endswith("2 windows\n")


def test_sets_that_fail_are_counted_and_nothing_at_all_exits_3(sweep):
    some = sweep("--grid", "count=5,400")
    assert some.returncode == 0, some.stderr
    assert "2 backtests, 1 of them failed" in some.stdout
    assert "HistoryWindowStartsBeforeData" in some.stdout
    none = sweep("--grid", "count=400")
    assert none.returncode == 3
    assert "no backtest was finished; the first one: HistoryWindow" in none.stderr


def test_a_picture_of_two_parameters(sweep, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib, an extra, is not installed")
    ran = sweep(*PAIRS, "--plot", "grid.png")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "grid.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in tmp_path.iterdir()} == {"strategy.py", "grid.png"}


def test_mistakes_are_told_without_a_traceback_and_exit_2(sweep, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"holdfast_sweep": 1, "bundle_version": "x"}\n')
    one = ("--grid", "count=5")
    cases = [
        (("--grid", "count=9:5"), "would have no value"),
        (("--grid", "5"), "is not like fast=5:50:5"),
        (("--grid", "count=1:2:x"), "is not a range like"),
        ((*one, *one), "names one parameter twice"),
        ((*one, "--plot", "x.png"), "a grid of two parameters"),
        ((*PAIRS, "--plot", "x.gif"), "must end in .png or .svg"),
        ((*one, "--csv", "no/x.csv"), "there is no folder"),
        ((*one, "--top", "0"), "--top is 0"),
        ((*one, "--walk-forward", "0"), "n_splits is 0"),
        ((*one, "--gap", "5"), "--gap needs --walk-forward"),
        ((*one, "--test-size", "5"), "--test-size needs --walk-forward"),
        ((*one, "--top", "3", "--json"), "--top does nothing here"),
        ((*one, "--objective", "sharp"), "did you mean sharpe?"),
        ((*one, "--resume", "rows.jsonl"), "belongs to another sweep"),
        ((*one, "--resume", "no/rows.jsonl"), "cannot be written"),
    ]
    for args, message in cases:
        ran = sweep(*args)
        assert ran.returncode == 2, args
        assert message in ran.stderr, args
        assert "Traceback" not in ran.stderr and ran.stdout == "", args


def test_without_matplotlib_a_picture_is_refused_before_the_sweep(sweep, tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise ImportError")
    ran = sweep(*PAIRS, "--plot", "grid.png", by=start)
    assert ran.returncode == 2
    assert "pip install 'asv-holdfast[plots]'" in ran.stderr and "hello" not in ran.stderr


def test_progress_is_drawn_on_a_terminal_only(tmp_path, daily_bundle, sweep):
    assert "backtest/s" not in sweep("--grid", "count=5:9", by=start).stderr
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "holdfast", "sweep", "strategy.py", *DATES, "--workers", "1"]
    command += ["--bundle", str(daily_bundle), "--grid", "count=5:9"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path)
    os.close(theirs)
    assert ran.returncode == 0 and b"backtest" in ran.stdout
    assert b"5/5" in os.read(ours, 100_000)
    os.close(ours)


def test_ranges_hold_their_last_value():
    assert parse_parameter("fast=5:50:15") == ("fast", [5, 20, 35, 50])
    assert parse_parameter("fast=5:7") == ("fast", [5, 6, 7])
    assert parse_parameter("fast=5:51:15") == ("fast", [5, 20, 35, 50])
    assert parse_parameter("x=0.1:0.5:0.1") == ("x", [0.1, 0.2, 0.3, 0.4, 0.5])
    assert parse_parameter("x=3:1:-1") == ("x", [3, 2, 1])
    assert parse_parameter("x=1,2.5, mean") == ("x", [1, 2.5, "mean"])


@given(st.integers(-50, 50), st.integers(1, 40), st.integers(1, 9), st.integers(0, 3))
def test_a_decimal_range_has_no_rounding_noise(first, count, step, places):
    scale = 10**places
    texts = [f"{number / scale:.{places}f}" for number in (first, first + step * (count - 1), step)]
    _, values = parse_parameter("x=" + ":".join(texts))
    assert values == [(first + step * number) / scale for number in range(count)]


def test_the_table_of_python_and_of_the_command_line_are_one(sweep, daily_bundle, tmp_path):
    names = {}
    exec(compile(STRATEGY.replace('print("hello from", count)', "pass"), "strategy", "exec"), names)
    table = grid(
        names["strategy"], {"count": [5, 6]}, bundle=daily_bundle, start=DATES[1], end=DATES[3],
        workers=1,
    )  # fmt: skip
    document = json.loads(sweep("--grid", "count=5:6", "--json").stdout)
    assert [row["sharpe"] for row in document["rows"]] == table["sharpe"].tolist()
