"""Which benchmark a person means: a name, as a report prints it, and values of its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from holdfast.errors import UsageError
from holdfast.gate.core.readings import Key, Suite, label
from holdfast.nearest import ask_nearest

_NAMED = 5
"""So many sets of parameters are named where the one that was asked for is not there."""


def choose(
    suite: Suite, name: str, values: Sequence[str] = (), bench: Sequence[str] = ()
) -> list[Key]:
    """Return the parameter sets of a benchmark that are meant.

    ``name`` may carry parameters, as in ``b.time_x(1, 'quick')``; ``values`` are parameters that
    a set must have. Where neither says which, it is those that ``bench`` selects by default.
    """
    keys = list(suite.all_keys())
    exact = [key for key in keys if label(key) == name]
    if exact and not values:
        return exact
    sets = [key for key in keys if key[0] == name]
    if not sets:
        near = ask_nearest(name, [*suite, *map(label, keys)])
        hint = near or f"see {len(suite)} in benchmarks.json"
        raise UsageError(f"{name!r} is not a benchmark; {hint}")
    if not values:
        default = {key for key in selected(suite, bench) if key[0] == name}
        return [key for key in sets if key in default] or sets
    wanted = {value.strip("'\"") for value in values}
    found = [key for key in sets if wanted <= {value.strip("'\"") for value in key[1]}]
    if not found:
        listed = ", ".join(map(label, sets[:_NAMED])) + (", ..." if sets[_NAMED:] else "")
        raise UsageError(f"{name} has no parameters {', '.join(values)}; it has {listed}")
    return found


def selected(suite: Suite, bench: Sequence[str]) -> Iterator[Key]:
    """Yield what asv measures for these ``--bench`` expressions."""
    for key in suite.all_keys():
        if not bench or any(re.search(regex, label(key)) for regex in bench):
            yield key


def exactly(key: Key) -> str:
    """Return the ``--bench`` expression that selects one set of parameters."""
    return f"^{re.escape(label(key))}$"
