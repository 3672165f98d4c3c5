"""Parses ``--grid name=values``: a list ``a,b,c``, or a range ``first:last:step``."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any

_LONGEST = 100_000


def parse_parameter(text: str) -> tuple[str, list[Any]]:
    """Parse one ``--grid``; the last value of a range is included, as in ``5:50:5``.

    Raises
    ------
    ArgumentTypeError
        When the text has another form.
    """
    name, equals, values = text.partition("=")
    if not equals or not name.isidentifier() or not values:
        raise argparse.ArgumentTypeError(f"{text!r} is not like fast=5:50:5 or fast=5,10,20")
    if ":" in values:
        return name, _parse_range(text, values.split(":"))
    return name, [_parse_value(part.strip()) for part in values.split(",")]


def _parse_range(text: str, parts: list[str]) -> list[int | float]:
    try:
        # Decimal, so that 0.1:0.5:0.1 contains exactly 0.3 and ends with 0.5.
        first, last, step = map(Decimal, parts if len(parts) == 3 else (*parts, "1"))
        count = int((last - first) / step) + 1
    except (ValueError, InvalidOperation, OverflowError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a range like fast=5:50:5") from None
    if not 1 <= count <= _LONGEST or (last - first) / step < 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} would have no value, or more than {_LONGEST:,} (first:last:step)"
        )
    values = [first + step * number for number in range(count)]
    whole = all(part.strip().lstrip("+-").isdigit() for part in parts)
    return [int(value) if whole else float(value) for value in values]


def _parse_value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
