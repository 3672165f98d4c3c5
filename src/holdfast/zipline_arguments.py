"""The arguments of Zipline's ``run_algorithm`` that Holdfast has no use for: accepted or refused.

What changes nothing is accepted, so that a script written for Zipline runs; what would change the
run is refused by name, with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from holdfast.data.sessions import Sessions
from holdfast.errors import NotSupported, UsageError
from holdfast.nearest import ask_nearest
from holdfast.utils.calendar_utils import get_calendar

_OWN = (
    "analyze",
    "before_trading_start",
    "benchmark_returns",
    "bundle",
    "capital_base",
    "data_frequency",
    "end",
    "handle_data",
    "initialize",
    "layers",
    "ledger",
    "start",
    "trading_calendar",
    "zipline_names",
)
#: By name: what is accepted besides None, and why anything else is refused.
_WITHOUT_EFFECT: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "bundle_timestamp": ((), "a bundle's folder has one current version, which is the one used"),
    "metrics_set": (("default",), "the perf frame has the columns of Zipline's default set"),
    "default_extension": ((True, False), "there are no extension files"),
    "strict_extensions": ((True, False), "there are no extension files"),
    "extensions": (((), []), "there are no extension files: bundle= names the bundle's folder"),
    "environ": ((os.environ,), "bundle= and layers= say what Zipline reads from it"),
    "custom_loader": ((), "data for pipelines comes from the bundle"),
    "blotter": (
        ("default",),
        "orders are filled by one blotter: choose its models with set_slippage, set_commission "
        "and set_cancel_policy",
    ),
}


def check_zipline_arguments(given: Mapping[str, Any]) -> None:
    """Raise the error for an argument that Holdfast cannot follow.

    Raises
    ------
    NotSupported
        When a value would change Zipline's run and cannot change this one.
    TypeError
        When neither Zipline nor Holdfast has an argument of that name.
    """
    for name, value in given.items():
        if name not in _WITHOUT_EFFECT:
            hint = ask_nearest(name, [*_OWN, *_WITHOUT_EFFECT])
            text = f"run_algorithm() got an unexpected keyword argument {name!r}; {hint}"
            raise TypeError(text.rstrip("; "))
        accepted, reason = _WITHOUT_EFFECT[name]
        if value is not None and not any(value is one or value == one for one in accepted):
            raise NotSupported(f"run_algorithm({name}={value!r}) cannot be followed: {reason}")


def check_calendar(calendar: Any, sessions: Sessions) -> None:
    """Raise the error for a ``trading_calendar=`` that is not the bundle's own.

    Parameters
    ----------
    calendar
        A calendar of exchange_calendars, or the name of one; None for the bundle's own.
    sessions
        Of the bundle.
    """
    if calendar is None:
        return
    name = getattr(get_calendar(calendar) if isinstance(calendar, str) else calendar, "name", None)
    if name != sessions.calendar:
        raise UsageError(
            f"trading_calendar is {name or calendar!r}, but the bundle was ingested on "
            f"{sessions.calendar} (leave it out, or ingest with --calendar {name})"
        )
