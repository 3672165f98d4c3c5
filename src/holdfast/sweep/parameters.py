"""Parameters of a sweep: lists of values by name, and their combinations in grid order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from holdfast.errors import UsageError

ParameterSet = dict[str, Any]


def combine_parameters(
    params: Mapping[str, Iterable[Any]], reserved: Iterable[str]
) -> list[ParameterSet]:
    """Return every combination; the last name varies fastest.

    Parameters
    ----------
    params
        The values of each parameter, by name.
    reserved
        Names that a sweep's frame has columns for.

    Raises
    ------
    UsageError
        When `params` or a list is empty, or a name is reserved.
    """
    if not params:
        raise UsageError("params is empty; name at least one parameter and its values")
    taken = sorted(set(params) & set(reserved))
    if taken:
        raise UsageError(f"the name {taken[0]!r} is a column of the result; rename the parameter")
    values = {name: _list_values(name, given) for name, given in params.items()}
    return [
        dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())
    ]


def _list_values(name: str, given: Iterable[Any]) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UsageError(f"the values of {name!r} are {given!r}; give a list, such as [{given!r}]")
    # NumPy's scalars would print their type in the key of a row.
    values = [one.item() if isinstance(one, np.generic) else one for one in given]
    if not values:
        raise UsageError(f"the list of {name!r} is empty; give it at least one value")
    return values


def check_plain(sets: Iterable[ParameterSet]) -> None:
    """Refuse values whose text does not identify them in a journal.

    Raises
    ------
    UsageError
        When a value is not a number, a string, a bool or None.
    """
    for name, value in itertools.chain.from_iterable(one.items() for one in sets):
        if not isinstance(value, (str, int, float, bool, type(None))):
            raise UsageError(
                f"resume= keeps rows by their parameters as text, but {name!r} has {value!r} "
                f"(use numbers or texts, and let the strategy look up what they mean)"
            )


def format_parameters(chosen: ParameterSet) -> str:
    """Return a set as text: ``fast=5, slow=60``."""
    return ", ".join(f"{name}={value!r}" for name, value in chosen.items())
