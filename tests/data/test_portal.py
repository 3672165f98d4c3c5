"""The portal against a second, slow reading of the same bars with pandas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.data.bar_data import BarData
from holdfast.data.bundle import Bundle
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.data.plain_portal import PlainPortal
from holdfast.data.portal import FIELDS, Window
from holdfast.errors import HistoryWindowStartsBeforeData, UsageError

N_SESSIONS = 30


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """Bars with holes, an asset that starts late, one that ends early, and adjustments."""
    bars = synthetic_bars(4, "2023-01-03", "2023-02-14", seed=3)
    keep = np.random.default_rng(0).random(len(bars)) > 0.3
    keep |= bars["symbol"] == "A000"
    late = (bars["symbol"] == "A001") & (bars["dt"] < "2023-01-18")
    early = (bars["symbol"] == "A002") & (bars["dt"] > "2023-01-27")
    bars = bars[keep & ~late & ~early].reset_index(drop=True)
    adjustments = pd.DataFrame(
        [
            ("A000", "split", "2023-01-20", 0.5),
            ("A000", "dividend", "2023-01-25", 0.75),
            ("A003", "split", "2023-02-01", 4.0),
        ],
        columns=["symbol", "kind", "date", "value"],
    )
    path = tmp_path_factory.mktemp("gaps") / "bundle"
    write_bundle(path, bars, adjustments=adjustments)
    with Bundle(path) as bundle:
        portal = PlainPortal({"1d": bundle.bars("1d")}, bundle.sessions, bundle.adjustments)
        assets = bundle.assets.retrieve_all()
    return portal, assets, bars, adjustments


def expected_history(bars, adjustments, sessions, symbol, field, count, row):
    """The last `count` values by session date, from the raw frame."""
    days = pd.DatetimeIndex(sessions.labels.astype("datetime64[ns]"))
    mine = bars[bars["symbol"] == symbol].set_index("dt")
    column = mine["close" if field == "price" else field].reindex(days)
    changed = np.zeros(len(days), dtype=bool)
    for change in adjustments[adjustments["symbol"] == symbol].itertuples():
        day = pd.Timestamp(change.date)
        if day > days[row]:
            continue
        before = days < day
        if change.kind == "split":
            factor = 1 / change.value if field == "volume" else change.value
        else:
            close = mine["close"].reindex(days)[before].dropna().iloc[-1]
            factor = 1.0 if field == "volume" else 1 - change.value / close
        column[before] = column[before] * factor
        changed |= before
    column[changed] = column[changed].round(3)
    if field == "volume":
        column = column.fillna(0.0)
    if field == "price":
        column = column.ffill().where(days <= mine.index[-1])
    return column.to_numpy()[row + 1 - count : row + 1]


@settings(deadline=None, max_examples=300)
@given(
    field=st.sampled_from(FIELDS),
    number=st.integers(0, 3),
    row=st.integers(0, N_SESSIONS - 2),
    data=st.data(),
)
def test_a_window_is_what_pandas_makes_of_the_bars(gaps, field, number, row, data):
    portal, assets, bars, adjustments = gaps
    count = data.draw(st.integers(1, row + 1))
    asset = assets[number]
    got = portal.history(Window((asset,), field, count, "1d"), row, row)[:, 0]
    wanted = expected_history(bars, adjustments, portal.sessions, asset.symbol, field, count, row)
    # Only rows of the window are rounded when adjusted, not a price from before it.
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=6e-4 if field == "price" else 0)


@settings(deadline=None, max_examples=100)
@given(number=st.integers(0, 3), row=st.integers(0, N_SESSIONS - 2))
def test_the_current_price_is_the_last_row_of_its_window(gaps, number, row):
    portal, assets, *_ = gaps
    window = portal.history(Window((assets[number],), "price", 1, "1d"), row, row)
    np.testing.assert_equal(portal.price(assets[number], row, row), window[-1, 0])


def test_no_window_looks_ahead(gaps):
    """What comes after the current bar, an adjustment included, changes no window."""
    portal, assets, *_ = gaps
    before_split = portal.history(Window((assets[0],), "close", 5, "1d"), 10, 10)
    raw = portal.bars["1d"].window(assets[0], "close", 6, 11)
    np.testing.assert_array_equal(before_split[:, 0], raw)


def data_at(portal, row):
    data = BarData(portal)
    data.row = data.session = row
    return data


def test_shapes_follow_what_was_asked_for(gaps):
    portal, assets, *_ = gaps
    data, one, two = data_at(portal, 9), assets[0], list(assets[:2])
    fields = ["close", "volume"]
    assert isinstance(data.current(one, "close"), float)
    assert data.current(one, fields).index.tolist() == fields
    assert data.current(two, "close").index.tolist() == two
    assert data.current(two, fields).shape == (2, 2)
    series = data.history(one, "close", 3, "1d")
    assert (series.name, series.index[-1]) == (one, data.current_session)
    alone = data.history(one, fields, 3, "1d")
    assert (alone.columns.tolist(), alone.index.get_level_values(1).tolist()) == (fields, [one] * 3)
    assert data.history(two, "close", 3, "1d").columns.tolist() == two
    both = data.history(two, fields, 3, "1d")
    assert both.index.names == ["date", None]
    assert both.index[:2].tolist() == [(series.index[0], asset) for asset in two]


@pytest.mark.parametrize("assets_asked", ["one", "two"])
@pytest.mark.parametrize("fields", ["close", ["close", "volume"]])
def test_an_array_holds_what_the_frame_holds_and_cannot_be_written(gaps, assets_asked, fields):
    portal, assets, *_ = gaps
    data = data_at(portal, 9)
    asked = assets[0] if assets_asked == "one" else list(assets[:2])
    frame = data.history(asked, fields, 4, "1d")
    array = data.history(asked, fields, 4, "1d", return_type="array")
    np.testing.assert_array_equal(array.ravel(), frame.to_numpy().ravel())
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1.0


def test_a_window_that_cannot_be_had_says_why(gaps):
    portal, assets, *_ = gaps
    data = data_at(portal, 4)
    with pytest.raises(HistoryWindowStartsBeforeData, match="6 1d bars starts 1 bars before"):
        data.history(assets[0], "close", 6, "1d")
    with pytest.raises(UsageError, match="no history of frequency '1m'"):
        data.history(assets[0], "close", 2, "1m")
    with pytest.raises(UsageError, match="no field 'adj_close'"):
        data.history(assets[0], "adj_close", 2, "1d")
    with pytest.raises(UsageError, match="bar_count is 0"):
        data.history(assets[0], "close", 0, "1d")
    with pytest.raises(UsageError, match="choose 'dataframe' or 'array'"):
        data.history(assets[0], "close", 2, "1d", return_type="list")
    with pytest.raises(UsageError, match="look them up"):
        data.current("A000", "close")
    with pytest.raises(UsageError, match="no field 'bid'"):
        data.current(assets[0], "bid")


def test_a_daily_window_in_minute_mode_ends_with_the_day_so_far(minute_bundle, minute_bars):
    with Bundle(minute_bundle) as bundle:
        bars = {name: bundle.bars(name) for name in ("1d", "1m")}
        portal = PlainPortal(bars, bundle.sessions, bundle.adjustments)
        asset = bundle.assets.lookup_symbol("A000")
    row = int(portal.sessions.first_minutes[2]) + 90
    data = data_at(portal, row)
    data.session = 2
    mine = minute_bars[minute_bars["symbol"] == "A000"]
    days = mine["dt"].dt.normalize()
    today = mine[(days == days.unique()[2]) & (mine["dt"] <= data.current_dt.tz_localize(None))]
    assert len(today) == 91
    window = data.history(asset, ["open", "high", "low", "close", "volume"], 3, "1d")
    assert window.iloc[-1].tolist() == [
        today["open"].iloc[0],
        today["high"].max(),
        today["low"].min(),
        today["close"].iloc[-1],
        today["volume"].sum(),
    ]
    assert window["close"].iloc[-2] == mine[days == days.unique()[1]]["close"].iloc[-1]
