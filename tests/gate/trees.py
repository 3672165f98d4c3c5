"""Build small results trees, in the form in which asv 0.6 stores them."""

import json

COLUMNS = [
    "result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b",
    "stats_q_25", "stats_q_75", "stats_number", "stats_repeat", "samples", "profile",
]  # fmt: skip
BASE, HEAD = "a" * 40, "b" * 40


def row(*values, params=(), version="v1", samples=None, interval=None, profile=None):
    """Return one benchmark's row, its empty trailing columns cut as asv does."""
    cells = dict.fromkeys(COLUMNS)
    cells.update(result=list(values), params=[list(p) for p in params], version=version)
    cells["profile"] = profile
    if interval:
        cells["stats_ci_99_a"], cells["stats_ci_99_b"] = ([end] * len(values) for end in interval)
    if samples:
        cells["samples"], cells["stats_repeat"] = samples, [len(s) for s in samples]
    cut = list(cells.values())
    while cut and cut[-1] is None:
        cut.pop()
    return cut


class Tree:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def store(self, commit, rows, machine="m1", env="env-py3", version=2, date=0, **params):
        place = self.folder / machine
        place.mkdir(exist_ok=True)
        data = {
            "commit_hash": commit, "env_name": env, "date": date, "python": "3.11",
            "params": {"machine": machine, **params}, "requirements": {}, "env_vars": {},
            "result_columns": COLUMNS, "results": rows, "durations": {}, "version": version,
        }  # fmt: skip
        path = place / f"{commit[:8]}-{env}.json"
        path.write_text(json.dumps(data))
        return path

    def pair(self, before, after, **where):
        self.store(BASE, before, **where)
        self.store(HEAD, after, **where)

    def suite(self, **units):
        entries = {
            name: {"name": name, "unit": unit, "params": [], "param_names": []}
            for name, unit in units.items()
        }
        (self.folder / "benchmarks.json").write_text(json.dumps({**entries, "version": 2}))
