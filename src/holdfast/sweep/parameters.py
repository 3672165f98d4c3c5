"""Parameters of a sweep: lists by name, and the sets they make in grid order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from holdfast.errors import UsageError

ParameterSet = dict[str, Any]


def parameter_sets(
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
        When there is nothing to combine, or a name cannot be used.
    """
    if not params:
        raise UsageError("params is empty; name at least one parameter and its values")
    taken = sorted(set(params) & set(reserved))
    if taken:
        raise UsageError(f"the name {taken[0]!r} is a column of the result; rename the parameter")
    values = {name: _values(name, given) for name, given in params.items()}
    return [
        dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())
    ]


def _values(name: str, given: Iterable[Any]) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UsageError(f"the values of {name!r} are {given!r}; give a list, such as [{given!r}]")
    # NumPy's scalars print their type, and a strategy should not care where 5 came from.
    values = [one.item() if isinstance(one, np.generic) else one for one in given]
    if not values:
        raise UsageError(f"the list of {name!r} is empty; give it at least one value")
    return values


def check_plain(sets: Iterable[ParameterSet]) -> None:
    """Refuse values that a file of rows could not tell apart by their text.

    Raises
    ------
    UsageError
        When one is neither a number, a text, a truth value nor None.
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
