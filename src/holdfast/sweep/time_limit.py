"""A limit on how long a backtest may run, which ends the backtest and not its process."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_LATER = 0.01  # seconds, when the limit falls on a moment at which nothing may be cut short
_AGAIN = 2.0  # seconds; what is raised in a finalizer, or in a library's bare except, is lost


class TimeUp(BaseException):
    """Raised in the midst of a backtest; a strategy's ``except Exception`` does not stop it."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `TimeUp` in this thread when the context lasts longer than so many seconds.

    A call into C that neither returns nor looks for signals is not interrupted.
    """
    if seconds is None:
        yield
    elif threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        with _limit_by_alarm(seconds):
            yield
    else:
        with _limit_by_thread(seconds):
            yield


@contextmanager
def _limit_by_alarm(seconds: float) -> Iterator[None]:
    """Let the system interrupt the main thread, even while it sleeps."""

    def ring(_: int, frame: FrameType | None) -> None:
        if _is_delicate(frame):
            signal.setitimer(signal.ITIMER_REAL, _LATER)
        else:
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
            raise TimeUp

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    before = signal.signal(signal.SIGALRM, ring)
    with _stopped_by(stop):
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield


@contextmanager
def _limit_by_thread(seconds: float) -> Iterator[None]:
    """Let another thread interrupt this one, which cannot have signals, between two bytecodes."""
    runner, done, turn = threading.get_ident(), threading.Event(), threading.Lock()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            with turn:
                if done.is_set():
                    return
                wait = _LATER
                if not _is_delicate(sys._current_frames().get(runner)):
                    _raise_in(runner, TimeUp)
                    wait = _AGAIN

    def stop() -> None:
        with turn:
            done.set()
            _raise_in(runner, None)  # what was sent and has not arrived

    watcher = threading.Thread(target=watch, daemon=True)
    with _stopped_by(stop):
        watcher.start()
        yield


@contextmanager
def _stopped_by(stop: Callable[[], object]) -> Iterator[None]:
    """Stop what interrupts at the end of the context, even where it interrupts that."""
    try:
        try:
            yield
        finally:
            _finish(stop)
    finally:
        _finish(stop)  # the interruption may fall between the end and the first of the two


def _finish(stop: Callable[[], object]) -> None:
    while True:
        try:
            stop()
            return
        except TimeUp:
            pass  # it came too late: the context has ended


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)


def _is_delicate(frame: FrameType | None) -> bool:
    """Whether a cache that other backtests share is at work: it is not cut short."""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("holdfast.layers"):
            return True
        if name == "holdfast.sweep.job":
            return False
        frame = frame.f_back
    return False
