"""The frames of ``data.history`` are what pandas makes of the arrays, and belong to who asked."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.data import assemble
from holdfast.data.bar_data import BarData
from holdfast.data.bundle import Bundle
from holdfast.layers import Layers
from holdfast.run import build_portal

LAST = 60


@pytest.fixture(scope="module", params=[Layers.NONE, Layers.ALL], ids=["plain", "layers"])
def market(request, daily_bundle):
    """What a strategy sees at row `LAST`, all assets, and the dates."""
    with Bundle(daily_bundle) as bundle:
        data = BarData(build_portal(bundle, False, request.param))
        data.row = data.session = LAST
        dates = pd.DatetimeIndex(bundle.sessions.labels.astype("datetime64[ns]"))
        return data, bundle.assets.retrieve_all(), dates


def frame_by_pandas(data, dates, assets, fields, length):
    """Build the frame of several fields with no regard to time."""
    in_order = sorted(assets)
    pairs = pd.MultiIndex.from_product(
        [dates[LAST + 1 - length : LAST + 1], in_order], names=["date", None]
    )
    read = {name: data.history(in_order, name, length, "1d", "array") for name in fields}
    values = {name: window.ravel() for name, window in read.items()}
    return pd.DataFrame(values, pairs).rename_axis(columns="fields")


@given(
    numbers=st.lists(st.integers(0, 2), max_size=5),
    fields=st.lists(st.sampled_from(["close", "volume", "open", "price"]), max_size=4),
    length=st.integers(1, LAST),
)
def test_a_frame_of_several_fields_is_the_one_of_from_product(market, numbers, fields, length):
    data, assets, dates = market
    asked = [assets[number] for number in numbers]
    got = data.history(asked, fields, length, "1d")
    pd.testing.assert_frame_equal(got, frame_by_pandas(data, dates, asked, fields, length))
    assert [level.dtype for level in got.index.levels] == [dates.dtype, object]
    if asked:
        one = data.history(asked[0], fields, length, "1d")
        wanted = frame_by_pandas(data, dates, asked[:1], fields, length)
        pd.testing.assert_frame_equal(one, wanted)


def ask(data, assets):
    """Ask for each shape once."""
    return [
        data.current(assets, "close"),
        data.current(assets[0], ["close", "volume"]),
        data.current(assets, ["close", "volume"]),
        data.can_trade(assets),
        data.history(assets[0], "close", 5, "1d"),
        data.history(assets, "close", 5, "1d"),
        data.history(assets, ["close", "open"], 5, "1d"),
        data.history(assets[0], ["close", "open"], 5, "1d"),
    ]


def test_what_is_done_to_a_frame_is_not_seen_by_the_next_call(market):
    data, assets, _ = market
    first = ask(data, assets)
    before = [answer.copy() for answer in first]
    for answer in first:
        answer.index.names = ["mine"] * answer.index.nlevels
        if isinstance(answer, pd.DataFrame):
            answer.columns.name = "mine, too"
        answer.iloc[:] = False if answer.dtypes is np.dtype(bool) else -1
    for wanted, got in zip(before, ask(data, assets), strict=True):
        compare = pd.testing.assert_series_equal
        if isinstance(got, pd.DataFrame):
            compare = pd.testing.assert_frame_equal
        compare(got, wanted)
        assert np.all(got.to_numpy() > 0)


FIELDS = ["open", "close", "volume", "price", "last_traded"]


@given(
    numbers=st.lists(st.integers(0, 2), max_size=4),
    fields=st.lists(st.sampled_from(FIELDS), max_size=4),
)
def test_current_values_are_what_pandas_makes_of_each_alone(market, numbers, fields):
    data, assets, _ = market
    asked = [assets[number] for number in numbers]
    rows = [[data.current(asset, field) for field in fields] for asset in asked]
    pd.testing.assert_frame_equal(
        data.current(asked, fields), pd.DataFrame(rows, index=pd.Index(asked), columns=fields)
    )
    for field in fields:
        values = [data.current(asset, field) for asset in asked]
        wanted = pd.Series(values, asked, name=field)
        pd.testing.assert_series_equal(data.current(asked, field), wanted)
    each = {field: data.current(assets[0], field) for field in fields}
    wanted = pd.Series(each, name=assets[0].symbol)
    pd.testing.assert_series_equal(data.current(assets[0], fields), wanted)
    wanted = pd.Series([data.can_trade(asset) for asset in asked], asked, dtype=bool)
    pd.testing.assert_series_equal(data.can_trade(asked), wanted)


@pytest.mark.parametrize("values", [[1.5, np.nan], [1, 2], [True, False], np.arange(100.0)])
def test_a_series_of_parts_is_the_constructor_s_to_the_last_byte(values):
    index = pd.date_range("2024-01-01", periods=len(values), tz="UTC", name="time")
    made = assemble.find_parts()(np.array(values), index, ("any", "name"))
    wanted = assemble.make_by_pandas(np.array(values), index, ("any", "name"))
    assert pickle.dumps(made) == pickle.dumps(wanted)
    parts = made.iloc[:1], wanted.iloc[:1]
    made.iloc[0] = wanted.iloc[0] = values[1]
    assert parts[0].equals(parts[1])
    assert made.rename("other").name == "other"


def test_the_parts_are_used_with_this_pandas():
    assert assemble.choose_maker() is not assemble.make_by_pandas


@pytest.mark.parametrize("other", [None, lambda manager, axes: pd.Series([0.0])])
def test_another_pandas_makes_series_by_its_constructor(monkeypatch, other):
    """Its parts are missing, or make something else."""
    monkeypatch.setattr(pd.Series, "_from_mgr", other)
    assert assemble.choose_maker.__wrapped__() is assemble.make_by_pandas


def test_frames_are_the_same_where_pandas_has_no_blocks_to_offer(market, monkeypatch):
    """pandas 2 makes a frame by its constructor alone."""
    data, assets, _ = market
    before = ask(data, assets)
    monkeypatch.setattr(assemble, "create_dataframe_from_blocks", None)
    for wanted, got in zip(before, ask(data, assets), strict=True):
        assert type(got) is type(wanted)
        assert got.equals(wanted)
        assert got.index.identical(wanted.index)


def test_times_follow_the_bar_that_is_the_current_one(market):
    data, assets, dates = market
    for row in (LAST - 1, LAST, LAST - 1, LAST):
        data.row = data.session = row
        for length in (3, 4):
            window = data.history(assets[0], "close", length, "1d")
            assert window.index.tolist() == dates[row + 1 - length : row + 1].tolist()
