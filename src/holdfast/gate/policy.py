"""What a project expects of its benchmarks: the limits, and what 'check' measures."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from holdfast.errors import UsageError


@dataclass(frozen=True, slots=True)
class Rule:
    """How one benchmark is judged; the defaults are the gate's."""

    warn: float = 5.0
    fail: float = 20.0
    """Per cent slower (or larger) than the base; the limit itself still passes."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a project."""

    bench: Sequence[str] = ()
    """asv's --bench: what 'check' measures when the command line does not say."""

    def rule(self, label: str) -> Rule:
        """Return the rule for ``name(params)``."""
        return Rule()


def read_policy(path: Path) -> Policy:
    """Read a policy file; a project without one has the defaults."""
    if not path.is_file():
        return Policy()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    return Policy(bench=tuple(data.get("measure", {}).get("bench", ())))
