"""Dates as users give them: anything that pandas reads as a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import UsageError


def parse_date(given: Any) -> np.datetime64:
    """Return the date of anything that pandas reads as a time.

    Raises
    ------
    ValueError
        When it is not a date.
    """
    try:
        date: np.datetime64 = pd.Timestamp(given).to_datetime64().astype("datetime64[D]")
    except TypeError as error:
        raise ValueError(error) from None
    if np.isnat(date):
        raise ValueError(f"{given!r} is not a date")
    return date


def read_date(name: str, given: Any) -> np.datetime64:
    """Return the date that a user gave as the argument `name`.

    Raises
    ------
    UsageError
        When it is not a date.
    """
    try:
        return parse_date(given)
    except ValueError:
        raise UsageError(
            f"{name} is {given!r}, which is not a date (such as '2024-01-31')"
        ) from None
