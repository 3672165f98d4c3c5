"""The gate's commands, a file for each question: check, gate, why, since, trust."""

from __future__ import annotations

from holdfast.gate.cli import check, gate, since, trust, why
from holdfast.usage import Commands


def add_to(parsers: Commands) -> None:
    """Add the gate's commands to the parser of a command line."""
    for group in (check, gate, why, since, trust):
        group.add_to(parsers)
