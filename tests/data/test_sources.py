import gzip

import pandas as pd
import pytest

from holdfast.data.ingest.sources import read_bars
from holdfast.errors import BadBars


@pytest.fixture
def csvdir(daily_bars, tmp_path):
    """Zipline's layout: a folder per frequency, a file per symbol."""
    folder = tmp_path / "csvs" / "daily"
    folder.mkdir(parents=True)
    for symbol, bars in daily_bars.groupby("symbol"):
        table = bars.drop(columns="symbol").rename(columns={"dt": "date"})
        table = table.assign(dividend=0.0, split=1.0).reset_index(drop=True)
        if symbol == "A001":
            table.loc[20, "dividend"] = 0.25
            table.loc[30, "split"] = 0.5
        table.to_csv(folder / f"{symbol}.csv", index=False)
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
    (tmp_path / "timeless.csv").write_text("price\n1\n")
    with pytest.raises(BadBars, match="no column for the time"):
        read_bars(tmp_path / "timeless.csv", "daily")
