"""Terms that exist for factors, filters and classifiers alike: slices, aliases, constants, ..."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.errors import NotInBundle, UsageError
from holdfast.pipeline.computable import ComputableTerm, Rows, Values

PERIODS = ("week_start", "month_start", "quarter_start", "year_start")


def of_kind(mixin: type, term: ComputableTerm) -> Any:
    """Return a class that is `mixin` and of the same kind as `term`."""
    kind: Any = term.kind()
    return _make_class(mixin, kind)


@cache
def _make_class(mixin: Any, kind: Any) -> type:
    return type(f"{mixin.__name__}{kind.__name__}", (mixin, kind), {"__module__": __name__})


def _same_type(term: ComputableTerm) -> dict[str, Any]:
    return {"dtype": term.dtype, "missing_value": term.missing_value}


class Slice(ComputableTerm):
    """The values of one asset, one column wide."""

    window_length = 0
    params: Any = ("asset",)

    def __new__(cls, term: ComputableTerm, asset: Asset) -> Any:
        more = {"window_safe": term.window_safe, "ndim": 1, "mask": term.mask}
        return super().__new__(cls, inputs=[term], asset=asset, **more, **_same_type(term))

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        column = np.flatnonzero(rows.sids == self.params["asset"].sid)
        if not len(column):
            raise NotInBundle(f"{self}: the bundle does not hold {self.params['asset']}")
        return arrays[0][:, column]

    @property
    def asset(self) -> Any:
        """Whose values they are."""
        return self.params["asset"]

    def __repr__(self) -> str:
        return f"{self.inputs[0].short_name}[{self.params['asset']}]"


class Alias(ComputableTerm):
    """A term under another name."""

    window_length = 0
    params: Any = ("name",)

    def __new__(cls, term: ComputableTerm, name: str) -> Any:
        more = {"window_safe": term.window_safe, "ndim": term.ndim, "outputs": term.outputs}
        return super().__new__(cls, inputs=[term], name=name, **more, **_same_type(term))

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return arrays[0]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inputs[0].short_name}, {self.params['name']!r})"


class Constant(ComputableTerm):
    """The same value everywhere."""

    window_length = 0
    inputs = ()
    params: Any = ("value",)

    def __new__(cls, value: Any, dtype: Any, missing_value: Any) -> Any:
        return super().__new__(cls, value=value, dtype=dtype, missing_value=missing_value)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return np.full(rows.shape, self.params["value"], dtype=self.dtype)


class IfElse(ComputableTerm):
    """One term's values where a filter is True, another's elsewhere."""

    window_length = 0

    def __new__(cls, condition: Any, if_true: Any, if_false: Any) -> Any:
        terms = [condition, if_true, if_false]
        safe = all(term.window_safe for term in terms)
        return super().__new__(cls, inputs=terms, window_safe=safe, **_same_type(if_true))

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return np.where(*arrays)


class Shifted(ComputableTerm):
    """The values of an earlier session."""

    takes_any_input = True

    def __new__(cls, term: ComputableTerm, sessions: int) -> Any:
        if isinstance(sessions, bool) or not isinstance(sessions, int) or sessions < 1:
            raise UsageError(f"shift({sessions!r}): the number of sessions must be 1 or more")
        more = {"window_safe": term.window_safe, "ndim": term.ndim}
        length = sessions + 1
        return super().__new__(cls, inputs=[term], window_length=length, **more, **_same_type(term))

    def roll(self, values: Values) -> Values:
        """Return the first value of each window."""
        return values[: len(values) - self.window_length + 1]


class Downsampled(ComputableTerm):
    """A term as it was at the start of each period."""

    window_length = 0
    params: Any = ("frequency",)

    def __new__(cls, term: ComputableTerm, frequency: str) -> Any:
        if frequency not in PERIODS:
            raise UsageError(f"downsample({frequency!r}): choose from {', '.join(PERIODS)}")
        more = {"ndim": term.ndim, "mask": term.mask, "outputs": term.outputs}
        return super().__new__(
            cls, inputs=[term], frequency=frequency, window_safe=False, **more, **_same_type(term)
        )

    def downsample(self, frequency: str) -> Any:
        """Return the term itself at the start of other periods, as in Zipline: the last counts."""
        return self.inputs[0].downsample(frequency)

    def sample_rows(self, labels: pd.DatetimeIndex, first: int, stop: int) -> NDArray[np.int64]:
        """Return for each session the session at which its period started, -1 when unknown."""
        period = _periods(labels[:stop], self.params["frequency"])
        starts = np.flatnonzero(np.concatenate([[False], period[1:] != period[:-1]]))
        at = np.searchsorted(starts, np.arange(first, stop), side="right") - 1
        if not len(starts):
            return np.full(stop - first, -1)
        found: NDArray[np.int64] = np.where(at >= 0, starts[at], -1)
        return found


def _periods(labels: pd.DatetimeIndex, frequency: str) -> NDArray[np.int64]:
    match frequency:
        case "week_start":
            return np.asarray(labels.isocalendar().week, dtype=np.int64)
        case "month_start":
            return np.asarray(labels.month, dtype=np.int64)
        case "quarter_start":
            return np.asarray(labels.quarter, dtype=np.int64)
        case _:
            return np.asarray(labels.year, dtype=np.int64)
