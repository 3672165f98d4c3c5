"""What a command is doing, on a terminal, once it has taken two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
    names, done = [""], threading.Event()
    teller = threading.Thread(target=_tell, args=(names, done), daemon=True)
    teller.start()
    try:
        yield names.append
    finally:
        done.set()
        teller.join()


def _tell(names: list[str], done: threading.Event) -> None:
    began, shown = time.monotonic(), 0
    wait = _PATIENCE
    while not done.wait(wait):
        line = f"{names[-1]} ... {time.monotonic() - began:.0f} s"
        sys.stderr.write(f"\r{line:<{shown}}")
        sys.stderr.flush()
        shown, wait = len(line), _INTERVAL
    if shown:
        sys.stderr.write(f"\r{'':<{shown}}\r")
        sys.stderr.flush()
