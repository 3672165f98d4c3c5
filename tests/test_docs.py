"""What the documentation's pages tell a reader to type works."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from holdfast import grid, run_algorithm
from holdfast.data.bundle import Bundle

DOCS = Path(__file__).parents[1] / "docs"


def blocks(page, language):
    """Return the code blocks of a page."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def first_with(page, language, text):
    return next(block for block in blocks(page, language) if text in block)


def command(line, cwd):
    words = [sys.executable, "-m", *shlex.split(line.removeprefix("$ "))]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, env={**os.environ})


def test_getting_started_from_the_market_to_the_report(tmp_path):
    made, printed = first_with("getting-started.md", "console", "synthesize").splitlines()
    assert command(made, tmp_path).stdout.strip() == printed
    strategy = first_with("getting-started.md", "python", "# crossover.py")
    (tmp_path / "crossover.py").write_text(strategy)
    done = command(first_with("getting-started.md", "console", "--report").strip(), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "sharpe" in done.stdout
    assert (tmp_path / "report.html").is_file()


def test_a_table_of_holdings_is_the_handle_data_that_it_stands_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(first_with("getting-started.md", "python", "run_targets"), names)
    weights = names["weights"]

    def handle_data(context, data):
        for name, weight in weights.loc[data.current_session].items():
            context.order_target_percent(context.symbol(name), weight)

    dates = {"start": "2024-01-02", "end": "2024-06-28", "capital_base": 100_000}
    perf = run_algorithm(handle_data=handle_data, bundle="stocks", **dates)
    pd.testing.assert_frame_equal(names["perf"], perf, check_exact=True)
    assert perf["gross_leverage"].iloc[-1] == pytest.approx(1, abs=0.01)


def test_a_sweep_of_tables_gives_what_order_target_gives(daily_bundle, daily_bars):
    closes = daily_bars.pivot(index="dt", columns="symbol", values="close")
    names = {}
    exec(first_with("sweeps.md", "python", "# tables.py"), names)

    def strategy(fast, slow):
        def handle_data(context, data):
            prices = closes.loc[: data.current_session]
            for name in closes:
                rising = prices[name].iloc[-fast:].mean() > prices[name].iloc[-slow:].mean()
                context.order_target(context.symbol(name), 100 * rising)

        return lambda context: None, handle_data

    options = {"bundle": daily_bundle, "start": "2023-03-01", "end": "2023-05-31", "workers": 1}
    parameters = {"fast": [3, 5], "slow": [20]}
    table = grid(params=parameters, targets=names["targets"], **options)
    assert table["error"].tolist() == [None, None]
    assert table["transactions"].min() > 0
    pd.testing.assert_frame_equal(table, grid(strategy, parameters, **options), check_exact=True)


def test_a_yfinance_frame_becomes_a_bundle(tmp_path, monkeypatch):
    days = pd.bdate_range("2024-03-04", periods=3, name="Date")
    fields = ["Adj Close", "Close", "High", "Low", "Open", "Volume"]
    columns = pd.MultiIndex.from_product([fields, ["AAPL", "MSFT"]], names=["Price", "Ticker"])
    frame = pd.DataFrame(np.full((3, 12), 10.0), days, columns)
    frame.loc[days[1], (slice(None), "MSFT")] = np.nan  # it did not trade
    monkeypatch.chdir(tmp_path)
    exec(first_with("data.md", "python", "write_bundle"), {"frame": frame})
    with Bundle(tmp_path / "stocks") as bundle:
        assert [asset.symbol for asset in bundle.assets.retrieve_all()] == ["AAPL", "MSFT"]
        assert len(bundle.bars("1d").rows) == 5


def test_the_tear_sheets_recipes_give_what_they_ask_for(daily_bundle):
    def handle_data(context, data):
        context.order_target(context.symbol("A000"), 100)

    perf = run_algorithm(
        start="2023-02-01", end="2023-02-28", handle_data=handle_data, bundle=daily_bundle
    )
    names = {"perf": perf}
    for block in blocks("reports.md", "python"):
        exec(block, names)
    assert names["returns"].index.tz is None
    assert names["positions"].columns.tolist() == ["A000", "cash"]
    assert names["positions"].sum(axis=1).to_numpy() == pytest.approx(perf["portfolio_value"])
    assert names["transactions"]["amount"].tolist() == [100]
