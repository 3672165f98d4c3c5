"""Backtests with other limits have other caches, also while they run at the same time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pandas as pd

from holdfast import run_algorithm
from holdfast.api import record, sid
from holdfast.layers import Layers, Limits
from holdfast.layers.caches import get_caches

LENGTHS = (3, 4, 5, 20)
DATES = {"start": "2023-02-01", "end": "2023-02-10"}


def run_together(bundle, limits, barrier):
    """Read windows of several lengths at every bar; no bar begins before the other run's."""

    def handle_data(context, data):
        barrier.wait(timeout=60)
        assets = [sid(0), sid(1)]
        windows = [
            data.history(assets, field, length, "1d", return_type="array").mean()
            for field in ("open", "close")
            for length in LENGTHS
        ]
        record(total=sum(windows))

    layers = replace(Layers.ALL, limits=limits)
    return run_algorithm(bundle=bundle, **DATES, handle_data=handle_data, layers=layers)


def test_two_runs_at_once_keep_to_their_own_limits(daily_bundle):
    # Room for one column of two assets, and for all that there are.
    tight = Limits(window_bytes=20_000, grouped_bytes=1, max_bundles=1)
    roomy = Limits(window_bytes=10**8, grouped_bytes=10**8, max_bundles=7)
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(run_together, daily_bundle, limits, barrier) for limits in (roomy, tight)
        ]
        perfs = [run.result() for run in runs]
    pd.testing.assert_frame_equal(*perfs)
    few, many = get_caches(tight), get_caches(roomy)
    assert few.windows.evictions > 0 and few.windows.bytes <= tight.window_bytes
    assert few.groups.bytes == 0
    assert many.windows.evictions == 0 and len(many.windows) >= 2 * len(LENGTHS)
    assert many.windows.bytes > tight.window_bytes and many.groups.bytes > 0
    for caches in (few, many):
        caches.bundles.clear()


def test_equal_limits_share_their_caches_and_only_the_last_sets_are_kept():
    first = Limits(max_windows=1)
    caches = get_caches(first)
    assert get_caches(Limits(max_windows=1)) is caches
    for number in range(2, 10):
        get_caches(Limits(max_windows=number))
    assert get_caches(first) is not caches
