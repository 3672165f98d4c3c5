"""Instructions as a witness: what is counted, and what valgrind says of real commits."""

import json
import pickle
import re
import subprocess
import sys
from collections import Counter

import pytest

from holdfast.gate.asv import instructions
from holdfast.gate.asv.instructions import choose_count, has_valgrind
from holdfast.gate.trust.laboratory import Repository
from needs import needs_asv
from support.command_line import unwrap

from .tiny import CONFIG, FILES, WORK

SUITE = """
class Parse:
    params = [[10, 20]]

    def setup_cache(self):
        return "cached"

    def setup(self, cache, size):
        self._note("setup")

    def time_parse(self, cache, size):
        self._note(f"{cache} {size}")

    def _note(self, what):
        with open("notes", "a") as file:
            print(what, file=file)

def time_plain():
    with open("notes", "a") as file:
        print("plain", file=file)
"""


def make_calls(folder, name, times):
    """Run the script as valgrind would; return how often what was called."""
    (folder / "notes").write_text("")
    command = [sys.executable, instructions.__file__, folder / "suite", name, "3", str(times)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return Counter((folder / "notes").read_text().splitlines())


@needs_asv
def test_twice_the_calls_have_as_many_setups(tmp_path):
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "__init__.py").write_text("")
    (tmp_path / "suite" / "b.py").write_text(SUITE)
    (tmp_path / "cache.pickle").write_bytes(pickle.dumps("cached"))
    once, twice = (make_calls(tmp_path, "b.Parse.time_parse-1", times) for times in (1, 2))
    assert once == {"setup": 7, "cached 20": 1 + 3}
    assert twice == {"setup": 7, "cached 20": 1 + 6}
    assert make_calls(tmp_path, "b.time_plain", 1) == {"plain": 1 + 3}


def test_how_many_calls_are_counted():
    assert choose_count(10.0) == 1
    assert choose_count(0.002) == 10
    assert choose_count(1e-9) == choose_count(0.0) == 500


def check(folder, *options):
    command = [sys.executable, "-m", "holdfast", "check", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_without_valgrind_it_is_said_before_anything_is_built(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = check(tmp_path, "--witness", "callgrind")
    assert done.returncode == 2
    assert unwrap(done.stderr) == (
        "holdfast: --witness callgrind needs valgrind, which is not installed; "
        "install it ('apt install valgrind'), or leave the option out\n"
    )


@pytest.mark.slow
@needs_asv
@pytest.mark.skipif(not has_valgrind(), reason="valgrind is not installed")
def test_valgrind_counts_what_a_commit_does_more(tmp_path):
    repository = Repository(tmp_path)
    # A benchmark that fails without the suite's own variables.
    matrix = {**CONFIG["matrix"], "env_nobuild": {"STEPS": ["20000"]}}
    suite = FILES["benchmarks/b.py"].replace("20_000", 'int(os.environ["STEPS"])')
    repository.write(**FILES)
    repository.write(**{
        "asv.conf.json": json.dumps({**CONFIG, "matrix": matrix}),
        "benchmarks/b.py": f"import os\n{suite}",
    })  # fmt: skip
    repository.commit("a package")
    slower = WORK.replace("range(n)", "range(n + n // 4)", 1)
    assert slower != WORK
    repository.write(**{"tiny.py": slower})
    repository.commit("more work")
    done = check(tmp_path, "--witness", "callgrind", "--json", "--budget", "20s")
    rows = {row["name"]: row for row in json.loads(done.stdout)["benchmarks"]}
    assert re.search(r"instructions \+2[45]\.\d %", rows["b.time_add"]["note"]), done.stderr
