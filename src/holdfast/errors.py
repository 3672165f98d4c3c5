"""Every error that Holdfast raises on purpose, in one tree.

Each message names the value, the limit and the way out::

    HoldfastError                 catch this to catch them all
    ├── UsageError                the call or the command line is wrong (exit code 2)
    └── NothingMeasured           there is nothing to judge (exit code 3)
"""

from __future__ import annotations


class HoldfastError(Exception):
    """Base of all errors raised on purpose; its text is meant for the user."""

    exit_code = 2


class UsageError(HoldfastError):
    """The call or the command line asks for something that cannot be done."""


class NothingMeasured(HoldfastError):
    """No result was stored or measured that could be judged."""

    exit_code = 3
