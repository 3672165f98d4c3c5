"""Bars are read, checked, sorted and written in batches: the bundle and the errors are one."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.data.bundle import Bundle
from holdfast.data.ingest import open_bars, synthetic_bars, write_bundle
from holdfast.data.ingest.batches import ParquetBatches
from holdfast.data.ingest.spool import CHUNK, Spool
from holdfast.errors import BadBars
from holdfast.run import run_algorithm

#: Of `counted_bars`, as written by the commit that held every bar in memory.
DAILY = "2963783b3b6136cd74015c3eeeb39b816fa5368706709de9fb135cc2a6f9750e"
MINUTE = "b9e55031a6973d60c471c9b61f4ff9fafea6e615f33abfda81712cacbca4dfc0"


def counted_bars(n_assets, start, end, frequency="daily"):
    """Prices that count up: the same to the last bit on any machine."""
    bars = synthetic_bars(n_assets, start, end, frequency)
    number = np.arange(len(bars)) % 1009
    low = 10.0 + number
    prices = {"open": low + 0.5, "high": low + 1, "low": low, "close": low + 0.25}
    return bars.assign(**prices, volume=100.0 + number)


@pytest.fixture(scope="module")
def long_bars():
    """Minutes of two assets, more than are held at once."""
    bars = counted_bars(2, "2024-01-02", "2024-12-31", "minute")
    assert len(bars) > CHUNK
    return bars


def shuffled(bars, seed=0):
    return bars.sample(frac=1, random_state=seed, ignore_index=True)


def ingest_parquet(bars, folder, frequency="daily", **options):
    bars.to_parquet(folder / "bars.parquet", index=False, **options)
    source = open_bars(folder / "bars.parquet", frequency)
    assert isinstance(source.bars, ParquetBatches)
    return write_bundle(folder / "bundle", source.bars, frequency, adjustments=source.adjustments)


def test_versions_are_those_of_earlier_commits(tmp_path, long_bars):
    daily = counted_bars(3, "2023-01-03", "2023-12-29")
    assert write_bundle(tmp_path / "daily", daily) == DAILY
    assert write_bundle(tmp_path / "minute", long_bars, "minute") == MINUTE


def test_a_file_read_in_batches_is_the_frame_whatever_its_order(tmp_path, long_bars):
    assert ingest_parquet(shuffled(long_bars), tmp_path, "minute", row_group_size=50_000) == MINUTE
    backwards = long_bars.iloc[::-1]
    assert ingest_parquet(backwards, tmp_path, "minute") == MINUTE


@pytest.fixture(scope="module")
def ordered(tmp_path_factory):
    """Bars in order, and their version."""
    bars = counted_bars(3, "2024-01-02", "2024-01-11")
    return bars, write_bundle(tmp_path_factory.mktemp("ordered"), bars)


@settings(deadline=None, max_examples=12)
@given(order=st.permutations(range(24)), kind=st.sampled_from(["str", "category", "object"]))
def test_any_order_of_rows_is_sorted(order, kind, ordered, tmp_path_factory):
    mixed = ordered[0].iloc[list(order)].astype({"symbol": kind})
    assert write_bundle(tmp_path_factory.mktemp("any"), mixed) == ordered[1]


def written(folder):
    """The bytes of a bundle's tables."""
    return {path.name: path.read_bytes() for path in folder.glob("*/bars-*.parquet")}


def test_the_file_is_what_pyarrow_writes_of_a_whole_table(tmp_path, long_bars):
    write_bundle(tmp_path / "bundle", shuffled(long_bars), "minute")
    with Bundle(tmp_path / "bundle") as bundle:
        bars = bundle.bars("1m")
        moments = (bundle.sessions.minutes[bars.rows] * 60_000_000).astype("datetime64[us]")
    columns = {
        "sid": pa.array(bars.sids),
        "dt": pa.array(moments, pa.timestamp("us", tz="UTC")),
        **{name: pa.array(column) for name, column in bars.columns.items()},
    }
    options = {"compression": "lz4", "use_dictionary": ["sid"], "write_page_checksum": True}
    pq.write_table(pa.table(columns), tmp_path / "whole.parquet", **options)
    whole = (tmp_path / "whole.parquet").read_bytes()
    assert written(tmp_path / "bundle")["bars-1m.parquet"] == whole


FAR = CHUNK + 5
SATURDAY = pd.Timestamp("2024-01-06 15:00")

#: Cells that are changed, and the error; a time that is a number is that of another row.
WRONG = {
    "one check in two batches": (
        {(3, "close"): -1.0, (FAR, "close"): -2.0},
        r"row 3, A000 .*close is -1.0.*\(1 more row is",
    ),
    "an earlier check in a later batch": (
        {(3, "volume"): -1.0, (FAR, "close"): -2.0},
        rf"row {FAR}, A001 .*close is -2.0[^(]*\(leave [^(]*$",
    ),
    "bars that come twice": (
        {(4, "dt"): 3, (FAR, "dt"): FAR - 1},
        r"row 4, A000 .*second bar for .*\(1 more row is",
    ),
    "a bar off the calendar, and one that comes twice": (
        {(9, "dt"): SATURDAY, (FAR, "dt"): FAR - 1},
        f"row {FAR}, A001 .*second bar",
    ),
    "a bar off the calendar": ({(9, "dt"): SATURDAY}, "row 9, A000 .*no session on 2024-01-06"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("first_symbol", ["A000", "Z000"])
def test_faults_of_all_batches_are_one_error(case, first_symbol, tmp_path, long_bars):
    """The first row is that of the input, also where every bar is moved to another place."""
    changes, expected = WRONG[case]
    bars = long_bars.copy()
    for (row, column), value in changes.items():
        bars.loc[row, column] = bars["dt"][value] if isinstance(value, int) else value
    bars["symbol"] = bars["symbol"].replace("A000", first_symbol)
    expected = expected.replace("A000", first_symbol)
    with pytest.raises(BadBars, match=re.compile(expected, re.DOTALL)):
        ingest_parquet(bars, tmp_path, "minute")
    assert [path.name for path in tmp_path.iterdir()] == ["bars.parquet"]


def test_what_cannot_be_read_in_batches_is_read_at_once(tmp_path):
    bars = counted_bars(3, "2023-01-03", "2023-12-29")
    bars.assign(dt=bars["dt"].dt.strftime("%Y-%m-%d")).to_parquet(tmp_path / "texts.parquet")
    bars.to_csv(tmp_path / "bars.csv", index=False)
    for name in ("texts.parquet", "bars.csv"):
        source = open_bars(tmp_path / name, "daily")
        assert not isinstance(source.bars, ParquetBatches)
        assert write_bundle(tmp_path / "bundle", source.bars) == DAILY


def test_a_folder_of_parquet_files_names_the_symbols_and_gives_adjustments(tmp_path):
    bars = counted_bars(3, "2023-01-03", "2023-12-29")
    (tmp_path / "daily").mkdir()
    for name, part in bars.groupby("symbol"):
        columns = {"dt": "Day", "close": " CLOSE"}
        part = part.drop(columns="symbol").rename(columns=columns).assign(dividend=0.0)
        part.iloc[7, part.columns.get_loc("dividend")] = 0.5
        part.to_parquet(tmp_path / "daily" / f"{name}.parquet", index=False)
    source = open_bars(tmp_path, "daily")
    assert isinstance(source.bars, ParquetBatches)
    assert write_bundle(tmp_path / "bundle", source.bars) == DAILY
    assert source.adjustments["symbol"].tolist() == ["A000", "A001", "A002"]
    assert source.adjustments["value"].tolist() == [0.5] * 3
    part.iloc[5, part.columns.get_loc(" CLOSE")] = -1.0
    part.to_parquet(tmp_path / "daily" / "A002.parquet", index=False)
    with pytest.raises(BadBars, match=r"A002\.parquet, row 5, A002 on 2023-01-10.*:  CLOSE is -1"):
        write_bundle(tmp_path / "bundle", open_bars(tmp_path, "daily").bars)


def test_each_step_tells_how_far_it_is(tmp_path, long_bars):
    told = []
    write_bundle(tmp_path / "bundle", shuffled(long_bars), "minute", progress=told.append)
    total = f"{len(long_bars):,}"
    assert f"reading and checking bar {CHUNK:,} of {total}" in told
    assert f"sorting bar 0 of {total}" in told
    assert any(re.fullmatch(rf"placing bar \d\S+ of {total} on the calendar", one) for one in told)
    assert told[-1] == f"writing {total} bars"


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_a_spool_holds_what_was_put_in_it(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spool")
    values = np.array(data.draw(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1)), np.int32)
    places = np.array(data.draw(st.permutations(range(len(values)))))
    with Spool(folder, {"a": np.int32, "b": np.float64}) as spool, Spool(
        folder, {"a": np.int32}
    ) as placed:  # fmt: skip
        for part in np.array_split(values, data.draw(st.integers(1, 5))):
            spool.append({"a": part, "b": part / 3})
        assert np.concatenate(list(spool.read_chunks("b"))).tolist() == (values / 3).tolist()
        first = data.draw(st.integers(0, len(values)))
        assert spool.read("a", first, len(values)).tolist() == values[first:].tolist()
        placed.allocate(len(values))
        placed.put("a", places, values)
        assert placed.read("a", 0, len(values))[places].tolist() == values.tolist()
    assert list(folder.iterdir()) == []


def test_a_backtest_reads_a_bundle_of_any_order_alike(tmp_path):
    bars = counted_bars(3, "2023-01-03", "2023-12-29")
    perfs = []
    for name, order in (("sorted", bars), ("mixed", shuffled(bars))):
        write_bundle(tmp_path / name, order)
        perfs.append(run_algorithm("2023-02-01", "2023-03-31", bundle=tmp_path / name))
    pd.testing.assert_frame_equal(*perfs)
