"""Factors that are calculated from others, number by number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from holdfast.pipeline.computable import Rows, Values
from holdfast.pipeline.factors.factor import Factor
from holdfast.pipeline.term import FLOAT, Term

_OPERATORS: dict[str, Callable[[Any, Any], Values]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.remainder,
    "**": np.power,
}


class Arithmetic(Factor):
    """``left op right`` of factors and numbers."""

    window_length = 0
    params: Any = ("op", "number", "number_first")

    def __new__(cls, op: str, left: Any, right: Any) -> Any:
        terms = [side for side in (left, right) if isinstance(side, Term)]
        numbers = [float(side) for side in (left, right) if not isinstance(side, Term)]
        number = numbers[0] if numbers else None
        if number is not None and math.isnan(number):
            number = math.nan
        safe = all(term.window_safe for term in terms)
        first = not isinstance(left, Term)
        return super().__new__(
            cls, inputs=terms, op=op, number=number, number_first=first, window_safe=safe
        )

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        left, right = arrays[0], arrays[-1]
        if len(arrays) == 1:
            left, right = _with_number(arrays[0], self.params)
        out = np.empty(rows.shape)
        out[...] = _OPERATORS[self.params["op"]](left, right)
        return out

    def __repr__(self) -> str:
        sides = [repr(term) for term in self.inputs]
        if len(sides) == 1:
            sides.insert(0 if self.params["number_first"] else 1, repr(self.params["number"]))
        return f"({sides[0]} {self.params['op']} {sides[1]})"


def _with_number(values: Values, params: dict[str, Any]) -> tuple[Any, Any]:
    number = params["number"]
    return (number, values) if params["number_first"] else (values, number)


class Function(Factor):
    """A function of each number of a factor."""

    window_length = 0
    params: Any = ("function",)

    def __new__(cls, factor: Factor, function: str) -> Any:
        more = {"function": function, "window_safe": factor.window_safe}
        return super().__new__(cls, inputs=[factor], **more)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        out = np.empty(rows.shape, dtype=FLOAT)
        out[...] = getattr(np, self.params["function"])(arrays[0])
        return out

    def __repr__(self) -> str:
        return f"{self.params['function']}({self.inputs[0]})"
