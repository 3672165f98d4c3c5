from datetime import datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from holdfast.assets import Asset
from holdfast.data.bars import STORED_FIELDS, LongBars
from holdfast.layers.grouping import GroupedBars, make_group_cache

DAY = datetime(2024, 1, 2)
N_ROWS = 40

tables = st.lists(
    st.lists(st.integers(0, N_ROWS - 1), unique=True).map(sorted), min_size=1, max_size=3
)


def long_bars(rows_by_asset):
    """A long table with bars at these rows; no two numbers in it are equal."""
    rows = np.array([row for rows in rows_by_asset for row in rows], dtype=np.int64)
    sids = np.array([sid for sid, rows in enumerate(rows_by_asset) for _ in rows], dtype=np.int32)
    numbers = np.arange(len(rows) * 5, dtype=float).reshape(5, -1) + 1
    return LongBars(sids, rows, dict(zip(STORED_FIELDS, numbers, strict=True)))


def assets_of(bars_of):
    return [Asset(sid, f"A{sid}", "", "", DAY, DAY, DAY) for sid in range(len(bars_of))]


@given(
    tables,
    st.sampled_from(STORED_FIELDS),
    st.integers(0, N_ROWS),
    st.integers(0, N_ROWS),
    st.data(),
)
def test_every_answer_is_that_of_the_long_table(rows_by_asset, field, one, other, data):
    plain = long_bars(rows_by_asset)
    grouped = GroupedBars(plain, "version", "1d", make_group_cache(10**9))
    asset = data.draw(st.sampled_from(assets_of(rows_by_asset)))
    first, stop = sorted((one, other))
    window = grouped.window(asset, field, first, stop)
    np.testing.assert_array_equal(window, plain.window(asset, field, first, stop))
    np.testing.assert_equal(grouped.value(asset, field, one), plain.value(asset, field, one))
    assert grouped.last_row(asset, one) == plain.last_row(asset, one)


def test_a_window_is_the_caller_s_own():
    plain = long_bars([range(5)])
    grouped = GroupedBars(plain, "version", "1d", make_group_cache(10**9))
    (asset,) = assets_of([0])
    grouped.window(asset, "close", 0, 5)[:] = 0
    assert (grouped.window(asset, "close", 0, 5) > 0).all()


def test_groups_are_read_once_and_kept_between_runs():
    plain = long_bars([range(5)])
    cache = make_group_cache(10**9)
    (asset,) = assets_of([0])
    GroupedBars(plain, "version", "1d", cache).value(asset, "close", 0)
    assert (cache.hits, cache.misses) == (0, 1)
    again = GroupedBars(plain, "version", "1d", cache)
    again.value(asset, "close", 0)
    again.value(asset, "close", 1)
    assert (cache.hits, cache.misses) == (1, 1)


def read_all(assets, bars, cache):
    for asset in assets:
        GroupedBars(bars, "version", "1d", cache).value(asset, "close", 0)


def test_groups_take_less_than_one_and_a_half_times_the_table_and_keep_within_their_limit():
    plain = long_bars([range(N_ROWS)] * 3)
    assets = assets_of([0] * 3)
    roomy = make_group_cache(10**9)
    read_all(assets, plain, roomy)
    table = plain.sids.nbytes + plain.rows.nbytes + sum(c.nbytes for c in plain.columns.values())
    assert roomy.bytes < 1.5 * table
    tight = make_group_cache(roomy.bytes - 1)
    read_all(assets, plain, tight)
    assert [key[2] for key in tight] == [1, 2]
