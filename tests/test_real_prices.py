"""Real daily prices, from a public sample: the documented strategy, end to end."""

from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from holdfast import run_algorithm
from holdfast.api import order_target, symbol
from holdfast.data.ingest import write_bundle
from holdfast.data.ingest.sources import read_bars
from support.command_line import run_here

STOCKS = Path(str(resources.files("bokeh_sampledata"))) / "_data" / "stocks.csv.gz"
SPLITS = pd.DataFrame(
    [("AAPL", "2000-06-21"), ("AAPL", "2005-02-28"), ("MSFT", "2003-02-18")],
    columns=["symbol", "date"],
).assign(kind="split", value=0.5)


@pytest.fixture(scope="module")
def stocks(tmp_path_factory):
    path = tmp_path_factory.mktemp("stocks") / "bundle"
    write_bundle(path, read_bars(STOCKS, "daily").bars, adjustments=SPLITS)
    return path


def test_a_crossover_over_real_prices_agrees_with_pandas(stocks):
    """Trades, and the value at the end, computed a second time from the raw table."""

    def handle_data(context, data):
        asset = symbol("IBM")
        closes = data.history(asset, "close", 200, "1d")
        order_target(asset, 100 if closes.iloc[-50:].mean() > closes.mean() else 0)

    perf = run_algorithm(
        start="2001-01-02", end="2012-12-31", handle_data=handle_data, bundle=stocks
    )
    fills = [done for day in perf["transactions"] for done in day]

    table = read_bars(STOCKS, "daily").bars
    close = table[table["symbol"] == "IBM"].set_index("dt")["close"]
    close.index = pd.DatetimeIndex(close.index)
    wanted = (close.rolling(50).mean() > close.rolling(200).mean())["2001-01-02":"2012-12-31"]
    filled = wanted.astype(int).shift(1, fill_value=0)  # an order fills one bar later
    changes = filled.diff().fillna(filled.iloc[0])
    expected = changes[changes != 0]
    assert [fill["dt"].date() for fill in fills] == [day.date() for day in expected.index]
    assert [fill["amount"] for fill in fills] == (100 * expected).tolist()
    slipped = close[expected.index] * (1 + 0.0005 * expected)
    assert [fill["price"] for fill in fills] == pytest.approx(slipped.tolist())
    cash = 1e7 - (100 * expected * slipped).sum() - 0.001 * 100 * len(expected)
    assert perf["ending_cash"].iloc[-1] == pytest.approx(cash)
    value = cash + 100 * filled.iloc[-1] * close["2012-12-31"]
    assert perf["portfolio_value"].iloc[-1] == pytest.approx(value)


def test_a_split_is_no_crash(stocks):
    """Apple halved its price on 2005-02-28: nobody lost money, and no window shows a cliff."""
    seen = {}

    def handle_data(context, data):
        if not context.portfolio.positions:
            order_target(symbol("AAPL"), 100)
        seen[data.current_session] = data.history(symbol("AAPL"), "close", 2, "1d")

    perf = run_algorithm(
        start="2005-02-22", end="2005-03-04", handle_data=handle_data, bundle=stocks
    )
    day = perf.loc["2005-02-28"].iloc[0]
    assert day["positions"][0]["amount"] == 200
    assert abs(day["returns"]) < 0.01
    window = seen[pd.Timestamp("2005-02-28")]
    assert window.iloc[0] == pytest.approx(88.99 / 2)
    assert seen[pd.Timestamp("2005-02-25")].iloc[-1] == pytest.approx(88.99)


def test_the_documented_strategy_runs_as_printed(tmp_path):
    root = Path(__file__).parents[1]
    page = (root / "docs" / "real-prices.md").read_text()
    block = page.split("```python\n# crossover.py\n")[1].split("```")[0]
    table = page.split("<<EOF\n")[1].split("EOF")[0]
    assert len(block.strip().splitlines()) <= 20
    (tmp_path / "crossover.py").write_text(block)
    (tmp_path / "splits.csv").write_text(table)
    ingest = ("ingest", STOCKS, "--bundle", "stocks", "--adjustments", "splits.csv")
    run = ("run", "crossover.py", "--bundle", "stocks", "--start", "2001-01-02")
    made = run_here(*ingest, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    ran = run_here(*run, "--end", "2012-12-31", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout in page
    summary = ran.stdout[ran.stdout.index("first session") :]
    assert summary in (root / "README.md").read_text()
