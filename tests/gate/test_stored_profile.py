"""Profiles may be anybody's bytes: whatever they hold is read rightly or refused, and quickly."""

import base64
import contextlib
import cProfile
import json
import marshal
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.gate.asv.project import Project
from holdfast.gate.why.function_names import Checkout
from holdfast.gate.why.stored_profile import DamagedProfile, decode_profile


def pack(data):
    return base64.b64encode(zlib.compress(data)).decode()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "stats"
    profiler = cProfile.Profile()
    profiler.runcall(lambda: json.dumps({str(i): [i] * 3 for i in range(50)}))
    profiler.dump_stats(path)
    return path.read_bytes()


def test_what_cprofile_wrote_is_read_as_python_reads_it(real):
    assert decode_profile(pack(real)) == marshal.loads(real)


PLAIN = st.recursive(
    st.integers(-(2**100), 2**100) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=8,
)


@given(st.dictionaries(st.text() | st.tuples(st.text(), st.integers(0, 2**31)), PLAIN))
def test_dicts_tuples_numbers_and_text_survive(value):
    assert decode_profile(pack(marshal.dumps(value))) == value


@given(st.data())
def test_flipped_bytes_are_read_or_refused(real, data):
    changed = bytearray(real)
    for place in data.draw(st.lists(st.integers(0, len(real) - 1), min_size=1, max_size=5)):
        changed[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DamagedProfile):
        decode_profile(pack(bytes(changed)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (base64.b64decode("+6kBcgAAAABpAQAAADA="), "not there"),  # a tuple that holds itself
        (b"(\xff\xff\xff\x7f", "length beyond"),
        (b"l\xff\xff\xff\x7f", "120 bits"),
        (b"(\x01\x00\x00\x00" * 50, "too deeply"),
        (b"c" + bytes(50), "type b'c'"),  # a code object
        (b"{", "cut off"),
        (b"z\x02\xff\xff", "UTF-8"),
        (b"", "cut off"),
    ],
)
def test_what_no_profile_holds_is_refused(data, message):
    with pytest.raises(DamagedProfile, match=message):
        decode_profile(pack(data))


def test_a_bomb_is_not_unpacked():
    with pytest.raises(DamagedProfile, match="more than 67,108,864 bytes"):
        decode_profile(base64.b64encode(zlib.compress(bytes(2**27))).decode())
    with pytest.raises(DamagedProfile, match="cannot be decompressed"):
        decode_profile("no zlib")


@pytest.mark.parametrize("path", ["/dev/zero", "/etc/hostname", "fifo", "large.py", "deep.py"])
def test_only_small_regular_files_of_the_project_are_read(tmp_path, path):
    import os

    if path == "fifo":
        os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large.py").write_text("#" * 3_000_000)
    (tmp_path / "deep.py").write_text("-" * 200_000 + "1")
    (tmp_path / "asv.conf.json").write_text("{}")
    project = Project((tmp_path / "asv.conf.json").resolve(), {"repo": "."})
    checkout = Checkout(project, "a" * 40, ())
    full = path if path.startswith("/") else str(tmp_path / path)
    (name,) = checkout.names([(full, 1, "work")]).values()
    assert name.endswith(".work")
