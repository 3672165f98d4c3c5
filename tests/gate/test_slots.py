"""Environments that are kept: which commit gets which, and copies of environments."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.gate.asv.copies import copy_environment
from holdfast.gate.asv.slots import assign

PLACES = st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(1, 9)), min_size=3, max_size=3)


@given(st.permutations("abcdef"), st.integers(1, 3), PLACES, st.sets(st.integers(0, 2)))
def test_each_commit_gets_a_place_and_keeps_the_one_it_has(commits, count, places, unused):
    wanted = commits[:count]
    held = [None if place in unused else commit for place, (commit, _) in enumerate(places)]
    ages = [0.0 if place in unused else age for place, (_, age) in enumerate(places)]
    given_places = assign(wanted, held, ages)
    assert len(set(given_places)) == count
    kept = [place for commit, place in zip(wanted, given_places, strict=True) if commit in held]
    assert all(held[place] in wanted for place in kept)
    # Whoever is new takes what was used longest ago, and what never was only in need.
    fresh = [place for place in given_places if place not in kept]
    rest = [place for place in range(3) if place not in given_places]
    rank = {place: (ages[place] == 0, ages[place]) for place in range(3)}
    assert all(rank[place] <= rank[other] for place in fresh for other in rest)


def environment(folder, tool="virtualenv"):
    present = (folder / "bin" / "python").exists
    return SimpleNamespace(_path=str(folder), tool_name=tool, check_presence=present)


@pytest.fixture
def installed(tmp_path):
    """Return a real environment with a package and a script of its own."""
    folder = tmp_path / "first"
    command = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)]
    subprocess.run(command, check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "mine.py").write_text("import sys; WHERE = sys.prefix\n")
    script = folder / "bin" / "where"
    script.write_text(f"#!{folder}/bin/python\nimport mine; print(mine.WHERE)\n")
    script.chmod(0o755)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="a script there is a program")
def test_a_copied_environment_is_one_of_its_own(installed, tmp_path):
    copy = tmp_path / "other"
    copy.mkdir()
    (copy / "rest").write_text("of an environment that was broken off")
    assert copy_environment(environment(installed), environment(copy))
    assert not (copy / "rest").exists()
    for folder in (installed, copy):
        done = subprocess.run(
            [folder / "bin" / "where"], capture_output=True, text=True, check=True
        )
        assert Path(done.stdout.strip()) == folder


def test_what_cannot_be_moved_is_not_copied(installed, tmp_path):
    copy = environment(tmp_path / "other", "conda")
    assert not copy_environment(environment(installed, "conda"), copy)
    # Without a folder to copy there is nothing left behind, either.
    assert not copy_environment(environment(tmp_path / "gone"), environment(tmp_path / "other"))
    assert not (tmp_path / "other").exists()
