"""What the gate asks of asv beside measuring: to know this machine, and to find steps."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from holdfast.errors import HoldfastError
from holdfast.extras import is_installed, missing_extra


def prepare(machine: str) -> None:
    """Make sure that asv is installed and knows this machine, as 'asv machine --yes' does.

    Raises
    ------
    HoldfastError
        When ``.asv-machine.json`` in the home folder cannot be read or written.
    """
    if not is_installed("asv"):
        raise missing_extra("measuring", "asv")
    # asv is no dependency of the gate, and takes a while to import.
    from asv import util
    from asv.machine import Machine, MachineCollection

    try:
        with contextlib.suppress(util.UserError):
            MachineCollection.load(machine)
            return
        MachineCollection.save(machine, {**Machine.get_defaults(), "machine": machine})
    except (util.UserError, OSError, ValueError, TypeError) as error:
        path = MachineCollection.get_machine_file_path()
        raise HoldfastError(f"asv cannot note {machine!r} in {path}: {error}") from error


def detect_steps(
    values: Sequence[float | None], weights: Sequence[float | None]
) -> list[tuple[int, int, float]]:
    """Return the levels that asv finds in a series: first place, place after the last, value."""
    if not is_installed("asv"):
        raise missing_extra("history", "asv")
    # asv is no dependency of the gate, and takes a while to import.
    from asv.step_detect import detect_steps

    return [(left, right, value) for left, right, value, *_ in detect_steps(values, weights)]
