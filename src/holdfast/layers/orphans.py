"""A worker ends when the process that started it does, however that ended."""

from __future__ import annotations

import os
import select
import signal
import threading
import time

_BETWEEN_LOOKS = 0.5  # seconds, where the system cannot wake us


def end_with(parent: int) -> None:
    """End this process as soon as its parent has ended.

    loky's workers would wait for tasks for five minutes after a SIGKILL of their parent, and
    one whose backtest never ends would never end.

    Parameters
    ----------
    parent
        The process that started this one.
    """
    threading.Thread(target=_wait_and_end, args=(parent,), daemon=True).start()


def _wait_and_end(parent: int) -> None:
    try:
        ended = os.pidfd_open(parent)
    except (AttributeError, OSError):  # not Linux, or it has ended
        ended = None
    if ended is not None and os.getppid() == parent:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.poll()
    while os.getppid() == parent:
        time.sleep(_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
