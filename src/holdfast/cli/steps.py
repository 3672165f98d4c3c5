"""What a command is doing, on a terminal, once it has taken two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue

_PATIENCE = 2.0  # seconds without a sign of life
_INTERVAL = 0.5  # seconds between two of them


@contextmanager
def show_steps() -> Iterator[Callable[[str], None]]:
    """Give a function that names the step which begins; it is shown with the seconds so far.

    Nothing is shown where stderr is not a terminal, and the line is gone when all is done.
    """
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    steps: SimpleQueue[str | None] = SimpleQueue()
    teller = threading.Thread(target=_tell, args=(steps,), daemon=True)
    teller.start()
    try:
        yield steps.put
    finally:
        steps.put(None)
        teller.join()


def _tell(steps: SimpleQueue[str | None]) -> None:
    """Show every step that begins after the patience, at once, and how long all has taken."""
    name: str | None = ""
    began, shown, spent = time.monotonic(), 0, 0.0
    while True:
        with suppress(Empty):
            name = steps.get(timeout=max(_PATIENCE - spent, _INTERVAL))
        if name is None:
            break
        spent = time.monotonic() - began
        if name and spent >= _PATIENCE:
            line = f"{name} ... {spent:.0f} s"
            sys.stderr.write(f"\r{line:<{shown}}")
            sys.stderr.flush()
            shown = len(line)
    if shown:
        sys.stderr.write(f"\r{'':<{shown}}\r")
        sys.stderr.flush()
