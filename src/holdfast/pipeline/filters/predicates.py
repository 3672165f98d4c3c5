"""Filters that ask something of each value or each session: missing, extreme, equal, ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline import rowwise
from holdfast.pipeline.computable import Rows, Values, is_missing
from holdfast.pipeline.filters.filter import CustomFilter, Filter, RolledFilter
from holdfast.pipeline.rolling import rolled_sum
from holdfast.pipeline.term import FLOAT, INT, NotSpecified, Term


class IsNull(Filter):
    """True where a term's value is missing."""

    window_length = 0

    def __new__(cls, term: Term) -> Any:
        return super().__new__(cls, inputs=[term])

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return is_missing(arrays[0], self.inputs[0].missing_value)


class NotNull(IsNull):
    """True where a term's value is not missing."""

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return ~is_missing(arrays[0], self.inputs[0].missing_value)


class Comparison(Filter):
    """``left op right`` of factors, or of a factor and a number; False where a value is NaN."""

    window_length = 0
    params: Any = ("op", "number")

    def __new__(cls, op: str, left: Term, right: Any) -> Any:
        if isinstance(right, Term):
            if left.dtype != right.dtype:
                raise UsageError(f"{left} {op} {right}: {left.dtype} and {right.dtype} differ")
            return super().__new__(cls, inputs=[left, right], op=op, number=None)
        return super().__new__(cls, inputs=[left], op=op, number=right)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        right = arrays[1] if len(arrays) > 1 else self.params["number"]
        return _COMPARE[self.params["op"]](arrays[0], right) & mask

    def __repr__(self) -> str:
        right = self.inputs[1] if len(self.inputs) > 1 else self.params["number"]
        return f"({self.inputs[0]} {self.params['op']} {right})"


_COMPARE: dict[str, Callable[[Any, Any], Values]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
    ">=": np.greater_equal,
    ">": np.greater,
}


class Matches(Filter):
    """True where a function of a classifier's label says so."""

    window_length = 0
    params: Any = ("test", "argument")

    def __new__(cls, term: Term, test: Callable[[Any, Any], bool], argument: Any) -> Any:
        return super().__new__(cls, inputs=[term], mask=term.mask, test=test, argument=argument)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        test, argument = self.params["test"], self.params["argument"]
        missing = self.inputs[0].missing_value
        labels = set(arrays[0].ravel().tolist()) - {missing}
        chosen = [label for label in labels if test(label, argument)]
        if arrays[0].dtype == INT:
            return np.isin(arrays[0], chosen) & mask
        known = set(chosen)
        flat = [label in known for label in arrays[0].ravel().tolist()]
        return np.array(flat, dtype=bool).reshape(arrays[0].shape) & mask


class Percentiles(Filter):
    """True where a factor lies between two percentiles of its session, both included."""

    window_length = 0
    params: Any = ("low", "high")

    def __new__(cls, factor: Term, low: float, high: float, mask: Any) -> Any:
        if not 0 <= low < high <= 100:
            raise UsageError(
                f"percentile_between({low}, {high}): both must lie between 0 and 100, the "
                f"first below the second"
            )
        return super().__new__(cls, inputs=[factor], mask=mask, low=low, high=high)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        values = np.where(mask, arrays[0].astype(float), np.nan)
        parts = np.array([self.params["low"], self.params["high"]]) / 100
        low, high = rowwise.quantiles_of_rows(values, parts)
        return (low[:, None] <= values) & (values <= high[:, None])


class Maximum(Filter):
    """True for the largest value of each session, or of each of its groups; the first of equals."""

    window_length = 0

    def __new__(cls, factor: Term, mask: Any, groupby: Any = NotSpecified) -> Any:
        terms = [factor] if groupby is NotSpecified else [factor, groupby]
        return super().__new__(cls, inputs=terms, mask=mask)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        usable = mask & ~is_missing(arrays[0], self.inputs[0].missing_value)
        groups = None
        if len(arrays) > 1:
            groups, usable = rowwise.labels_of(arrays[1], self.inputs[1].missing_value, usable)
        ranks = rowwise.rank(arrays[0].astype(float), usable, groups, "ordinal", ascending=False)
        return np.asarray(ranks == 1)


class _OfFilters(RolledFilter):
    """Something about how often a filter was True within a window."""

    def roll(self, *series: Values) -> Values:
        return self.judge(rolled_sum(series[0].astype(FLOAT), self.window_length))

    def judge(self, counts: Values) -> Values:
        """Return what the term is for each number of sessions on which the input is True."""
        raise NotImplementedError


class All(_OfFilters):
    """True when the input is True throughout the window."""

    def judge(self, counts: Values) -> Values:
        return counts == self.window_length


class Any_(_OfFilters):  # noqa: N801
    """True when the input is True at least once in the window."""

    def judge(self, counts: Values) -> Values:
        return counts > 0


class AtLeastN(_OfFilters):
    """True when the input is True at least N times in the window."""

    params: Any = ("N",)

    def judge(self, counts: Values) -> Values:
        return np.asarray(counts >= self.params["N"])


class AllPresent(_OfFilters):
    """True when no value of the input is missing in the window."""

    def _validate(self) -> None:
        super()._validate()
        if isinstance(self.inputs[0], Filter):
            raise UsageError(
                f"AllPresent takes a factor or a column, not the filter {self.inputs[0]}"
            )

    def roll(self, *series: Values) -> Values:
        present = ~is_missing(series[0], self.inputs[0].missing_value)
        return self.judge(rolled_sum(present.astype(FLOAT), self.window_length))

    def judge(self, counts: Values) -> Values:
        return counts == self.window_length


__all__ = [
    "All",
    "AllPresent",
    "Any_",
    "AtLeastN",
    "Comparison",
    "CustomFilter",
    "IsNull",
    "Matches",
    "Maximum",
    "NotNull",
    "Percentiles",
]
