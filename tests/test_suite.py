"""The benchmark suite itself: what git keeps of it is what asv finds in it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_stored_list_of_benchmarks_is_current(tmp_path):
    """Else 'make check' would leave git dirty, and results would lack their units."""
    found = tmp_path / "benchmarks.json"
    code = "import sys; from asv_runner.discovery import _discover; _discover(sys.argv[2:])"
    command = [sys.executable, "-c", code, "discover", ROOT / "benchmarks", found]
    subprocess.run(command, check=True, cwd=tmp_path)
    stored = json.loads((ROOT / "results" / "benchmarks.json").read_text())
    version = stored.pop("version")
    assert version == 2
    current = {one["name"]: one for one in json.loads(found.read_text())}
    facts = ("version", "params", "setup_cache_key")
    assert {name: [one.get(fact) for fact in facts] for name, one in stored.items()} == {
        name: [one.get(fact) for fact in facts] for name, one in current.items()
    }, "run 'asv run --bench just-discover' and commit results/benchmarks.json"
