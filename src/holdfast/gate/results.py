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
from pathlib import Path
from typing import Any

from holdfast.errors import NothingMeasured, UsageError

Key = tuple[str, tuple[str, ...]]
"""A benchmark's name and the reprs of its parameters' values."""

_API_VERSION = 2
_RESULT_FILE = re.compile(r"([0-9a-f]{8})-(.+)\.json")
_HASH = re.compile(r"[0-9a-f]{1,40}")
_HASH = re.compile(r"[0-9a-f]{1,40}")
_UNIT_BY_PREFIX = {"time": "seconds", "timeraw": "seconds", "peakmem": "bytes", "mem": "bytes"}


class State(Enum):
    """What became of one benchmark with one set of parameters."""

    MEASURED = "measured"
    FAILED = "failed"
    SKIPPED = "skipped"
    ODD = "odd"
    """Measured, but no finite number: a dict, a text, Infinity."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one commit says of one benchmark with one set of parameters."""

    state: State
    value: Any = None
    """asv's own number (the median of its samples), as stored."""
    processes: tuple[tuple[float, ...], ...] = ()
    """The samples, one tuple per process; stored results do not tell processes apart."""
    interval: tuple[float, float] | None = None
    """asv's 99 % confidence interval of the value."""
    count: int | None = None
    """How many samples the value rests on; None for what is not sampled (memory, track)."""
    version: str | None = None
    blur: float = 0.0
    """How far the value may be off by the way it is measured alone."""


@dataclass(frozen=True, slots=True)
class Side:
    """All that was read of one commit, on one machine, in one environment."""

    commit: str
    machine: str
    environment: str
    hardware: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[Key, Reading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What benchmarks.json says of a benchmark."""

    unit: str
    param_names: tuple[str, ...] = ()
    params: tuple[tuple[str, ...], ...] = ()

    def keys(self, name: str) -> Iterator[Key]:
        """Yield the key of each set of parameters."""
        return ((name, values) for values in product(*self.params))


class Suite(dict[str, Benchmark]):
    """The benchmarks that asv found in its last run, by name."""

    def keys_of_all(self) -> Iterator[Key]:
        """Yield every benchmark with every set of parameters."""
        return (key for name, benchmark in self.items() for key in benchmark.keys(name))

    def unit(self, name: str) -> str:
        """Return a benchmark's unit; one that left the suite is judged by its name's prefix."""
        known = self.get(name)
        prefix = name.rpartition(".")[2].partition("_")[0].lower()
        return known.unit if known else _UNIT_BY_PREFIX.get(prefix, "unit")


def label(key: Key) -> str:
    """Return ``name(param, ...)``, which is what asv matches ``--bench`` against."""
    name, params = key
    return f"{name}({', '.join(params)})" if params else name


@dataclass(frozen=True, slots=True)
class Tree:
    """A results folder, listed but not read: machine, commit (8 characters), environment."""

    folder: Path
    files: Mapping[str, Mapping[str, Mapping[str, Path]]]

    def commit(self, name: str, full: str | None) -> str:
        """Return the 8 characters that asv stores for ``name``; ``full`` is what git made of it."""
        stored = {commit for commits in self.files.values() for commit in commits}
        if full and full[:8] in stored:
            return full[:8]
        found = sorted(commit for commit in stored if _same_commit(commit, name.lower()))
        if len(found) > 1:
            raise UsageError(f"{name!r} could be any of {', '.join(found)}; give more characters")
        if not found:
            what = f"{name} ({full[:8]})" if full and not full.startswith(name) else repr(name)
            raise NothingMeasured(
                f"no results of {what} are stored in {self.folder}; "
                f"measure it with 'asv run {name}^!' or 'holdfast check'"
            )
        return found[0]

    def machine(self, wanted: str | None, here: str | None, *commits: str) -> str:
        """Return the machine to judge: the one asked for, this one, or the only one."""
        names = [name for name, stored in self.files.items() if stored.keys() >= set(commits)]
        return _choose("machine", wanted, here, names, self._where(commits))

    def environment(self, wanted: str | None, machine: str, *commits: str) -> str:
        """Return the environment to judge: the one asked for, or the only common one."""
        stored = [self.files[machine][commit] for commit in commits]
        names = [name for name in stored[0] if all(name in other for other in stored)]
        return _choose("env", wanted, None, names, self._where(commits))

    def side(self, machine: str, commit: str, environment: str) -> Side:
        """Read one commit's file."""
        return read_side(self.files[machine][commit][environment])

    def suite(self) -> Suite:
        """Read benchmarks.json; a tree without one still has names to judge by."""
        path = self.folder / "benchmarks.json"
        return read_suite(path) if path.is_file() else Suite()

    def _where(self, commits: Sequence[str]) -> str:
        places = [
            f"{commit} on {machine} in {', '.join(sorted(stored[commit]))}"
            for commit in commits
            for machine, stored in sorted(self.files.items())
            if commit in stored
        ]
        return "; ".join(places)


def list_tree(folder: Path) -> Tree:
    """List a results folder without opening its files: a tree of thousands costs nothing."""
    if not folder.is_dir():
        raise NothingMeasured(f"no results folder {folder}; measure with 'holdfast check' first")
    files: dict[str, dict[str, dict[str, Path]]] = {}
    for machine in sorted(entry.name for entry in os.scandir(folder) if entry.is_dir()):
        for name in sorted(entry.name for entry in os.scandir(folder / machine)):
            match = _RESULT_FILE.fullmatch(name)
            if match:
                stored = files.setdefault(machine, {}).setdefault(match[1], {})
                stored[match[2]] = folder / machine / name
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
        commit, environment = str(data["commit_hash"]), str(data["env_name"])
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged(path, error) from error
    return Side(commit, path.parent.name, environment, hardware, readings)


def read_suite(path: Path) -> Suite:
    """Read benchmarks.json."""
    data = _read_json(path)
    suite = Suite()
    try:
        for name, entry in data.items():
            if isinstance(entry, dict):
                names = tuple(map(str, entry.get("param_names") or ()))
                params = tuple(tuple(map(str, values)) for values in entry.get("params") or ())
                suite[name] = Benchmark(str(entry.get("unit", "unit")), names, params)
    except TypeError as error:
        raise _damaged(path, error) from error
    return suite


def is_number(value: object) -> bool:
    """Say whether ``value`` is a finite number (and no bool)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _readings(name: str, cells: Mapping[str, Any]) -> Iterator[tuple[Key, Reading]]:
    # asv cuts trailing empty columns, and writes one null when every set of parameters failed.
    keys = product(*([str(value) for value in values] for values in cells.get("params") or ()))
    results = cells.get("result")
    values: Any = repeat(None) if results is None else list(results)
    for index, (params, value) in enumerate(zip(keys, values, strict=False)):
        yield (name, params), _reading(index, value, cells)


def _reading(index: int, value: Any, cells: Mapping[str, Any]) -> Reading:
    samples = _cell(cells, "samples", index)
    low, high = _cell(cells, "stats_ci_99_a", index), _cell(cells, "stats_ci_99_b", index)
    count = _cell(cells, "stats_repeat", index)
    version = cells.get("version")
    return Reading(
        state=_state(value),
        value=value,
        processes=(tuple(filter(is_number, samples)),) if samples else (),
        interval=None if low is None or high is None else (float(low), float(high)),
        count=len(samples) if samples else None if count is None else int(count),
        version=None if version is None else str(version),
    )


def _state(value: object) -> State:
    if value is None:
        return State.FAILED
    if isinstance(value, float) and math.isnan(value):
        return State.SKIPPED
    return State.MEASURED if is_number(value) else State.ODD


def _cell(cells: Mapping[str, Any], column: str, index: int) -> Any:
    values = cells.get(column)
    return values[index] if values is not None and index < len(values) else None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    version = data.get("version") if isinstance(data, dict) else None
    if version == _API_VERSION and isinstance(data, dict):
        return data
    if version == 1:
        raise UsageError(
            f"{path} is in asv's old format (api version 1); convert with 'asv update'"
        )
    raise _damaged(path, f"api version is {version!r}, not {_API_VERSION}")


def _damaged(path: Path, why: object) -> UsageError:
    return UsageError(
        f"{path} is no results file that asv wrote, or was cut off ({type(why).__name__}: {why}); "
        "measure that commit again, or delete the file"
    )


def _same_commit(stored: str, name: str) -> bool:
    return bool(_HASH.fullmatch(name)) and stored.startswith(name[:8])


def _choose(what: str, wanted: str | None, here: str | None, names: list[str], where: str) -> str:
    if wanted is not None and wanted not in names:
        raise NothingMeasured(f"--{what} {wanted} does not have both commits; stored: {where}")
    if wanted is not None or (here is not None and here in names):
        return str(wanted if wanted is not None else here)
    if not names:
        raise NothingMeasured(f"the commits share no {what}, so they cannot be compared: {where}")
    if len(names) > 1:
        raise UsageError(f"choose one with --{what}: {', '.join(sorted(names))}")
    return names[0]
