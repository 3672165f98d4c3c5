"""Terms that look back on a window: built-in ones roll whole columns, a user's are called daily."""

from __future__ import annotations

from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline.computable import ComputableTerm, Values
from holdfast.pipeline.term import NotSpecified

#: What `Rolled.roll` returns: one array, or several by name of the output.
RolledValues = Values | dict[str, Values]


class CustomTerm(ComputableTerm):
    """A term whose `compute` is called once for every session."""

    def compute(self, today: Any, assets: Any, out: Any, *inputs: Any, **params: Any) -> None:
        """Write one session's values into `out`.

        Parameters
        ----------
        today : Timestamp
            The session; the windows end with the session before.
        assets : Index of int
            The ``sid`` of each column.
        out : (n_assets,) array
            To be filled; a record array when the term has several outputs.
        *inputs : (window_length, n_assets or 1) array
            One window per input, adjusted as seen from `today`; oldest session first.
        **params
            The term's parameters.
        """
        raise NotImplementedError(f"{type(self).__name__} must define compute")

    def _validate(self) -> None:
        super()._validate()
        if self.window_length < 1:
            raise UsageError(f"{type(self).__name__}: window_length is 0; at least 1 is needed")
        if self.outputs is NotSpecified:
            return
        if not self.outputs:
            raise UsageError(f"{type(self).__name__}: outputs is empty (leave it out for one)")
        taken = [
            name for name in self.outputs if name.startswith("_") or hasattr(ComputableTerm, name)
        ]
        if taken:
            raise UsageError(
                f"{type(self).__name__}: an output cannot be named {taken[0]!r}, which the term "
                f"itself uses (choose another name)"
            )

    def allocate(self, shape: tuple[int, ...]) -> Any:
        """Return an array of missing values for the outputs."""
        if self.outputs is NotSpecified:
            return np.full(shape, self.missing_value, dtype=self.dtype)
        fields = [(name, self.dtype) for name in self.outputs]
        out = np.empty(shape, dtype=fields).view(np.recarray)
        for name in self.outputs:
            out[name] = self.missing_value
        return out


class Rolled(CustomTerm):
    """A built-in term: `roll` slides its window along the first axis of whole columns."""

    def roll(self, *series: Values) -> RolledValues:
        """Compute the term for every window within some arrays.

        Parameters
        ----------
        *series : (n, ...)
            One per input, n at least `window_length`.

        Returns
        -------
        (n - window_length + 1, ...), or several by name of the output
        """
        raise NotImplementedError

    @property
    def rolls(self) -> bool:
        """Whether `roll` may be used: a subclass may define a compute of its own."""
        return type(self).compute is Rolled.compute

    def compute(self, today: Any, assets: Any, out: Any, *inputs: Any, **params: Any) -> None:
        """Write one session's values into `out`."""
        rolled = self.roll(*inputs)
        if isinstance(rolled, dict):
            for name, values in rolled.items():
                out[name] = values[0]
        else:
            out[:] = rolled[0]
