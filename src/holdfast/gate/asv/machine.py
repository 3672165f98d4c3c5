"""What asv knows of the machine that it measures on: ``~/.asv-machine.json``."""

from __future__ import annotations

import json
from pathlib import Path

from holdfast.errors import UsageError


def note_machine(name: str) -> dict[str, str]:
    """Return what asv knows of a machine: processor, memory, operating system.

    A name that asv does not know yet is noted for this machine: asv would ask, or take another.

    Raises
    ------
    UsageError
        When the file cannot be read or written.
    """
    path = Path.home() / ".asv-machine.json"
    try:
        known = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        if name not in known:
            # asv comes with an extra, and takes a while to import.
            from asv.machine import Machine, MachineCollection

            known[name] = {**Machine.get_defaults(), "machine": name}
            MachineCollection.save(name, known[name])
        return {key: str(value) for key, value in known[name].items() if value}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}, in which asv notes its machines, cannot be used: {error}; "
            "correct or delete it"
        ) from error
