"""Whatever a disk does to a bundle's files: the right answer, or one line that says so."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast import run_algorithm
from holdfast.api import record, symbol
from holdfast.data.bundle import Bundle, get_version_folder, read_current_version
from holdfast.data.ingest import synthetic_bars, write_bundle
from holdfast.errors import BundleError
from holdfast.layers import Layers
from support.command_line import run_here

FILES = ["CURRENT", "manifest.json", "assets.sqlite", "bars-1d.parquet"]
DATES = {"start": "2023-02-01", "end": "2023-03-31"}


@pytest.fixture(scope="module")
def bars():
    return synthetic_bars(3, "2023-01-03", "2023-03-31", seed=1)


@pytest.fixture(scope="module")
def whole(bars, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "bundle"
    write_bundle(path, bars)
    return path


def file_of(path, name):
    version = read_current_version(path)
    return path / name if name == "CURRENT" else get_version_folder(path, version) / name


def answer(path, layers=Layers.NONE):
    def handle_data(context, data):
        record(**{name: data.current(symbol(name), "close") for name in ("A000", "A002")})

    perf = run_algorithm(handle_data=handle_data, bundle=path, layers=layers, **DATES)
    return perf[["A000", "A002"]].to_numpy().tolist()


def bits_flipped(content, chance):
    spoilt = bytearray(content)
    spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def cut_short(content, chance):
    return content[: chance.randrange(len(content) - 1)]


def a_sector_of_zeros(content, chance):
    at = chance.randrange(0, len(content), 512)
    return content[:at] + b"\0" * min(512, len(content) - at) + content[at + 512 :]


def with_another_tail(content, chance):
    return content + bytes(chance.randrange(1, 256) for _ in range(4))


DAMAGES = [(bits_flipped, 250), (cut_short, 25), (a_sector_of_zeros, 25), (with_another_tail, 10)]


@pytest.mark.parametrize("damage, trials", DAMAGES, ids=[one.__name__ for one, _ in DAMAGES])
@pytest.mark.parametrize("name", FILES)
def test_damage_is_an_error_of_one_line_and_never_another_answer(whole, name, damage, trials):
    target, chance = file_of(whole, name), random.Random(f"{name} {damage.__name__}")
    content = target.read_bytes()
    try:
        for _ in range(trials):
            spoilt = damage(content, chance)
            if spoilt == content:  # zeros that were zeros
                continue
            target.write_bytes(spoilt)
            with pytest.raises(BundleError) as caught:
                answer(whole)
            assert "\n" not in str(caught.value)
            assert "damaged" in str(caught.value) or "again" in str(caught.value)
    finally:
        target.write_bytes(content)
    assert len(answer(whole)) == 42


@pytest.mark.parametrize("name", FILES)
def test_ingesting_the_same_bars_repairs_a_version(whole, bars, tmp_path, name):
    right, path = answer(whole), tmp_path / "bundle"
    shutil.copytree(whole, path)
    file = file_of(path, name)
    for spoilt in (b"", bits_flipped(file.read_bytes(), random.Random(1)), None):
        if spoilt is None:
            file.unlink()
        else:
            file.write_bytes(spoilt)
        with pytest.raises(BundleError):
            answer(path)
        assert write_bundle(path, bars) == read_current_version(whole)
        assert answer(path) == right
        assert not list(path.glob(".*"))


def test_a_whole_version_is_not_written_again(whole, bars):
    files = [file_of(whole, name) for name in FILES[1:]]
    before = [(file.stat().st_ino, file.stat().st_mtime_ns) for file in files]
    write_bundle(whole, bars)
    assert [(file.stat().st_ino, file.stat().st_mtime_ns) for file in files] == before


def test_a_damaged_bundle_at_the_command_line_is_one_line(whole, tmp_path):
    (tmp_path / "strategy.py").write_text("def handle_data(context, data):\n    pass\n")
    for name in FILES:
        path = tmp_path / name
        shutil.copytree(whole, path)
        file = file_of(path, name)
        file.write_bytes(bits_flipped(file.read_bytes(), random.Random(2)))
        dates = ["--start", DATES["start"], "--end", DATES["end"], "--bundle", path]
        ran = run_here("run", tmp_path / "strategy.py", *dates)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith("holdfast: ") and ran.stderr.count("\n") == 1


def test_a_bundle_that_a_pool_has_open_stays_as_it_was_read(whole, bars, tmp_path):
    path = tmp_path / "bundle"
    shutil.copytree(whole, path)
    right = answer(path, Layers.ALL)
    for name in FILES[1:]:
        file_of(path, name).write_bytes(b"")
    assert answer(path, Layers.ALL) == right
    with pytest.raises(BundleError):
        Bundle(path)


_ORDER = """
import os, sys
import pandas as pd
from holdfast.data.ingest import write_bundle

names, done = {}, []

def opened(event, args):
    if event in ("os.rename",):
        done.append(f"rename {os.path.basename(str(args[1]))}")

real = os.fsync

def fsync(descriptor):
    done.append(f"fsync {os.path.basename(os.readlink(f'/proc/self/fd/{descriptor}'))}")
    real(descriptor)

os.fsync = fsync
sys.addaudithook(opened)
write_bundle(sys.argv[1], pd.read_pickle(sys.argv[2]))
print("\\n".join(done))
"""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux")
def test_all_is_on_the_disk_before_the_pointer_moves(bars, tmp_path):
    bars.to_pickle(tmp_path / "bars.pickle")
    command = [sys.executable, "-c", _ORDER, tmp_path / "bundle", tmp_path / "bars.pickle"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    steps = ran.stdout.splitlines()
    version = read_current_version(tmp_path / "bundle")[:16]
    moved, pointed = steps.index(f"rename {version}"), steps.index("rename CURRENT")
    flushed = {step.split(" ", 1)[1] for step in steps[:moved]}
    assert {"manifest.json", "assets.sqlite", "bars-1d.parquet"} <= flushed
    assert any(name.startswith(".staging-") for name in flushed)
    assert steps[moved + 1] == "fsync bundle"
    assert steps[pointed - 1].startswith("fsync .CURRENT-")
    assert steps[pointed + 1] == "fsync bundle"
