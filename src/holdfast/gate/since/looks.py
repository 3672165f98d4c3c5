"""What a bisect saw of each commit, kept so that it goes on where it was stopped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.atomic import write_text
from holdfast.gate.asv.plan import Plan
from holdfast.gate.core.readings import Key, label


@dataclass(slots=True)
class Looks:
    """By commit: whether it is slow; None where it cannot be measured."""

    path: Path
    known: dict[str, bool | None] = field(default_factory=dict)

    def note(self, commit: str, slow: bool | None) -> None:
        """Keep what was seen."""
        self.known[commit] = slow
        write_text(self.path, json.dumps({"schema": 1, "slow": self.known}) + "\n")

    def clear(self) -> None:
        """Start anew: the machine may have been another one then."""
        self.known.clear()
        self.path.unlink(missing_ok=True)


def open_looks(plan: Plan, good: str, bad: str, key: Key) -> Looks:
    """Return what is kept of a bisect between two commits; a damaged file is as good as none."""
    place = f"{label(key)} {plan.machine} {plan.environment}"
    name = f"{good[:8]}-{bad[:8]}-{hashlib.sha256(place.encode()).hexdigest()[:16]}.json"
    folder = plan.project.make_state() / "bisect"
    folder.mkdir(exist_ok=True)
    path = folder / name
    try:
        slow = json.loads(path.read_text("utf-8"))["slow"]
        known = {str(commit): None if seen is None else bool(seen) for commit, seen in slow.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        known = {}
    return Looks(path, known)
