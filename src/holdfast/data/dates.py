"""Dates that a user gave, in whatever form pandas reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import UsageError


def date_of(given: Any) -> np.datetime64:
    """Return the date of anything that pandas reads as a time.

    Raises
    ------
    ValueError
        When it is no date.
    """
    try:
        date: np.datetime64 = pd.Timestamp(given).to_datetime64().astype("datetime64[D]")
    except TypeError as error:
        raise ValueError(error) from None
    if np.isnat(date):
        raise ValueError(f"{given!r} is no date")
    return date


def day_named(name: str, given: Any) -> np.datetime64:
    """Return the date that a user gave as the argument `name`.

    Raises
    ------
    UsageError
        When it is no date.
    """
    try:
        return date_of(given)
    except ValueError:
        raise UsageError(f"{name} is {given!r}, which is no date (such as '2024-01-31')") from None
