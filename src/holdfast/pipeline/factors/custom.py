"""Factors over a window: a user's own, and the base of the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline.computable import Rows, Values
from holdfast.pipeline.factors.factor import Factor
from holdfast.pipeline.term import NotSpecified
from holdfast.pipeline.windowed import CustomTerm, Rolled


class _SeveralOutputs(CustomTerm):
    """Makes each name in ``outputs`` an attribute."""

    def __getattr__(self, name: str) -> Any:
        outputs = self.__dict__.get("outputs", NotSpecified)
        if name.startswith("_") or outputs is NotSpecified:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name in outputs:
            return Output(self, name)
        raise AttributeError(
            f"{type(self).__name__} has no output {name!r}; it has {', '.join(outputs)}"
        )

    def __iter__(self) -> Iterator[Any]:
        if self.outputs is NotSpecified:
            raise UsageError(f"{self} has a single output, so it cannot be unpacked")
        return iter([Output(self, name) for name in self.outputs])


class CustomFactor(_SeveralOutputs, Factor):
    """A factor whose `compute` is yours: called every session with windows of its inputs.

    Class attributes `inputs`, `window_length`, `outputs`, `params`, `dtype` and `missing_value`
    are defaults for the arguments of the same names.
    """


class RolledFactor(Rolled, CustomFactor):
    """A built-in factor over a window."""


class Output(Factor):
    """One output of a factor that has several."""

    window_length = 0
    params: Any = ("name",)

    def __new__(cls, factor: Any, name: str) -> Any:
        more = {"mask": factor.mask, "dtype": factor.dtype, "missing_value": factor.missing_value}
        return super().__new__(
            cls, inputs=[factor], name=name, window_safe=factor.window_safe, **more
        )

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return np.ascontiguousarray(arrays[0][self.params["name"]])

    def __repr__(self) -> str:
        return f"{self.inputs[0]}.{self.params['name']}"


class Latest(RolledFactor):
    """The last value of a column."""

    window_length = 1

    def roll(self, *series: Values) -> Values:
        return series[0]
