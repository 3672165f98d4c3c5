"""Every error that Holdfast raises on purpose, in one tree.

Each message names the value, the limit and the way out::

    HoldfastError                      catch this to catch them all
    ├── UsageError                     the call or the command line is wrong
    │   ├── MissingExtra               an optional dependency that is not installed
    │   └── NotSupported               a Zipline verb that Holdfast does not have
    ├── BadBars                        input that no bundle may be made of
    ├── BundleError                    a bundle that cannot be opened
    ├── NotInBundle                    a symbol or date that the bundle does not hold
    │   └── HistoryWindowStartsBeforeData
    ├── OrderError                     an order that cannot be placed
    ├── WorkerLost                     a backtest of a sweep ends the process it runs in
    ├── TargetMissed                   a commit is too slow to be a baseline (exit code 1)
    └── NothingMeasured                there is nothing to judge (exit code 3)
"""

from __future__ import annotations


class HoldfastError(Exception):
    """Base of all errors raised on purpose; its text is meant for the user."""

    exit_code = 2


class UsageError(HoldfastError):
    """The call or the command line asks for something that cannot be done."""


class MissingExtra(UsageError, ImportError):
    """An optional dependency is not installed."""


class NotSupported(UsageError, AttributeError):
    """A verb of Zipline's that Holdfast does not have."""


class BadBars(HoldfastError):
    """The bars or adjustments to ingest are wrong; nothing was written."""


class BundleError(HoldfastError):
    """A bundle is missing, damaged, or was written by another version."""


class NotInBundle(HoldfastError):
    """A symbol or a date lies outside what the bundle holds."""


class HistoryWindowStartsBeforeData(NotInBundle):
    """A history window reaches before the first session of the bundle."""


class OrderError(HoldfastError):
    """An order that cannot be placed."""


class WorkerLost(HoldfastError):
    """A backtest of a sweep ends its worker process again and again."""


class TargetMissed(HoldfastError):
    """A commit misses a target of the policy, so no baseline is made of it."""

    exit_code = 1


class NothingMeasured(HoldfastError):
    """No result was stored or measured that could be judged."""

    exit_code = 3
