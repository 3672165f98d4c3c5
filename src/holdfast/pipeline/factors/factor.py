"""Factors: a number for every session and asset, and what can be made of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline.classifiers.classifier import Classifier, Quantiles
from holdfast.pipeline.computable import ComputableTerm
from holdfast.pipeline.filters.filter import Filter
from holdfast.pipeline.filters.predicates import Comparison, Maximum, Percentiles
from holdfast.pipeline.term import DATE, FLOAT, INT, NotSpecified, Term


class Factor(ComputableTerm):
    """A term of numbers: it can be calculated with, compared, ranked and grouped."""

    dtype = FLOAT

    @classmethod
    def kind(cls) -> type[ComputableTerm]:
        """Return Factor."""
        return Factor

    def _validate(self) -> None:
        super()._validate()
        if self.dtype not in (FLOAT, INT, DATE):
            raise UsageError(
                f"{type(self).__name__} is a factor of dtype {self.dtype}; choose float64, int64 "
                f"or datetime64[ns] (or derive it from CustomFilter or CustomClassifier)"
            )

    def _compare(self, op: str, other: Any) -> Filter:
        if not isinstance(other, Factor) and not _is_number(other):
            raise UsageError(f"{self} {op} {other!r} needs a factor or a number on the right")
        compared: Filter = Comparison(op, self, other)
        return compared

    def __lt__(self, other: Any) -> Filter:
        return self._compare("<", other)

    def __le__(self, other: Any) -> Filter:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> Filter:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> Filter:
        return self._compare(">=", other)

    def __ne__(self, other: object) -> Any:
        return self._compare("!=", other)

    __hash__ = ComputableTerm.__hash__

    def eq(self, other: Any) -> Filter:
        """Return a filter that is True where the value equals another."""
        return self._compare("==", other)

    def _arithmetic(self, op: str, left: Any, right: Any) -> Factor:
        from holdfast.pipeline.factors.arithmetic import Arithmetic

        for side in (left, right):
            if not _is_number(side) and not isinstance(side, Factor):
                raise UsageError(f"{left} {op} {right} needs factors or numbers on both sides")
            if isinstance(side, Factor) and side.dtype != FLOAT:
                raise UsageError(f"{left} {op} {right}: {side} is of {side.dtype}, not float64")
        made: Factor = Arithmetic(op, left, right)
        return made

    def __add__(self, other: Any) -> Factor:
        return self._arithmetic("+", self, other)

    def __radd__(self, other: Any) -> Factor:
        return self._arithmetic("+", other, self)

    def __sub__(self, other: Any) -> Factor:
        return self._arithmetic("-", self, other)

    def __rsub__(self, other: Any) -> Factor:
        return self._arithmetic("-", other, self)

    def __mul__(self, other: Any) -> Factor:
        return self._arithmetic("*", self, other)

    def __rmul__(self, other: Any) -> Factor:
        return self._arithmetic("*", other, self)

    def __truediv__(self, other: Any) -> Factor:
        return self._arithmetic("/", self, other)

    def __rtruediv__(self, other: Any) -> Factor:
        return self._arithmetic("/", other, self)

    def __mod__(self, other: Any) -> Factor:
        return self._arithmetic("%", self, other)

    def __rmod__(self, other: Any) -> Factor:
        return self._arithmetic("%", other, self)

    def __pow__(self, other: Any) -> Factor:
        return self._arithmetic("**", self, other)

    def __rpow__(self, other: Any) -> Factor:
        return self._arithmetic("**", other, self)

    def __neg__(self) -> Factor:
        return self._apply("negative")

    def _apply(self, function: str) -> Factor:
        from holdfast.pipeline.factors.arithmetic import Function

        if self.dtype != FLOAT:
            raise UsageError(f"{function}() needs a factor of float64; {self} has {self.dtype}")
        made: Factor = Function(self, function)
        return made

    def isnan(self) -> Filter:
        """Return a filter that is True where the value is NaN."""
        return self._compare("!=", self)

    def notnan(self) -> Filter:
        """Return a filter that is True where the value is not NaN."""
        return ~self.isnan()

    def isfinite(self) -> Filter:
        """Return a filter that is True where the value is neither NaN nor infinite."""
        return (self > -np.inf) & (self < np.inf)

    def clip(self, min_bound: float, max_bound: float, mask: Any = NotSpecified) -> Factor:
        """Return the factor with values below and above two bounds set to these."""
        from holdfast.pipeline.factors.crosswise import Clip

        clipped: Factor = Clip(inputs=[self], min_bound=min_bound, max_bound=max_bound)
        return clipped

    def rank(
        self,
        method: str = "ordinal",
        ascending: bool = True,
        mask: Any = NotSpecified,
        groupby: Any = NotSpecified,
    ) -> Factor:
        """Return each value's rank within its session, from 1 on.

        Parameters
        ----------
        method
            What equal values get: ``ordinal`` (in order of ``sid``), ``average``, ``min``,
            ``max`` or ``dense``.
        ascending
            Whether the lowest value is first.
        mask
            A filter; only where it is True values are ranked.
        groupby
            A classifier; values are ranked within its groups.
        """
        from holdfast.pipeline.factors.crosswise import Rank

        ranked: Factor = Rank(self, method, ascending, mask, _classifier(groupby))
        return ranked

    def demean(self, mask: Any = NotSpecified, groupby: Any = NotSpecified) -> Factor:
        """Return the values less the mean of their session, or of their group in it."""
        return self._across("demean", mask, groupby, window_safe=self.window_safe)

    def zscore(self, mask: Any = NotSpecified, groupby: Any = NotSpecified) -> Factor:
        """Return the values less their session's mean, by its standard deviation."""
        return self._across("zscore", mask, groupby, window_safe=True)

    def winsorize(
        self,
        min_percentile: float,
        max_percentile: float,
        mask: Any = NotSpecified,
        groupby: Any = NotSpecified,
    ) -> Factor:
        """Return the values, the smallest and largest of a session replaced by less extreme ones.

        Parameters
        ----------
        min_percentile, max_percentile
            From 0 to 1: which part of the values is too small, and which is not too large.
        mask, groupby
            A filter and a classifier, as for `rank`.
        """
        if not 0 <= min_percentile < max_percentile <= 1:
            raise UsageError(
                f"winsorize({min_percentile}, {max_percentile}): both must lie between 0 and 1, "
                f"the first below the second"
            )
        bounds = (float(min_percentile), float(max_percentile))
        return self._across("winsorize", mask, groupby, bounds, window_safe=self.window_safe)

    def _across(
        self,
        transform: str,
        mask: Any,
        groupby: Any,
        bounds: tuple[float, ...] = (),
        window_safe: bool = False,
    ) -> Factor:
        from holdfast.pipeline.factors.crosswise import Across

        if self.dtype != FLOAT:
            raise UsageError(f"{transform}() needs a factor of float64; {self} has {self.dtype}")
        mask, groupby = mask, _classifier(groupby)
        made: Factor = Across(self, transform, bounds, mask, groupby, window_safe)
        return made

    def quantiles(self, bins: int, mask: Any = NotSpecified) -> Classifier:
        """Return a classifier of equally large groups by value, 0 being the lowest."""
        mask = self.mask if mask is NotSpecified else mask
        made: Classifier = Quantiles(inputs=[self], bins=bins, mask=mask)
        return made

    def quartiles(self, mask: Any = NotSpecified) -> Classifier:
        """Return a classifier of four groups by value."""
        return self.quantiles(4, mask)

    def quintiles(self, mask: Any = NotSpecified) -> Classifier:
        """Return a classifier of five groups by value."""
        return self.quantiles(5, mask)

    def deciles(self, mask: Any = NotSpecified) -> Classifier:
        """Return a classifier of ten groups by value."""
        return self.quantiles(10, mask)

    def top(self, N: int, mask: Any = NotSpecified, groupby: Any = NotSpecified) -> Filter:  # noqa: N803
        """Return a filter of the N largest values of each session, or of each group in it."""
        if N == 1:
            largest: Filter = Maximum(self, mask, _classifier(groupby))
            return largest
        return self.rank(ascending=False, mask=mask, groupby=groupby) <= N

    def bottom(self, N: int, mask: Any = NotSpecified, groupby: Any = NotSpecified) -> Filter:  # noqa: N803
        """Return a filter of the N smallest values of each session, or of each group in it."""
        return self.rank(ascending=True, mask=mask, groupby=groupby) <= N

    def percentile_between(
        self, min_percentile: float, max_percentile: float, mask: Any = NotSpecified
    ) -> Filter:
        """Return a filter of the values between two percentiles (0 to 100) of their session."""
        between: Filter = Percentiles(self, min_percentile, max_percentile, mask)
        return between

    def pearsonr(self, target: Term, correlation_length: int, mask: Any = NotSpecified) -> Factor:
        """Return the correlation with another term over a window."""
        from holdfast.pipeline.factors.statistical import RollingPearson

        made: Factor = RollingPearson(self, target, correlation_length, mask)
        return made

    def spearmanr(self, target: Term, correlation_length: int, mask: Any = NotSpecified) -> Factor:
        """Return the rank correlation with another term over a window."""
        from holdfast.pipeline.factors.statistical import RollingSpearman

        made: Factor = RollingSpearman(self, target, correlation_length, mask)
        return made

    def linear_regression(
        self, target: Term, regression_length: int, mask: Any = NotSpecified
    ) -> Factor:
        """Return alpha, beta, r_value, p_value and stderr of a regression on another term."""
        from holdfast.pipeline.factors.statistical import RollingLinearRegression

        made: Factor = RollingLinearRegression(self, target, regression_length, mask)
        return made


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _classifier(groupby: Any) -> Any:
    if groupby is not NotSpecified and not isinstance(groupby, Classifier):
        raise UsageError(f"groupby is {groupby!r}; it must be a classifier, such as quantiles(5)")
    return groupby
