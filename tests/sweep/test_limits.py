"""A backtest of a sweep has limits: of time, and of what an investor could live through."""

import contextlib
import json
import threading
import time

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

from holdfast import run_algorithm
from holdfast.api import order_target_percent, set_slippage, symbol
from holdfast.errors import BacktestTimedOut, Implausible, UsageError
from holdfast.finance.plausibility import describe_implausible
from holdfast.finance.slippage import NoSlippage
from holdfast.layers import Layers
from holdfast.sweep import grid, walk_forward
from holdfast.sweep.time_limit import TimeUp, time_limit
from support.command_line import run_here, start

from .averages import DATES, averages

ENDLESS = ("loops", "sleeps", "swallows", "at once", "never")


@pytest.fixture(scope="module", autouse=True)
def _no_worker_outlives_the_tests():
    yield
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def endless(kind):
    initialize, handle_data = averages(2, 10)

    def forever(context, data):
        handle_data(context, data)
        if data.current_session < pd.Timestamp("2023-05-01"):
            return
        while kind == "loops":
            pass
        while kind == "sleeps":
            time.sleep(1000)
        while kind == "swallows":
            with contextlib.suppress(Exception):
                data.history(context.assets, "price", 10, "1d")

    while kind == "at once":
        pass
    return initialize, forever


def in_a_thread(function):
    """Run it where no signal arrives, as a cluster's worker may."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


@pytest.mark.parametrize("workers, here", [(1, "main"), (1, "thread"), (2, "main")])
def test_a_backtest_that_never_ends_costs_its_row_only(daily_bundle, workers, here):
    kinds = [kind for kind in ENDLESS if here == "main" or kind != "sleeps"]
    options = {"bundle": daily_bundle, "workers": workers, "timeout": 1.0, **DATES}

    def sweep():
        return grid(endless, {"kind": kinds}, **options)

    table = (in_a_thread(sweep) if here == "thread" else sweep()).set_index("kind")
    for kind in kinds[:-1]:
        assert table["error"][kind].startswith("BacktestTimedOut: no end after 1 s")
        assert pd.isna(table["sharpe"][kind])
    assert table["error"]["never"] is None
    # The caches of this process are as they were: the same answers as from none.
    plain = grid(endless, {"kind": ["never"]}, **(options | {"layers": Layers.NONE}))
    assert plain["sharpe"].tolist() == [table["sharpe"]["never"]]


def test_a_limit_can_end_the_sweep_and_holds_for_a_walk_forward(daily_bundle):
    options = {"bundle": daily_bundle, "workers": 1, "timeout": 0.3, **DATES}
    with pytest.raises(BacktestTimedOut, match=r"no end after 0\.3 s"):
        grid(endless, {"kind": ["loops"]}, errors="raise", **options)
    table = walk_forward(endless, {"kind": ["at once"]}, n_splits=2, **options)
    assert all("no end after 0.3 s" in error for error in table["error"])


@pytest.mark.parametrize("timeout", [0, -1.0, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(daily_bundle, timeout):
    with pytest.raises(UsageError, match=r"timeout is .* must be a finite number > 0"):
        grid(averages, {"fast": [1]}, bundle=daily_bundle, timeout=timeout, **DATES)


@pytest.mark.parametrize("run", [lambda work: work(), in_a_thread], ids=["main", "thread"])
def test_an_interruption_that_is_lost_comes_again(run):
    """As in a finalizer, whose exceptions Python drops."""

    def work():
        lost = 0
        with pytest.raises(TimeUp), time_limit(0.05):
            try:
                while True:
                    pass
            except TimeUp:
                lost += 1
            while True:
                pass
        return lost

    assert run(work) == 1


@pytest.mark.parametrize("run", [lambda work: work(), in_a_thread], ids=["main", "thread"])
def test_what_ends_in_time_is_not_interrupted_later(run):
    """The limit falls on every moment: within the context it may interrupt, behind it never."""

    def work():
        interrupted = 0
        for number in range(300):
            try:
                with time_limit(0.001):
                    sum(range(500 * (number % 100)))
            except TimeUp:
                interrupted += 1
            sum(range(2000))
        return interrupted

    assert run(work) < 300


def test_a_limit_at_the_command_line(daily_bundle, tmp_path):
    (tmp_path / "endless.py").write_text(
        "def strategy(number):\n    while number == 2:\n        pass\n"
        "    return (lambda context: None), (lambda context, data: None)\n"
    )
    dates = ["--bundle", daily_bundle, "--start", DATES["start"], "--end", DATES["end"]]
    sweep = ["sweep", tmp_path / "endless.py", "--grid", "number=1:3", "--json", *dates]
    ran = run_here(*sweep, "--timeout", "1", "--workers", "1")
    assert ran.returncode == 0, ran.stderr
    errors = [row["error"] for row in json.loads(ran.stdout)["rows"]]
    assert [error is None for error in errors] == [True, False, True]


def levered(percent):
    def initialize(context):
        set_slippage(NoSlippage())
        context.asset = symbol("A000")

    def handle_data(context, data):
        order_target_percent(context.asset, percent)

    return initialize, handle_data


def test_a_row_says_what_no_investor_could_live_through(daily_bundle):
    options = {"bundle": daily_bundle, "workers": 1, **DATES}
    table = grid(levered, {"percent": [0.5, 30.0, -60.0]}, **options)
    assert table["error"].isna().all()
    assert table["warning"][0] is None and table["max_leverage"][0] < 1
    # Ordered on the first day, filled on the second.
    assert table["warning"][1].startswith("gross leverage passed 10 on 2023-03-02 (at most ")
    assert table["max_leverage"][1] > 10
    assert "the portfolio fell to -" in table["warning"][2]
    with pytest.raises(Implausible, match=r"gross leverage passed 10 on 2023-03-02"):
        grid(levered, {"percent": [30.0]}, errors="raise", **options)
    fine = grid(levered, {"percent": [0.5]}, errors="raise", **options)
    assert fine["warning"].tolist() == [None]


def test_the_day_is_the_first_of_its_kind():
    days = np.arange("2024-01-02", "2024-01-07", dtype="datetime64[D]")
    value = np.array([1.0, 1.0, 1.0, 0.0, -5.0])
    leverage = np.array([0.0, 10.0, 11.0, np.inf, -3.0])
    assert describe_implausible(value, leverage, days) == (
        "gross leverage passed 10 on 2024-01-04 (at most 11.0: does it order again while an "
        "order is open?); the portfolio fell to 0 on 2024-01-05"
    )
    assert describe_implausible(value[:2], leverage[:2], days[:2]) is None


def test_a_run_says_so_too(daily_bundle, caplog):
    initialize, handle_data = levered(30.0)
    functions = {"initialize": initialize, "handle_data": handle_data}
    perf = run_algorithm(bundle=daily_bundle, **functions, **DATES)
    assert perf["max_leverage"].iloc[-1] > 10
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith("gross leverage passed 10 on 2023-03-02 (")


def test_the_command_line_says_so_on_stderr(daily_bundle, tmp_path):
    (tmp_path / "levered.py").write_text(
        "from holdfast.api import order_target_percent, set_slippage, symbol\n"
        "from holdfast.finance.slippage import NoSlippage\n"
        "def initialize(context):\n    set_slippage(NoSlippage())\n"
        "def handle_data(context, data):\n    order_target_percent(symbol('A000'), 30)\n"
    )
    dates = ["--bundle", daily_bundle, "--start", DATES["start"], "--end", DATES["end"]]
    ran = start("run", tmp_path / "levered.py", *dates, "--json")
    assert ran.returncode == 0
    assert ran.stderr.startswith("gross leverage passed 10 on 2023-03-02")
    assert json.loads(ran.stdout)["max_leverage"] > 10
