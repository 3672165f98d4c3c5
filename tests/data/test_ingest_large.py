"""Tables larger than what an ingest may hold in memory ('make test-slow')."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from holdfast.data.bundle import Bundle
from holdfast.data.ingest.calendars import build_sessions

_CHILD = """
import sys
from pathlib import Path
from holdfast.cli import main

code = main(["ingest", sys.argv[1], "--bundle", sys.argv[2]])
status = Path("/proc/self/status").read_text()  # what was mapped before it began is not in it
print(status.split("VmHWM:")[1].split()[0])
sys.exit(code)
"""
_MOST_MB = 400


def closes(session, numbers):
    """What each asset costs at a session's end."""
    return 50.0 + (session * 7 + numbers * 13) % 1000 / 100


def write_by_day(path, n_assets, start, end, days_at_once=100):
    """Write bars as vendors deliver them, day after day and newest first; return the sessions."""
    sessions = build_sessions("XNYS", pd.Timestamp(start), pd.Timestamp(end))
    days = sessions.labels.astype("datetime64[us]")
    numbers = np.arange(n_assets)
    names = np.array([f"S{number:04d}" for number in numbers])
    writer = None
    for stop in range(len(days), 0, -days_at_once):
        rows = np.arange(max(0, stop - days_at_once), stop)[::-1]
        close = closes(rows[:, None], numbers[None, ::-1]).ravel()
        table = pa.table({
            "symbol": np.tile(names[::-1], len(rows)),
            "date": np.repeat(days[rows], n_assets),
            "open": close, "high": close + 0.5, "low": close - 0.5, "close": close,
            "volume": np.full(len(close), 10_000),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()
    return sessions


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("n_assets", "start", "n_bars"),
    [(800, "2015-01-02", 2_012_800), (5000, "2015-01-02", 12_580_000)],
)
def test_no_size_of_a_file_takes_more_memory(n_assets, start, n_bars, tmp_path):
    sessions = write_by_day(tmp_path / "bars.parquet", n_assets, start, "2024-12-31")
    assert len(sessions) * n_assets == n_bars
    command = [sys.executable, "-c", _CHILD, tmp_path / "bars.parquet", tmp_path / "bundle"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    said, peak = ran.stdout.splitlines()
    assert f"{n_bars:,} bars of {n_assets} assets" in said
    assert int(peak) / 1024 <= _MOST_MB
    with Bundle(tmp_path / "bundle") as bundle:
        stored = bundle.bars("1d")
        for number in (0, n_assets // 2, n_assets - 1):
            asset = bundle.assets.lookup_symbol(f"S{number:04d}")
            got = stored.window(asset, "close", 0, len(sessions))
            assert got.tolist() == closes(np.arange(len(sessions)), number).tolist()
