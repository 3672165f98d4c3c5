import gzip

import numpy as np
import pandas as pd
import pytest

from holdfast import run_algorithm
from holdfast.api import order, set_commission, set_slippage, symbol
from holdfast.data.ingest import write_bundle
from holdfast.data.ingest.sources import read_bars
from holdfast.errors import BadBars
from holdfast.finance.commission import NoCommission
from holdfast.finance.slippage import NoSlippage


@pytest.fixture
def csvdir(daily_bars, tmp_path):
    """Zipline's layout: a folder per frequency, a file per symbol."""
    folder = tmp_path / "csvs" / "daily"
    folder.mkdir(parents=True)
    for name, bars in daily_bars.groupby("symbol"):
        table = bars.drop(columns="symbol").rename(columns={"dt": "date"})
        table = table.assign(dividend=0.0, split=1.0).reset_index(drop=True)
        if name == "A001":
            table.loc[20, "dividend"] = 0.25
            table.loc[30, "split"] = 2.0
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder.parent


def test_a_csvdir_gives_bars_and_adjustments(csvdir, daily_bars):
    source = read_bars(csvdir, "daily")
    got = source.bars.assign(dt=pd.to_datetime(source.bars["dt"]).astype("datetime64[ns]"))
    pd.testing.assert_frame_equal(got, daily_bars, check_dtype=False)
    day = daily_bars[daily_bars["symbol"] == "A001"]["dt"].dt.strftime("%Y-%m-%d").tolist()
    assert source.adjustments[["symbol", "kind", "date", "value"]].to_numpy().tolist() == [
        ["A001", "split", day[30], 0.5],
        ["A001", "dividend", day[20], 0.25],
    ]


def test_a_csvdir_s_split_is_shares_per_share_as_in_zipline(tmp_path):
    """Ten shares at 100 become twenty at 50, and nobody gains or loses by it."""
    days = pd.bdate_range("2024-01-16", "2024-02-09")
    price = np.where(days < "2024-01-31", 100.0, 50.0)
    fields = dict.fromkeys(("open", "high", "low", "close"), price)
    split = np.where(days == "2024-01-31", 2.0, 1.0)
    table = pd.DataFrame({"date": days, **fields, "volume": 1e6, "dividend": 0.0, "split": split})
    (tmp_path / "csvs" / "daily").mkdir(parents=True)
    table.to_csv(tmp_path / "csvs" / "daily" / "AAA.csv", index=False)
    source = read_bars(tmp_path / "csvs", "daily")
    write_bundle(tmp_path / "bundle", source.bars, adjustments=source.adjustments)
    seen = []

    def initialize(context):
        set_commission(NoCommission())
        set_slippage(NoSlippage())

    def handle_data(context, data):
        if data.current_session == pd.Timestamp("2024-01-29"):
            order(symbol("AAA"), 10)
        seen.append(data.history(symbol("AAA"), "close", 3, "1d").iloc[0])

    perf = run_algorithm(
        start="2024-01-29", end="2024-02-02", initialize=initialize, handle_data=handle_data,
        bundle=tmp_path / "bundle", capital_base=100_000,
    )  # fmt: skip
    assert [day[0]["amount"] if day else 0 for day in perf["positions"]] == [0, 10, 20, 20, 20]
    assert perf["portfolio_value"].tolist() == [100_000] * 5
    assert seen == [100, 100, 50, 50, 50]


def test_one_long_file_will_do_whatever_its_kind(daily_bars, tmp_path):
    daily_bars.to_parquet(tmp_path / "bars.parquet")
    renamed = daily_bars.rename(columns={"symbol": "Ticker", "dt": "Date", "close": "CLOSE "})
    with gzip.open(tmp_path / "bars.csv.gz", "wt") as file:
        renamed.to_csv(file, index=False)
    for name in ("bars.parquet", "bars.csv.gz"):
        source = read_bars(tmp_path / name, "daily")
        assert source.adjustments is None
        assert source.bars["close"].tolist() == daily_bars["close"].tolist()
        assert source.bars["symbol"].tolist() == daily_bars["symbol"].tolist()


def test_what_cannot_be_read_is_named(daily_bars, tmp_path):
    with pytest.raises(BadBars, match="nothing at"):
        read_bars(tmp_path / "none", "daily")
    with pytest.raises(BadBars, match="no CSV or Parquet file"):
        read_bars(tmp_path, "daily")
    daily_bars.to_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    cut = tmp_path / "cut.parquet"
    for content in (whole[:-100], b"PAR1", b""):
        cut.write_bytes(content)
        with pytest.raises(BadBars, match=r"cut\.parquet cannot be read as parquet"):
            read_bars(cut, "daily")
    (tmp_path / "cut.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(BadBars, match=r"cut\.csv\.gz cannot be read as csv"):
        read_bars(tmp_path / "cut.csv.gz", "daily")
    (tmp_path / "foreign.csv").write_text("date,price\n2024-01-02,1\n")
    with pytest.raises(BadBars, match=r"foreign\.csv lacks the column open, high"):
        read_bars(tmp_path / "foreign.csv", "daily")
    head = "date,open,high,low,close,volume,split\n"
    for split in ("0", "-2", "inf", "two"):
        (tmp_path / "odd.csv").write_text(f"{head}2024-01-02,1,1,1,1,1,{split}\n")
        with pytest.raises(BadBars, match=r"split of odd on 2024-01-02 is .*new shares per old"):
            read_bars(tmp_path / "odd.csv", "daily")
    (tmp_path / "timeless.csv").write_text("price\n1\n")
    with pytest.raises(BadBars, match="no column for the time"):
        read_bars(tmp_path / "timeless.csv", "daily")
