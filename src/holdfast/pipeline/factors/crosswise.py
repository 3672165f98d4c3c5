"""Factors across the assets of one session: ranks, scores, summaries, bounds, peers."""

from __future__ import annotations

from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline import rowwise
from holdfast.pipeline.computable import Rows, Values, is_missing
from holdfast.pipeline.factors.custom import RolledFactor
from holdfast.pipeline.factors.factor import Factor
from holdfast.pipeline.filters.filter import Both
from holdfast.pipeline.term import FLOAT, NotSpecified


def _grouped(arrays: list[Values], inputs: Any, mask: Values) -> tuple[Any, Values]:
    """Return the labels of the second input, if there is one, and which values are usable."""
    if len(arrays) == 1:
        return None, mask
    return rowwise.labels_of(arrays[1], inputs[1].missing_value, mask)


def _within(mask: Any, factor: Factor) -> Any:
    """Return the mask, where the factor is computed at all."""
    if mask is NotSpecified or mask is factor.mask:
        return factor.mask
    return Both(mask, factor.mask)


class Rank(Factor):
    """Each value's rank within its session or group."""

    window_length = 0
    window_safe = True
    params: Any = ("method", "ascending")

    def __new__(cls, factor: Factor, method: str, ascending: bool, mask: Any, groupby: Any) -> Any:
        if method not in rowwise.RANKS:
            raise UsageError(f"rank(method={method!r}): choose from {', '.join(rowwise.RANKS)}")
        terms = [factor] if groupby is NotSpecified else [factor, groupby]
        if groupby is not NotSpecified:
            mask = _within(mask, factor)
        return super().__new__(
            cls, inputs=terms, mask=mask, method=method, ascending=bool(ascending)
        )

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        usable = mask & ~is_missing(arrays[0], self.inputs[0].missing_value)
        groups, usable = _grouped(arrays, self.inputs, usable)
        values = arrays[0].astype(FLOAT)
        return rowwise.rank(values, usable, groups, self.params["method"], self.params["ascending"])

    def __repr__(self) -> str:
        order = "" if self.params["ascending"] else ", descending"
        return f"Rank({self.inputs[0]}{order})"


class Across(Factor):
    """A transform of each session's values, as a whole or by groups."""

    window_length = 0
    params: Any = ("transform", "bounds")

    def __new__(
        cls,
        factor: Factor,
        transform: str,
        bounds: tuple[float, ...],
        mask: Any,
        groupby: Any,
        window_safe: bool,
    ) -> Any:
        return super().__new__(
            cls,
            inputs=[factor] if groupby is NotSpecified else [factor, groupby],
            mask=_within(mask, factor),
            window_safe=window_safe,
            transform=transform,
            bounds=bounds,
        )

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        groups, usable = _grouped(arrays, self.inputs, mask)
        transform = getattr(rowwise, self.params["transform"])
        values: Values = transform(arrays[0], usable, groups, *self.params["bounds"])
        return values

    def __repr__(self) -> str:
        return f"{self.params['transform']}({self.inputs[0]})"


class Summary(Factor):
    """One number of each session's values, such as their mean."""

    window_length = 0
    ndim = 1
    params: Any = ("summary",)

    def __new__(cls, factor: Factor, summary: str, mask: Any) -> Any:
        if factor.dtype != FLOAT:
            raise UsageError(f"{summary}() needs a factor of float64; {factor} has {factor.dtype}")
        return super().__new__(
            cls, inputs=[factor], mask=mask, summary=summary, window_safe=factor.window_safe
        )

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        missing = is_missing(arrays[0], self.inputs[0].missing_value)
        values = np.where(mask & ~missing, arrays[0], np.nan)
        return _summarize(values, self.params["summary"])[:, None]

    def __repr__(self) -> str:
        return f"{self.inputs[0]}.{self.params['summary']}()"


def _summarize(values: Values, summary: str) -> Values:
    known = ~np.isnan(values)
    counts = known.sum(axis=1).astype(FLOAT)
    total = np.where(known, values, 0.0).sum(axis=1)
    match summary:
        case "notnull_count":
            return counts
        case "sum":
            return total
        case "mean":
            return np.asarray(total / counts)
        case "stddev":
            difference = np.where(known, values - (total / counts)[:, None], 0.0)
            return np.sqrt((difference * difference).sum(axis=1) / counts)
        case "median":
            return rowwise.quantiles_of_rows(values, np.array([0.5]))[0]
        case _:
            choose: Any = np.fmax if summary == "max" else np.fmin
            return np.asarray(choose.reduce(values, axis=1))


class Clip(RolledFactor):
    """Values below and above two bounds set to these."""

    window_length = 1
    params: Any = ("min_bound", "max_bound")

    def roll(self, *series: Values) -> Values:
        return np.clip(series[0], self.params["min_bound"], self.params["max_bound"])


class PeerCount(Factor):
    """How many assets have the same label."""

    window_length = 0

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        groups, usable = rowwise.labels_of(arrays[0], self.inputs[0].missing_value, mask)
        n_labels = int(groups.max(initial=0)) + 1
        ids = np.arange(len(mask))[:, None] * n_labels + groups
        counts = np.bincount(ids[usable], minlength=len(mask) * n_labels)
        return np.where(usable, counts[np.where(usable, ids, 0)].astype(FLOAT), np.nan)
