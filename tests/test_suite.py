"""The benchmark suite itself: what git keeps of it is what asv finds in it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def digest(code):
    return hashlib.sha256(code.encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def current(tmp_path_factory):
    """The benchmarks that asv finds in the suite, by name."""
    folder = tmp_path_factory.mktemp("suite")
    code = "import sys; from asv_runner.discovery import _discover; _discover(sys.argv[2:])"
    found = folder / "benchmarks.json"
    command = [sys.executable, "-c", code, "discover", ROOT / "benchmarks", found]
    subprocess.run(command, check=True, cwd=folder)
    return {one["name"]: one for one in json.loads(found.read_text())}


def test_the_stored_list_of_benchmarks_is_current(current):
    """Else 'make check' would leave git dirty, and results would lack their units."""
    stored = json.loads((ROOT / "results" / "benchmarks.json").read_text())
    version = stored.pop("version")
    assert version == 2
    facts = ("version", "params", "setup_cache_key")
    assert {name: [one.get(fact) for fact in facts] for name, one in stored.items()} == {
        name: [one.get(fact) for fact in facts] for name, one in current.items()
    }, "run 'asv run --bench just-discover' and commit results/benchmarks.json"


#: Benchmarks whose code was renamed after their results were stored, and the digest of that code.
#: asv cannot see a further change of them, for their version is kept by hand (`keep_version`).
RENAMED = {
    "data_portal.HitRate.track_bytes": "b20c9d7a4ce1904b",
    "data_portal.HitRate.track_daily_scenario": "619dbd88cf4038d4",
    "data_portal.HitRate.track_mixed_lengths": "c8f390d91f5a43ef",
    "user_code.AssetLists.time_asset_list": "7adfc0bb71251df9",
    "user_code.Bookkeeping.time_version": "06a9ad1e7158fd82",
    "user_code.Grouping.time_windows": "c3fa24c32073f1df",
    "user_code.Memory.track_bytes_over_table": "542f7a92fa8c030f",
}


def test_a_version_is_kept_by_hand_only_over_a_change_of_names(current):
    by_hand = {
        name: digest(one["code"])
        for name, one in current.items()
        if not one["version"].startswith(digest(one["code"]))
    }
    assert by_hand == RENAMED, (
        "does it still measure the same? then write the new digest here; "
        "else remove keep_version: asv starts a new series"
    )
