import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from holdfast.data.bundle import Bundle, get_version_folder, read_current_version
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.data.ingest.publish import publish, staging
from holdfast.errors import BadBars, BundleError, UsageError


def bars_of(*closes, symbol="AAPL", start="2024-01-02"):
    """Bars on consecutive business days, all four prices equal."""
    days = pd.bdate_range(start, periods=len(closes))
    prices = {name: np.array(closes, dtype=float) for name in ("open", "high", "low", "close")}
    return pd.DataFrame({"symbol": symbol, "dt": days, **prices, "volume": 100.0})


def spoilt(column, value, row=1):
    bars = bars_of(10, 11, 12)
    bars[column] = bars[column].astype(object)
    bars.loc[row, column] = value
    return bars


BAD = {
    "a NaN price": (spoilt("close", float("nan")), "row 1, AAPL on 2024-01-03.*close is nan"),
    "an infinite price": (spoilt("open", float("inf")), "open is inf"),
    "a negative price": (spoilt("low", -1.0), "low is -1.0.*must be a finite number > 0"),
    "a price of zero": (spoilt("low", 0.0), "low is 0.0"),
    "a negative volume": (spoilt("volume", -1.0), "volume is -1.0.*>= 0"),
    "text for a price": (spoilt("close", "ten"), "close is 'ten', not a number"),
    "high below low": (spoilt("high", 10.5), "high 10.5 is below low 11.0"),
    "the same day twice": (spoilt("dt", pd.Timestamp("2024-01-02")), "second bar for the same"),
    "a missing symbol": (spoilt("symbol", None), "row 1, .*symbol is missing"),
    "a day without a session": (bars_of(10, start="2024-01-01"), "no session"),
    "a holiday among sessions": (bars_of(1, 2, 3, start="2023-12-29"), "no session on 2024-01-01"),
    "a time of day": (spoilt("dt", pd.Timestamp("2024-01-03 16:00")), "not a time of day"),
    "a missing time": (spoilt("dt", pd.NaT), "dt is missing"),
    "no date at all": (spoilt("dt", "soon"), "is not a date"),
    "no rows": (bars_of(), "no bars"),
    "no volume": (bars_of(10).drop(columns="volume"), "lack the column volume"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_bars_are_refused_with_the_row_and_nothing_is_written(case, tmp_path):
    bars, message = BAD[case]
    with pytest.raises(BadBars, match=re.compile(message, re.DOTALL)):
        write_bundle(tmp_path / "bundle", bars)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", BAD)
def test_a_bad_ingest_leaves_the_old_bundle_as_it_was(case, tmp_path):
    write_bundle(tmp_path / "bundle", bars_of(10, 11, 12))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(BadBars):
        write_bundle(tmp_path / "bundle", BAD[case][0])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("ratio", [0.5, 2.0, 2 / 3, 1.5, 0.1, 10.0])
def test_a_split_that_the_bars_contradict_is_refused(tmp_path, ratio):
    """What is upside down is found; what is right, or shows in no price, is taken."""
    day = "2024-01-04"

    def ingest(*closes):
        table = pd.DataFrame(
            [("AAPL", "split", day, ratio)], columns=["symbol", "kind", "date", "value"]
        )
        return write_bundle(tmp_path / "bundle", bars_of(*closes), adjustments=table)

    with pytest.raises(BadBars, match=rf"split of AAPL on {day}: .*-for-.* is upside down"):
        ingest(60, 60, 60 / ratio, 60 / ratio)
    assert not (tmp_path / "bundle").exists()
    assert ingest(60, 60, 60 * ratio, 60 * ratio)
    assert ingest(60, 60, 60.5, 59)


def test_unknown_calendar_and_frequency_are_named(tmp_path):
    with pytest.raises(BadBars, match="'XNOT'"):
        write_bundle(tmp_path / "bundle", bars_of(10), calendar="XNOT")
    with pytest.raises(UsageError, match="'hourly'; choose 'daily' or 'minute'"):
        write_bundle(tmp_path / "bundle", bars_of(10), "hourly")


def test_a_minute_outside_the_session_is_refused(tmp_path, minute_bars):
    bars = minute_bars.copy()
    bars.loc[0, "dt"] -= pd.Timedelta(minutes=1)
    with pytest.raises(BadBars, match="2023-11-20T14:31 to 2023-11-20T21:00 UTC"):
        write_bundle(tmp_path / "bundle", bars, "minute")


def test_the_same_bars_give_the_same_version_whatever_their_order(tmp_path, daily_bars):
    first = write_bundle(tmp_path / "one", daily_bars)
    by_day = daily_bars.sort_values(["dt", "symbol"], ascending=[True, False])
    assert write_bundle(tmp_path / "two", by_day) == first


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume", "symbol"])
def test_any_other_content_gives_another_version(tmp_path, column, daily_bars):
    first = write_bundle(tmp_path / "one", daily_bars)
    bars = daily_bars.copy()
    row = bars.index[-1]
    factor = {"low": 0.99, "high": 1.01}.get(column, 1.0001)
    if column == "symbol":
        bars["symbol"] = bars["symbol"].replace("A000", "B000")
    else:
        bars.loc[row, column] = bars.loc[row, column] * factor
    assert write_bundle(tmp_path / "two", bars) != first


def test_ingesting_again_makes_the_new_version_current_and_keeps_open_bundles(tmp_path):
    write_bundle(tmp_path, bars_of(10, 11, 12))
    with Bundle(tmp_path) as old:
        asset = old.assets.lookup_symbol("AAPL")
        write_bundle(tmp_path, bars_of(20, 21, 22, 23))
        assert old.bars("1d").window(asset, "close", 0, 3).tolist() == [10, 11, 12]
        with Bundle(tmp_path) as new:
            assert new.version == read_current_version(tmp_path) != old.version
            assert new.bars("1d").window(asset, "close", 0, 4).tolist() == [20, 21, 22, 23]


# One process has imported everything, and is forked for each case.
_KILLED = """
import os, signal, sys
import pandas as pd
import holdfast.data.ingest.write as ingest
import holdfast.data.ingest.publish as publish

bars = pd.read_pickle("bars.pickle")
ingest.build_sessions("XNYS", bars["dt"].min(), bars["dt"].max())  # a third of a second, once

def ingest_until(step, moment, path):
    module = ingest if hasattr(ingest, step) else publish
    real = getattr(module, step)

    def die(*args, **kwargs):
        if moment == "after":
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, step, die)
    ingest.write_bundle(path, bars)

for path in sys.argv[1:]:
    _, step, moment = path.split()
    child = os.fork()
    if not child:
        ingest_until(step, moment, path)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


_STEPS = ["_write_parquet", "_write_sqlite", "publish", "move_into_place", "point_to"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """What an ingest left that was killed, for each "existing step moment" a bundle's folder."""
    folder = tmp_path_factory.mktemp("killed")
    bars_of(20, 21, 22).to_pickle(folder / "bars.pickle")
    moments = [f"{step} {moment}" for step in _STEPS for moment in ("before", "after")]
    for moment in moments:
        write_bundle(folder / f"again {moment}", bars_of(10, 11, 12))
    cases = [f"{existing} {moment}" for existing in ("first", "again") for moment in moments]
    ran = subprocess.run(
        [sys.executable, "-c", _KILLED, *cases], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert ran.stdout.split() == [str(-signal.SIGKILL)] * len(cases)
    return folder


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", _STEPS)
@pytest.mark.parametrize("existing", ["first", "again"])
def test_a_process_killed_half_way_loses_nothing(killed, step, moment, existing):
    path = killed / f"{existing} {step} {moment}"
    published = step in ("publish", "point_to") and moment == "after"
    if existing == "again" or published:
        with Bundle(path) as bundle:
            asset = bundle.assets.lookup_symbol("AAPL")
            expected = [20, 21, 22] if published else [10, 11, 12]
            assert bundle.bars("1d").window(asset, "close", 0, 3).tolist() == expected
    else:
        with pytest.raises(BundleError, match="no bundle"):
            Bundle(path)
    for first in (20, 30):  # the same bars once more, and others
        write_bundle(path, bars_of(first, first + 1, first + 2))
        with Bundle(path) as bundle:
            asset = bundle.assets.lookup_symbol("AAPL")
            got = bundle.bars("1d").window(asset, "close", 0, 3).tolist()
            assert got == [first, first + 1, first + 2]


def test_stale_leftovers_are_swept_and_the_previous_version_is_kept(tmp_path):
    versions = [write_bundle(tmp_path, bars_of(price, price)) for price in (10, 20)]
    (tmp_path / ".staging-dead").mkdir()
    (tmp_path / ".CURRENT-12345").write_text("what a killed ingest left")
    for child in tmp_path.iterdir():
        os.utime(child, (0, 0))
    versions.append(write_bundle(tmp_path, bars_of(30, 30)))
    left = {child.name for child in tmp_path.iterdir()}
    assert left == {
        "CURRENT",
        *(get_version_folder(tmp_path, version).name for version in versions[1:]),
    }


def made(folder, *names):
    """Make files, old enough to be tidied away, and return all that is there."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"years of work on {name}")
    for child in folder.iterdir():
        os.utime(child, (0, 0))
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


STRANGERS = {
    "a thesis": ["thesis.txt"],
    "LevelDB": ["CURRENT", "MANIFEST-000001", "lost/000005.ldb"],
    "nothing but a CURRENT": ["CURRENT"],
    "a folder named like a version": ["CURRENT", "0123456789abcdef/photos"],
    "a file named like a folder of ours": ["CURRENT", ".staging-abc"],
}


@pytest.mark.parametrize("case", STRANGERS)
def test_a_folder_that_is_not_a_bundle_is_left_alone(tmp_path, case):
    before = made(tmp_path, *STRANGERS[case])
    with pytest.raises(BundleError, match="is not a bundle"):
        write_bundle(tmp_path, bars_of(10))
    assert made(tmp_path) == before


@pytest.mark.parametrize("text", ["", "MANIFEST-000001\n", "../x", "0" * 63, "0" * 65, "É" * 64])
def test_a_pointer_that_is_not_a_version_makes_no_bundle(tmp_path, text):
    write_bundle(tmp_path, bars_of(10))
    (tmp_path / "CURRENT").write_text(text)
    with pytest.raises(BundleError, match="is not a bundle, or it is damaged: its CURRENT"):
        Bundle(tmp_path)
    write_bundle(tmp_path, bars_of(10))
    with Bundle(tmp_path) as bundle:
        assert len(bundle.sessions) == 1


def test_what_someone_keeps_within_a_bundle_stays(tmp_path):
    names = ["notes/day", "0123456789abcdef/photos", ".CURRENT-old", "fedcba9876543210x/file"]
    for price in (10, 20, 30, 40):
        write_bundle(tmp_path, bars_of(price))
        made(tmp_path, *names)
    assert all((tmp_path / name).read_text() == f"years of work on {name}" for name in names)
    assert len(list(tmp_path.glob("*/manifest.json"))) == 2


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_umask_decides_who_may_read_a_bundle(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_bundle(tmp_path / "bundle", bars_of(10))
    finally:
        os.umask(before)
    for path in (tmp_path / "bundle", *(tmp_path / "bundle").rglob("*")):
        least = 0o755 if path.is_dir() else 0o644
        mode = path.stat().st_mode & 0o777
        assert mode & umask == 0 and mode & least == least & ~umask, path


def test_two_ingests_of_the_same_bars_at_once_are_one_version(tmp_path):
    write_bundle(tmp_path / "one", bars_of(10))
    with staging(tmp_path / "one") as late:
        (late / "manifest.json").write_text("{}")
        version = write_bundle(tmp_path / "one", bars_of(20))
        publish(tmp_path / "one", late, version)
    with Bundle(tmp_path / "one") as bundle:
        assert bundle.version == version
    assert not list((tmp_path / "one").glob(".*"))


def damaged(path, name, content):
    target = get_version_folder(path, read_current_version(path)) / name
    target.write_bytes(content)


def test_a_truncated_or_foreign_bundle_file_is_a_clear_error(tmp_path):
    write_bundle(tmp_path, bars_of(10, 11, 12))
    file = get_version_folder(tmp_path, read_current_version(tmp_path)) / "bars-1d.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with Bundle(tmp_path) as bundle, pytest.raises(BundleError, match="damaged or missing"):
        bundle.bars("1d")
    pd.DataFrame({"other": [1]}).to_parquet(file)
    with Bundle(tmp_path) as bundle, pytest.raises(BundleError, match="damaged or missing"):
        bundle.bars("1d")
    damaged(tmp_path, "assets.sqlite", b"not a database")
    with pytest.raises(BundleError, match=r"assets\.sqlite is damaged"):
        Bundle(tmp_path)
    damaged(tmp_path, "manifest.json", b"{")
    with pytest.raises(BundleError, match=r"manifest\.json is damaged"):
        Bundle(tmp_path)


@pytest.mark.parametrize("schema", [1, 99])
def test_a_bundle_of_another_schema_says_what_to_do(tmp_path, schema):
    version = write_bundle(tmp_path, bars_of(10))
    file = get_version_folder(tmp_path, version) / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": schema}))
    with pytest.raises(
        BundleError, match=rf"schema {schema}, .*reads schema 2 \(ingest .* again\)"
    ):
        Bundle(tmp_path)


def test_minute_bars_give_daily_bars(minute_bars, minute_bundle):
    days = minute_bars["dt"].dt.normalize()
    expected = minute_bars.groupby(["symbol", days]).agg(
        open=("open", "first"),
        high=("high", "max"),
        low=("low", "min"),
        close=("close", "last"),
        volume=("volume", "sum"),
    )
    with Bundle(minute_bundle) as bundle:
        daily = bundle.bars("1d")
        for asset in bundle.assets.retrieve_all():
            for field in expected.columns:
                got = daily.window(asset, field, 0, len(bundle.sessions))
                assert got.tolist() == expected.loc[asset.symbol, field].tolist()


def test_missing_dates_among_nullable_texts_are_named(tmp_path):
    bars = synthetic_bars(1, "2024-01-02", "2024-01-04", seed=1)
    bars["dt"] = pd.array(["2024-01-02", None, "2024-01-04"], dtype="string")
    with pytest.raises(BadBars, match=r"row 1, .* dt is missing"):
        write_bundle(tmp_path, bars)
    bars["dt"] = pd.array(["2024-01-02", None, "4.1.2024"], dtype="string")
    with pytest.raises(BadBars, match=r"row 2, .*day or month first"):
        write_bundle(tmp_path, bars)
