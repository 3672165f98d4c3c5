"""Read the files that asv stored: results tree in, readings of one commit out."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import product, repeat
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

from holdfast.errors import NothingMeasured, UsageError

Key = tuple[str, tuple[str, ...]]
"""A benchmark's name and the reprs of its parameters' values."""

_API_VERSION = 2
_RESULT_FILE = re.compile(r"([0-9a-f]{8})-(.+)\.json")
_HASH = re.compile(r"[0-9a-f]{1,40}")
_UNIT_BY_PREFIX = {"time": "seconds", "timeraw": "seconds", "peakmem": "bytes", "mem": "bytes"}

State = Enum("State", ["MEASURED", "FAILED", "SKIPPED", "ODD"])
"""What became of one benchmark; odd is a value that is no finite number: a dict, Infinity."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one commit says of one benchmark with one set of parameters."""

    value: Any
    """asv's own number (the median of its samples), as stored."""
    processes: tuple[tuple[float, ...], ...] = ()
    """The samples, one tuple per process; stored results do not tell processes apart."""
    interval: tuple[float, float] | None = None
    """asv's 99 % confidence interval of the value."""
    version: str | None = None
    lone: bool = False
    """Whether the value rests on a single sample, which proves nothing."""

    @property
    def state(self) -> State:
        """What the value says: asv writes null for a failure, NaN for what was not run."""
        if self.value is None:
            return State.FAILED
        if isinstance(self.value, float) and math.isnan(self.value):
            return State.SKIPPED
        return State.MEASURED if is_number(self.value) else State.ODD


@dataclass(frozen=True, slots=True)
class Side:
    """All that was read of one commit, on one machine, in one environment."""

    commit: str
    machine: str
    environment: str
    hardware: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[Key, Reading] = field(default_factory=dict)
    path: Path = Path()


class Benchmark(NamedTuple):
    """What benchmarks.json says of a benchmark."""

    unit: str
    param_names: tuple[str, ...] = ()
    params: tuple[tuple[str, ...], ...] = ()


class Suite(dict[str, Benchmark]):
    """The benchmarks that asv found in its last run, by name."""

    def all_keys(self) -> Iterator[Key]:
        """Yield every benchmark with every set of parameters."""
        return ((name, key) for name, known in self.items() for key in product(*known.params))

    def unit(self, name: str) -> str:
        """Return a benchmark's unit; one that left the suite is judged by its name's prefix."""
        prefix = name.rpartition(".")[2].partition("_")[0].lower()
        return self[name].unit if name in self else _UNIT_BY_PREFIX.get(prefix, "unit")


def label(key: Key) -> str:
    """Return ``name(param, ...)``, which is what asv matches ``--bench`` against."""
    name, params = key
    return f"{name}({', '.join(params)})" if params else name


class Stored(NamedTuple):
    """One results file, unread."""

    machine: str
    commit: str
    environment: str
    path: Path


@dataclass(frozen=True, slots=True)
class Tree:
    """A results folder, listed but not read: a tree of thousands costs nothing."""

    folder: Path
    files: Sequence[Stored]

    def commit(self, name: str, full: str | None) -> str:
        """Return the 8 characters that asv stores for ``name``; ``full`` is what git made of it."""
        stored = {file.commit for file in self.files}
        if full and full[:8] in stored:
            return full[:8]
        prefix = name.lower() if _HASH.fullmatch(name.lower()) else "no hash"
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

    def sides(
        self, *commits: str, machine: str | None = None, env: str | None = None, here: str = ""
    ) -> list[Side]:
        """Read commits from the machine and environment asked for, ``here``, or the only one."""
        held = [
            {(f.machine, f.environment): f.path for f in self.files if f.commit == commit}
            for commit in commits
        ]
        shared = set.intersection(*(set(paths) for paths in held))
        if machine is None and any(place[0] == here for place in shared):
            machine = here
        for index, what, wanted in ((0, "machine", machine), (1, "env", env)):
            shared = {place for place in shared if wanted in (None, place[index])}
            names = sorted({place[index] for place in shared})
            if len(names) > 1:
                raise UsageError(f"choose one with --{what}: {', '.join(names)}")
            if not names:
                asked = f"no {what} has all commits" + (f" (--{what} {wanted})" if wanted else "")
                known = [file for file in self.files if file.commit in commits]
                where = [f"{file.commit} on {file.machine} in {file.environment}" for file in known]
                raise NothingMeasured(f"{asked}; stored: {'; '.join(where)}")
        (place,) = shared
        return [read_side(paths[place]) for paths in held]

    def suite(self) -> Suite:
        """Read benchmarks.json; a tree without one still has names to judge by."""
        path = self.folder / "benchmarks.json"
        return read_suite(path) if path.is_file() else Suite()


def list_tree(folder: Path) -> Tree:
    """List a results folder without opening its files."""
    if not folder.is_dir():
        raise NothingMeasured(f"no results folder {folder}; measure with 'holdfast check' first")
    files = []
    for machine in sorted(entry.name for entry in os.scandir(folder) if entry.is_dir()):
        for name in sorted(entry.name for entry in os.scandir(folder / machine)):
            if match := _RESULT_FILE.fullmatch(name):
                files.append(Stored(machine, match[1], match[2], folder / machine / name))
    return Tree(folder, files)


def read_side(path: Path) -> Side:
    """Read one results file of asv."""
    data = _read_json(path)
    # Any value of the file can be of any type; one net below is simpler than a hundred checks.
    try:
        columns = data["result_columns"]
        readings: dict[Key, Reading] = {}
        for name, row in data["results"].items():
            readings.update(_readings(name, dict(zip(columns, row, strict=False))))
        hardware = {key: str(value) for key, value in data["params"].items() if value}
        commit, env = str(data["commit_hash"]), str(data["env_name"])
        return Side(commit, path.parent.name, env, hardware, readings, path)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged(path, error) from error


def read_suite(path: Path) -> Suite:
    """Read benchmarks.json."""
    suite = Suite()
    try:
        for name, entry in _read_json(path).items():
            if isinstance(entry, dict):
                names = tuple(map(str, entry.get("param_names") or ()))
                params = tuple(tuple(map(str, values)) for values in entry.get("params") or ())
                suite[name] = Benchmark(str(entry.get("unit", "unit")), names, params)
    except TypeError as error:
        raise _damaged(path, error) from error
    return suite


def is_number(value: object) -> bool:
    """Say whether ``value`` is a finite number (and no bool)."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _readings(name: str, cells: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    # asv cuts trailing empty columns, and writes one null when every set of parameters failed.
    keys = product(*([str(value) for value in values] for values in cells.get("params") or ()))
    results = cells.get("result")
    values: Any = repeat(None) if results is None else list(results)
    version = cells.get("version")
    for index, (params, value) in enumerate(zip(keys, values, strict=False)):
        low, high, samples, count = (
            _cell(cells.get(column), index)
            for column in ("stats_ci_99_a", "stats_ci_99_b", "samples", "stats_repeat")
        )
        yield (
            (name, params),
            Reading(
                value=value,
                processes=(tuple(filter(is_number, samples)),) if samples else (),
                interval=None if low is None or high is None else (float(low), float(high)),
                version=None if version is None else str(version),
                lone=count == 1,
            ),
        )


def _cell(column: Any, index: int) -> Any:
    return column[index] if column is not None and index < len(column) else None


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
    return UsageError(
        f"{path} is no results file that asv wrote, or was cut off ({type(why).__name__}: {why}); "
        "measure that commit again, or delete the file"
    )
