"""Open asv as a library: in its project's folder, its output on stderr, nothing left behind."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import psutil

from holdfast.errors import NothingMeasured
from holdfast.extras import is_installed, missing_extra
from holdfast.gate.asv.environments import in_folder, load_config
from holdfast.gate.asv.project import Project

_PATIENCE = 2.0
"""Seconds that asv's children get to end by themselves."""


class _Stopped(BaseException):
    """A signal that asks to stop; asv would turn a KeyboardInterrupt into an error of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def open_asv(project: Project) -> Iterator[Any]:
    """Give asv's configuration of a project, with everything set up as asv expects it.

    asv resolves paths from the folder of asv.conf.json and prints to stdout, which is for the
    verdict here. However this ends, asv's processes and temporary files end with it.

    Raises
    ------
    MissingExtra
        When asv is not installed.
    NothingMeasured
        When asv refuses something; its own output says what.
    """
    if not is_installed("asv"):
        raise missing_extra("measuring", "asv")
    with (
        stop_in_order(),
        _private_temporary_folder(),
        in_folder(project),
        contextlib.redirect_stdout(sys.stderr),
        _show_log(),
    ):
        from asv import util

        try:
            yield load_config(project)
        except (util.UserError, util.ProcessError) as error:
            raise NothingMeasured(f"asv stopped: {error}") from error


@contextlib.contextmanager
def stop_in_order() -> Iterator[None]:
    """Let a signal end the block, and with it every process that was started in it."""
    with _stop_by_signal(), _end_children():
        yield


@contextlib.contextmanager
def _stop_by_signal() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the block in an orderly way: with exit code 143, and 130."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: FrameType | None) -> None:
        # A second signal must not interrupt the tidying up.
        for each in old:
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped(number)

    old = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in old:
        signal.signal(number, stop)
    try:
        yield
    except _Stopped as stopped:
        if stopped.number == signal.SIGINT:
            raise KeyboardInterrupt from None
        raise SystemExit(128 + stopped.number) from None
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _end_children() -> Iterator[None]:
    """End every process that was started in the block and still runs after it."""
    others = {child.pid for child in psutil.Process().children(recursive=True)}
    try:
        yield
    finally:
        mine = [one for one in psutil.Process().children(recursive=True) if one.pid not in others]
        for child in mine:
            with contextlib.suppress(psutil.Error):
                child.terminate()
        _, stubborn = psutil.wait_procs(mine, timeout=_PATIENCE)
        for child in stubborn:
            with contextlib.suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(stubborn, timeout=_PATIENCE)


@contextlib.contextmanager
def _private_temporary_folder() -> Iterator[None]:
    """Put asv's temporary files into one folder, which goes even if asv could not tidy up."""
    old = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="holdfast-asv-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = old


@contextlib.contextmanager
def _show_log() -> Iterator[None]:
    """Show what asv says while it creates environments and builds."""
    from asv.console import log

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.enable(bool(os.environ.get("HOLDFAST_DEBUG")))
    try:
        yield
    finally:
        log.flush()
        root.handlers[:] = handlers
        root.setLevel(level)
