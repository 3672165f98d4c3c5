"""Read the files that asv stored: results tree in, readings of one commit out."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product, repeat
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured, UsageError
from holdfast.gate.core.readings import Benchmark, Key, Reading, Side, Suite, is_number

_API_VERSION = 2
_RESULT_FILE = re.compile(r"([0-9a-f]{8})-(.+)\.json")
_COLUMNS = ("result", "stats_ci_99_a", "stats_ci_99_b", "samples", "stats_repeat")
_MOST_SETS = 20_000
"""Of one benchmark: a small file can name billions."""
_MOST_ROWS = 200_000
HASH = re.compile(r"[0-9a-f]{1,40}", re.IGNORECASE)
_FULL_HASH = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Tree:
    """A results folder, listed but not read: a tree of thousands costs nothing."""

    folder: Path
    files: Mapping[tuple[str, str, str], Path]
    """By the commit's first 8 characters, machine, and environment."""

    def commit(self, name: str, full: str | None) -> str:
        """Return the 8 characters that asv stores for ``name``; ``full`` is what git made of it."""
        stored = {commit for commit, _, _ in self.files}
        if full and full[:8] in stored:
            return full[:8]
        prefix = name.lower() if HASH.fullmatch(name) else "no hash"
        found = sorted(commit for commit in stored if commit.startswith(prefix[:8]))
        if len(found) > 1:
            raise UsageError(f"{name!r} could be any of {', '.join(found)}; give more characters")
        if not found:
            what = f"{name} ({full[:8]})" if full and not full.startswith(name) else repr(name)
            raise NothingMeasured(
                f"no results of {what} are stored in {self.folder}; "
                f"measure it with 'asv run {name}^!' or 'holdfast check'"
            )
        return found[0]

    def list_places(
        self, *commits: str, machine: str | None = None, envs: Sequence[str] = ()
    ) -> list[tuple[str, str]]:
        """Return every machine and environment that has all of these commits.

        ``envs`` are names or patterns.
        """
        stored = [key for key in self.files if key[0] in commits]
        shared = set.intersection(*({key[1:] for key in stored if key[0] == c} for c in commits))
        places = [
            (where, env)
            for where, env in sorted(shared)
            if machine in (None, where)
            and (not envs or any(fnmatchcase(env, pattern) for pattern in envs))
        ]
        if not places:
            asked = [("--machine", machine), *(("--env", env) for env in envs)]
            wanted = "".join(f" ({option} {name})" for option, name in asked if name)
            found = "; ".join(f"{commit} on {where} in {env}" for commit, where, env in stored)
            raise NothingMeasured(f"no machine has all commits{wanted}; stored: {found}")
        return places

    def sides(
        self, *commits: str, machine: str | None = None, env: str | None = None, here: str = ""
    ) -> list[Side]:
        """Read commits from the machine and environment asked for, ``here``, or the only one."""
        places = self.list_places(*commits, machine=machine, envs=[env] if env else [])
        return self.read(_only(places, "" if machine else here), *commits)

    def read(self, place: tuple[str, str], *commits: str) -> list[Side]:
        """Read commits from one machine and environment."""
        return [read_side(self.files[commit, *place]) for commit in commits]

    def past(
        self, machine: str | None = None, env: str | None = None, here: str = ""
    ) -> list[Side]:
        """Read every commit of one machine and environment, oldest first."""
        matching = {
            (where, name)
            for _, where, name in self.files
            if machine in (None, where) and (env is None or fnmatchcase(name, env))
        }
        place = _only(sorted(matching), "" if machine else here) if matching else None
        sides = []
        for key, path in self.files.items():
            # A damaged file of the past must not hide the rest.
            with contextlib.suppress(UsageError):
                sides += [read_side(path)] if key[1:] == place else []
        if not sides:
            raise NothingMeasured(f"{self.folder} has no results of that machine and environment")
        return sorted(sides, key=lambda side: (side.date, side.commit))

    def suite(self) -> Suite:
        """Read benchmarks.json; a tree without one still has names to judge by."""
        path = self.folder / "benchmarks.json"
        return read_suite(path) if path.is_file() else Suite()


def _only(places: Sequence[tuple[str, str]], here: str) -> tuple[str, str]:
    """Return the one machine and environment that is meant; not to guess is an error."""
    if here in {machine for machine, _ in places}:
        places = [place for place in places if place[0] == here]
    if len(places) > 1:
        machines, environments = (sorted(set(names)) for names in zip(*places, strict=True))
        option, names = ("env", environments) if len(machines) == 1 else ("machine", machines)
        raise UsageError(f"choose one with --{option}: {', '.join(names)}")
    return places[0]


def list_tree(folder: Path) -> Tree:
    """List a results folder without opening its files."""
    if not folder.is_dir():
        raise NothingMeasured(f"no results folder {folder}; measure with 'holdfast check' first")
    named = ((_RESULT_FILE.fullmatch(path.name), path) for path in sorted(folder.glob("*/*.json")))
    return Tree(folder, {(m[1], path.parent.name, m[2]): path for m, path in named if m})


def read_side(path: Path) -> Side:
    """Read one results file of asv."""
    data = _read_json(path)
    # Any value of the file can be of any type; one net below is simpler than a hundred checks.
    try:
        columns = data["result_columns"]
        readings: dict[Key, Reading] = {}
        profiles = {}
        for name, row in data["results"].items():
            cells = dict(zip(columns, row, strict=False))
            readings.update(_readings(name, cells))
            if len(readings) > _MOST_ROWS:
                raise ValueError(f"more than {_MOST_ROWS:,} results")
            if cells.get("profile"):
                profiles[name] = str(cells["profile"])
        hardware = {key: str(value) for key, value in data["params"].items() if value}
        commit, env = _commit_hash(data, path), str(data["env_name"])
        date = int(data.get("date") or 0)
        return Side(commit, path.parent.name, env, hardware, readings, path, profiles, date)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged(path, error) from error


def _commit_hash(data: Mapping[str, Any], path: Path) -> str:
    """Return the commit's hash; git must never be handed anything else that a file says."""
    commit = str(data["commit_hash"])
    if not _FULL_HASH.fullmatch(commit) or not path.name.startswith(f"{commit[:8]}-"):
        raise ValueError(f"commit_hash is {commit[:60]!r}, not the commit of the file's name")
    return commit


def to_suite(entries: Mapping[str, Mapping[str, Any]]) -> Suite:
    """Return the benchmarks that asv lists."""
    return Suite({name: _benchmark(entry) for name, entry in entries.items()})


def read_suite(path: Path) -> Suite:
    """Read benchmarks.json."""
    entries = _read_json(path)
    del entries["version"]
    try:
        return to_suite(entries)
    except (TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, error) from error


def _benchmark(entry: Mapping[str, Any]) -> Benchmark:
    params = tuple(tuple(map(str, values)) for values in entry.get("params") or ())
    _refuse_many(params)
    names = tuple(map(str, entry.get("param_names") or ()))
    return Benchmark(str(entry.get("unit", "unit")), names, params)


def _refuse_many(params: Sequence[Sequence[str]]) -> None:
    """Refuse more sets of parameters than anyone measures."""
    count = math.prod(map(len, params))
    if count > _MOST_SETS:
        raise ValueError(f"{count:,} sets of parameters; at most {_MOST_SETS:,} are read")


def _readings(name: str, cells: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    # asv cuts trailing empty columns, and writes one null when every set of parameters failed.
    axes = [[str(value) for value in values] for values in cells.get("params") or ()]
    _refuse_many(axes)
    keys = product(*axes)
    columns: Any = [cells.get(column) or repeat(None) for column in _COLUMNS]
    version = None if cells.get("version") is None else str(cells["version"])
    for params, value, low, high, samples, count in zip(keys, *columns, strict=False):
        processes = (tuple(filter(is_number, samples)),) if samples else ()
        interval = None if None in (low, high) else (float(low), float(high))
        yield (name, params), Reading(value, processes, interval, version, single_sample=count == 1)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    version = data.get("version") if isinstance(data, dict) else None
    if version == 1:
        raise UsageError(f"{path} is in asv's old format (api version 1); run 'asv update'")
    if version != _API_VERSION or not isinstance(data, dict):
        raise _damaged(path, f"api version is {version!r}, not {_API_VERSION}")
    return data


def _damaged(path: Path, why: object) -> UsageError:
    reason = f"{type(why).__name__}: {why}" if isinstance(why, Exception) else why
    return UsageError(
        f"{path} is not a results file that asv wrote, or was cut off ({reason}); "
        "measure that commit again, or delete the file"
    )
