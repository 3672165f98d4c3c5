"""The command line as a user meets it: what it prints, and no traceback for a mistake."""

import json
from pathlib import Path

import pandas as pd
import pytest

from support.command_line import run_here as holdfast
from support.command_line import start

STRATEGY = """
from holdfast.api import order, record, symbol

def initialize(context):
    context.asset = symbol("A000")

def handle_data(context, data):
    order(context.asset, 1)
    record(price=data.current(context.asset, "price"))

def analyze(context, perf):
    print("analyzed", len(perf))
"""


@pytest.fixture
def strategy(tmp_path):
    path = tmp_path / "strategy.py"
    path.write_text(STRATEGY)
    return path


def test_from_files_to_an_answer(tmp_path, daily_bars, strategy):
    daily_bars.to_csv(tmp_path / "bars.csv", index=False)
    bundle = tmp_path / "bundle"
    made = holdfast("ingest", tmp_path / "bars.csv", "--bundle", bundle)
    assert made.returncode == 0, made.stderr
    assert "750 bars of 3 assets, version" in made.stdout
    dates = ("--bundle", bundle, "--start", "2023-02-01", "--end", "2023-02-28")
    ran = holdfast("run", strategy, *dates)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("analyzed 19\n")
    assert "transactions             18\n" in ran.stdout
    ran = start("run", strategy, *dates, "--json", "--output", tmp_path / "perf.csv")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["transactions"] == 18
    assert ran.stderr == "analyzed 19\n"
    perf = pd.read_csv(tmp_path / "perf.csv")
    assert len(perf) == 19 and "price" in perf.columns


def test_an_ingest_says_which_splits_it_took(tmp_path):
    folder = tmp_path / "csvs" / "daily"
    folder.mkdir(parents=True)
    rows = ["date,open,high,low,close,volume,dividend,split"]
    rows += [f"2024-01-{day},{p},{p},{p},{p},9,0,1" for day, p in ((29, 90), (30, 90))]
    (folder / "AAA.csv").write_text("\n".join([*rows, "2024-01-31,45,45,45,45,9,0,2", ""]))
    (folder / "BBB.csv").write_text("\n".join([*rows, "2024-01-31,60,60,60,60,9,0,1.5", ""]))
    made = holdfast("ingest", tmp_path / "csvs", "--bundle", tmp_path / "b")
    assert made.stdout.endswith("2 splits: AAA 2024-01-31 2-for-1, BBB 2024-01-31 3-for-2\n")
    (folder / "BBB.csv").unlink()
    made = holdfast("ingest", tmp_path / "csvs", "--bundle", tmp_path / "b")
    assert made.stdout.endswith("\n1 split: AAA 2024-01-31 2-for-1\n")
    (folder / "AAA.csv").write_text("\n".join([*rows, "2024-01-31,45,45,45,45,9,0,0.5", ""]))
    refused = holdfast("ingest", tmp_path / "csvs", "--bundle", tmp_path / "b")
    assert refused.returncode == 2 and "AAA on 2024-01-31: a 1-for-2 split" in refused.stderr


@pytest.mark.parametrize("ending", ["csv", "pickle", "parquet"])
def test_the_perf_frame_can_be_kept(tmp_path, daily_bundle, strategy, ending):
    dates = ("--bundle", daily_bundle, "--start", "2023-02-01", "--end", "2023-02-28")
    ran = holdfast("run", strategy, *dates, "--output", tmp_path / f"perf.{ending}")
    assert ran.returncode == 0, ran.stderr
    read = {"csv": pd.read_csv, "pickle": pd.read_pickle, "parquet": pd.read_parquet}[ending]
    assert len(read(tmp_path / f"perf.{ending}")) == 19
    assert {path.name for path in tmp_path.iterdir()} == {"strategy.py", f"perf.{ending}"}


def mistakes(tmp_path, bundle):
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("def initialize(context:\n")
    (tmp_path / "wrong.py").write_text(STRATEGY.replace("A000", "AAPL"))
    dates = ("--start", "2023-02-01", "--end", "2023-02-28")
    ok = ("--bundle", bundle, *dates)
    strategy = tmp_path / "strategy.py"
    return {
        "no bundle": (("run", strategy, "--bundle", tmp_path / "no", *dates), "no bundle at"),
        "no strategy": (("run", tmp_path / "no.py", *ok), "there is no strategy file"),
        "no functions": (("run", tmp_path / "empty.py", *ok), "defines none of initialize"),
        "no Python": (("run", tmp_path / "broken.py", *ok), "broken.py, line 1"),
        "no symbol": (("run", tmp_path / "wrong.py", *ok), "no asset 'AAPL'"),
        "no date": (("run", strategy, *ok, "--end", "x"), "end is 'x', which is not a date"),
        "outside": (("run", strategy, *ok, "--end", "2030-01-01"), "outside the bundle"),
        "no minutes": (("run", strategy, *ok, "--frequency", "minute"), "daily bars only"),
        "no format": (("run", strategy, *ok, "--output", "x.xls"), "must end in .csv"),
        "no bars": (("ingest", tmp_path / "no.csv", "--bundle", tmp_path / "b"), "nothing at"),
        "no option": (("run", strategy, *ok, "--colour"), "unrecognized arguments"),
        "no command": (("fly",), "there is no command 'fly'"),
    }


def test_a_mistake_is_told_without_a_traceback_and_exits_2(tmp_path, daily_bundle, strategy):
    for case, (args, message) in mistakes(tmp_path, daily_bundle).items():
        ran = holdfast(*args)
        assert ran.returncode == 2, case
        assert message in ran.stderr, case
        assert "Traceback" not in ran.stderr, case
        assert ran.stdout == "", case


@pytest.mark.parametrize("case", ["no symbol", "no option"])
def test_a_process_ends_with_the_same_code(tmp_path, daily_bundle, strategy, case):
    args, message = mistakes(tmp_path, daily_bundle)[case]
    ran = start(*args)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr and "Traceback" not in ran.stderr


def test_a_scenario_runs_on_a_market_made_at_the_command_line(tmp_path):
    dates = ("--start", "2025-06-02", "--end", "2025-06-06")
    market = ("--assets", "3", "--frequency", "minute", "--seed", "7", "--bundle", tmp_path / "b")
    made = holdfast("synthesize", *market, *dates)
    assert made.returncode == 0, made.stderr
    assert "5,850 bars of 3 assets" in made.stdout
    scenario = Path(__file__).parents[1] / "benchmarks" / "strategies" / "minute.py"
    late = ("--start", "2025-06-03", "--end", "2025-06-03", "--frequency", "minute")
    ran = holdfast("run", scenario, "--bundle", tmp_path / "b", *late, "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["transactions"] > 0
    again = holdfast("synthesize", *market, *dates)
    assert again.stdout == made.stdout
    backwards = ("--start", "2025-06-06", "--end", "2025-06-02")
    wrong = holdfast("synthesize", *market, *backwards)
    assert wrong.returncode == 2 and "is after end" in wrong.stderr


def test_a_date_that_may_be_two_is_refused_unless_its_format_is_named(tmp_path, strategy):
    rows = [f"AAA,{day:02}/01/2024,9,9,9,9,100" for day in (2, 3, 4, 5)]
    head = "symbol,date,open,high,low,close,volume"
    (tmp_path / "bars.csv").write_text("\n".join([head, *rows, ""]))
    splits = "symbol,kind,date,value\nAAA,split,04/01/2024,1.01\n"
    (tmp_path / "splits.csv").write_text(splits)
    ingest = ("ingest", tmp_path / "bars.csv", "--bundle", tmp_path / "b")
    refused = holdfast(*ingest)
    assert refused.returncode == 2 and "2024-01-31" in refused.stderr
    europe = ("--date-format", "%d/%m/%Y")
    made = holdfast(*ingest, "--adjustments", tmp_path / "splits.csv", *europe)
    assert "1 split: AAA 2024-01-04" in made.stdout, made.stderr
    (tmp_path / "aaa.py").write_text(STRATEGY.replace("A000", "AAA"))
    dates = ("--start", "02/01/2024", "--end", "05/01/2024")
    run = ("run", tmp_path / "aaa.py", "--bundle", tmp_path / "b", *dates)
    refused = holdfast(*run)
    assert refused.returncode == 2 and "not a date (such as '2024-01-31')" in refused.stderr
    ran = holdfast(*run, *europe)
    assert "first session            2024-01-02" in ran.stdout, ran.stderr
    wrong = holdfast(*run, "--date-format", "%Y/%m/%d")
    assert wrong.returncode == 2 and "--start is '02/01/2024'" in wrong.stderr
