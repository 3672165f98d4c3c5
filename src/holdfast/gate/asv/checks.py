"""Keep what a check measured, process by process, so that the same commits get one answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from holdfast.atomic import write_text
from holdfast.errors import UsageError
from holdfast.gate.asv.project import Project
from holdfast.gate.asv.session import Measurement
from holdfast.gate.core.readings import Benchmark, Key, Reading, Side, Suite

SCHEMA = 1
_LONGEST = 100
_FIELDS = (
    "value",
    "processes",
    "version",
    "single_sample",
    "error",
    "cpu",
    "calls",
    "instructions",
)


def write_measurement(project: Project, taken: Measurement) -> Path:
    """Write a measurement, whole or not at all; an older one of the same commits is replaced."""
    base, head = taken.base, taken.head
    folder = project.make_state() / "checks"
    folder.mkdir(exist_ok=True)
    path = folder / _name(base.commit, head.commit, head)
    document = {
        "schema": SCHEMA,
        "base": _side_to_json(base),
        "head": _side_to_json(head),
        "suite": {name: list(benchmark) for name, benchmark in taken.suite.items()},
        "remarks": list(taken.remarks),
        "unsettled": sorted(map(list, taken.unsettled)),
        "busy": taken.busy,
        "seconds": taken.seconds,
    }
    write_text(path, json.dumps(document) + "\n")
    return path


def load_measurements(
    project: Project, base: str, head: str, machine: str, environments: Sequence[str] = ()
) -> list[Measurement]:
    """Return what a check measured of two commits (full hashes), in each environment.

    Parameters
    ----------
    environments
        Names, or patterns; without any, all that are kept.

    Raises
    ------
    UsageError
        When a file is damaged.
    """
    folder = project.state / "checks"
    found = []
    for path in sorted(folder.glob(f"{base[:8]}-{head[:8]}-{_safe(machine)}-*.json")):
        taken = _read(path)
        same = (taken.base.commit, taken.head.commit, taken.head.machine) == (base, head, machine)
        name = taken.head.environment
        if same and (not environments or any(fnmatchcase(name, one) for one in environments)):
            found.append(taken)
    return found


def _name(base: str, head: str, side: Side) -> str:
    return f"{base[:8]}-{head[:8]}-{_safe(side.machine)}-{_safe(side.environment)}.json"


def _safe(name: str) -> str:
    """Return a part of a file's name; what is too long for one is told by its hash."""
    clean = re.sub(r"[^\w.+=]", "_", name)
    if len(clean) <= _LONGEST:
        return clean
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _side_to_json(side: Side) -> dict[str, Any]:
    return {
        "commit": side.commit,
        "machine": side.machine,
        "environment": side.environment,
        "hardware": dict(side.hardware),
        "path": str(side.path),
        "date": side.date,
        "profiles": dict(side.profiles),
        "readings": [
            [*key, *(getattr(reading, name) for name in _FIELDS)]
            for key, reading in side.readings.items()
        ],
    }


def _read(path: Path) -> Measurement:
    # Any value can be of any type; one net is simpler than a hundred checks.
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']!r}, not {SCHEMA}")
        return Measurement(
            _read_side(data["base"]),
            _read_side(data["head"]),
            Suite({name: _benchmark(*fields) for name, fields in data["suite"].items()}),
            tuple(map(str, data["remarks"])),
            frozenset(map(_key, data["unsettled"])),
            float(data["busy"]),
            float(data.get("seconds", 0.0)),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{path} is not a check that this version kept ({type(error).__name__}: {error}); "
            "delete the file, or check again"
        ) from error


def _read_side(data: Mapping[str, Any]) -> Side:
    readings = {}
    for name, params, value, processes, version, single, error, *heard in data["readings"]:
        # An earlier version kept fewer of the last three.
        cpu, calls, instructions = [*heard, None, None, None][:3]
        readings[_key((name, params))] = Reading(
            value, tuple(map(tuple, processes)), None, version, single, error,
            tuple(cpu or ()),
            tuple(calls) if calls else None,
            tuple(instructions) if instructions else None,
        )  # fmt: skip
    return Side(
        str(data["commit"]), str(data["machine"]), str(data["environment"]), data["hardware"],
        readings, Path(data["path"]), data["profiles"], int(data["date"]),
    )  # fmt: skip


def _benchmark(unit: str, names: Sequence[str], params: Sequence[Sequence[str]]) -> Benchmark:
    return Benchmark(unit, tuple(names), tuple(map(tuple, params)))


def _key(parts: Sequence[Any]) -> Key:
    name, params = parts
    return str(name), tuple(map(str, params))
