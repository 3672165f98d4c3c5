"""Functions of single numbers and summaries of a session, as methods of every factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from holdfast.pipeline.factors.factor import Factor
from holdfast.pipeline.term import NotSpecified

FUNCTIONS = (
    "abs arccos arccosh arcsin arcsinh arctan arctanh cos cosh exp expm1 log log10 log1p sin sinh "
    "sqrt tan tanh"
)
SUMMARIES = "mean stddev max min median sum notnull_count"


def _function(name: str) -> Callable[[Factor], Factor]:
    def method(self: Factor) -> Factor:
        return self._apply(name)

    method.__name__, method.__doc__ = name, f"Return {name}() of each value."
    return method


def _summary(name: str) -> Callable[..., Factor]:
    def method(self: Factor, mask: Any = NotSpecified) -> Factor:
        from holdfast.pipeline.factors.crosswise import Summary

        made: Factor = Summary(self, name, mask)
        return made

    method.__name__ = name
    method.__doc__ = f"Return the {name} of each session's values: one number for all assets."
    return method


def add_methods() -> None:
    """Give every factor a method for each function and summary."""
    for name in FUNCTIONS.split():
        setattr(Factor, name, _function(name))
    for name in SUMMARIES.split():
        setattr(Factor, name, _summary(name))
