"""Dates as users give them: anything that pandas reads as a time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import UsageError

#: A date that is written with its year last: 02/01/2024 is two days, by who reads it.
TWO_WAYS = r"\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b"


def parse_date(given: Any) -> np.datetime64:
    """Return the date of anything that pandas reads as a time.

    Raises
    ------
    ValueError
        When it is not a date, or may be two.
    """
    if isinstance(given, str) and re.match(TWO_WAYS, given):
        raise ValueError(f"{given!r}: day or month first? (write 2024-01-31)")
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


def to_iso(name: str, text: str, date_format: str | None) -> str:
    """Return a date of the command line as 2024-01-31.

    Parameters
    ----------
    name
        The option.
    text
        What was given.
    date_format
        How dates are written, such as ``%d/%m/%Y``; None leaves the text as it is.

    Raises
    ------
    UsageError
        When the text is written otherwise.
    """
    if date_format is None:
        return text
    try:
        return datetime.strptime(text, date_format).date().isoformat()
    except ValueError as error:
        raise UsageError(f"{name} is {text!r}: {error} (--date-format)") from None
