"""Shared copies, with real processes: killed, forked off, full disks."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from holdfast.data.bundle import Bundle
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.errors import UsageError
from holdfast.layers.shared import COPIES, SharedBundle, _get_shared_folder


@pytest.fixture(autouse=True)
def _no_copies_left():
    yield
    COPIES.remove_all()


def copies_of(pid):
    return list(Path(_get_shared_folder()).glob(f"holdfast-shared-{pid}-*"))


def share(path):
    with Bundle(path) as bundle:
        return COPIES.share(bundle)


@pytest.mark.parametrize("kind", ["daily", "minute"])
def test_a_copy_answers_as_the_bundle_does(kind, request):
    path = request.getfixturevalue(f"{kind}_bundle")
    copy = SharedBundle(share(path))
    with Bundle(path) as bundle:
        assert copy.version == bundle.version
        assert copy.assets.retrieve_all() == bundle.assets.retrieve_all()
        assert copy.sessions.to_json() == bundle.sessions.to_json()
        asset = copy.assets.lookup_symbol("a001")
        for frequency in ("1d", "1m") if kind == "minute" else ("1d",):
            for field in ("open", "volume"):
                windows = [one.bars(frequency).window(asset, field, 1, 4) for one in (copy, bundle)]
                np.testing.assert_array_equal(*windows)
    if kind == "daily":
        with pytest.raises(UsageError, match="daily bars only"):
            copy.bars("1m")


def test_a_copy_cannot_be_written(daily_bundle):
    bars = SharedBundle(share(daily_bundle)).bars("1d")
    with pytest.raises(ValueError, match="read-only"):
        bars.columns["close"][0] = 0.0


def test_a_bundle_is_copied_once_per_version(tmp_path, daily_bars):
    write_bundle(tmp_path, daily_bars)
    first = share(tmp_path)
    assert share(tmp_path) == first
    write_bundle(tmp_path, daily_bars.iloc[:-1])
    second = share(tmp_path)
    assert second.version != first.version
    assert copies_of(os.getpid()) == [Path(second.folder)]


def test_a_copy_of_an_old_version_is_not_found(tmp_path, daily_bars):
    write_bundle(tmp_path, daily_bars)
    COPIES.announce(share(tmp_path))
    assert COPIES.find(tmp_path) is not None
    write_bundle(tmp_path, daily_bars.iloc[:-1])
    assert COPIES.find(tmp_path) is None


def test_a_deleted_copy_is_said_and_made_anew(tmp_path, daily_bars, caplog):
    write_bundle(tmp_path, daily_bars)
    handle = share(tmp_path)
    COPIES.announce(handle)
    for file in Path(handle.folder).iterdir():
        file.unlink()
    Path(handle.folder).rmdir()
    assert COPIES.find(tmp_path) is None
    assert "shared copy" in caplog.text and "was removed" in caplog.text
    assert share(tmp_path).folder != handle.folder


_OWNER = """
import os, signal, sys
from holdfast.data.bundle import Bundle
from holdfast.layers.shared import COPIES
with Bundle(sys.argv[1]) as bundle:
    print(COPIES.share(bundle).folder, flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def owner(path, end):
    command = [sys.executable, "-c", _OWNER, path, end]
    process = subprocess.run(command, capture_output=True, text=True)
    return process.returncode, Path(process.stdout.strip())


def test_a_process_that_ends_leaves_nothing(daily_bundle):
    code, folder = owner(daily_bundle, "ends")
    assert code == 0 and folder.parent == Path(_get_shared_folder())
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept_up_by_the_next(daily_bundle):
    code, folder = owner(daily_bundle, "killed")
    assert code == -signal.SIGKILL
    folder.mkdir(exist_ok=True)  # the tracker that removes it may have been killed as well
    owner(daily_bundle, "ends")
    assert not folder.exists()


_FULL = """
import os, resource, signal, sys
from holdfast.data.bundle import Bundle
from holdfast.layers.shared import COPIES, _get_shared_folder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(os.getpid())
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
with Bundle(sys.argv[1]) as bundle:
    print(COPIES.share(bundle))
"""


def test_where_there_is_no_room_the_copy_is_given_up_and_said(tmp_path):
    """A limit on the size of files stands in for a full disk: writing fails half-way."""
    write_bundle(tmp_path, synthetic_bars(3, "2024-01-02", "2024-12-31"))
    command = [sys.executable, "-c", _FULL, tmp_path]
    process = subprocess.run(command, capture_output=True, text=True)
    pid, answer = process.stdout.split()
    assert answer == "None", process.stderr
    assert "no space to share" in process.stderr
    assert copies_of(pid) == []


def test_the_frame_of_adjustments_travels(tmp_path, daily_bars):
    changes = pd.DataFrame(
        [("A000", "split", "2023-03-01", 0.5), ("A000", "dividend", "2023-04-03", 0.2)],
        columns=["symbol", "kind", "date", "value"],
    )
    write_bundle(tmp_path, daily_bars, adjustments=changes)
    copy = SharedBundle(share(tmp_path))
    assert copy.adjustments.splits_on(39) == [(0, 0.5)]
    assert copy.adjustments.factors(0).sessions.tolist() == [39, 62]
