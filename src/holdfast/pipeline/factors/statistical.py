"""Correlations and regressions over a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.pipeline import rowwise
from holdfast.pipeline.computable import Values
from holdfast.pipeline.factors.basic import Returns
from holdfast.pipeline.factors.custom import CustomFactor, RolledFactor
from holdfast.pipeline.filters.filter import SingleAsset
from holdfast.pipeline.rolling import Floats, fold, rolled_count, rolled_nanmean, rolled_sum
from holdfast.pipeline.term import FLOAT, INT, AssetExists, NotSpecified, Term

_TINY = 1e-20  # keeps a perfect correlation from dividing by zero


def _check(name: str, terms: tuple[Term, Term], length: int, shortest: int = 2) -> None:
    for term in terms:
        if not isinstance(term, Term) or term.dtype not in (FLOAT, INT):
            raise UsageError(f"{name} needs factors or columns of numbers, not {term!r}")
    if isinstance(length, bool) or not isinstance(length, int) or length < shortest:
        raise UsageError(f"{name}: the length is {length!r}; at least {shortest} is needed")
    if terms[1].ndim == 2 and terms[0].mask is not terms[1].mask:
        raise UsageError(
            f"{name}: {terms[0]} and {terms[1]} have different masks (give both the same one)"
        )


def _products(left: Floats, right: Floats, about: Floats, about_too: Floats) -> Floats:
    return (left - about) * (right - about_too)


class RollingPearson(RolledFactor):
    """The correlation of two terms, asset by asset; NaN where either has a NaN."""

    window_safe = True

    def __new__(
        cls, base_factor: Any, target: Any, correlation_length: int, mask: Any = NotSpecified
    ) -> Any:
        _check(cls.__name__, (base_factor, target), correlation_length)
        inputs = [base_factor, target]
        return super().__new__(cls, inputs=inputs, window_length=correlation_length, mask=mask)

    def roll(self, *series: Values) -> Values:
        covariance, of_base, of_target, _ = _moments(series, self.window_length)
        return np.asarray(covariance / np.sqrt(of_target * of_base))


def _moments(series: tuple[Values, ...], length: int) -> tuple[Floats, Floats, Floats, Any]:
    """Return the covariance, both variances and both means of each window."""
    base, target = series
    means = rolled_sum(base, length) / length, rolled_sum(target, length) / length
    covariance = fold(_products, length, (base, target), means) / length
    of_base = fold(_products, length, (base, base), (means[0], means[0])) / length
    of_target = fold(_products, length, (target, target), (means[1], means[1])) / length
    return covariance, of_base, of_target, means


class RollingSpearman(CustomFactor):
    """The rank correlation of two terms, asset by asset; NaN where either has a NaN."""

    window_safe = True

    def __new__(
        cls, base_factor: Any, target: Any, correlation_length: int, mask: Any = NotSpecified
    ) -> Any:
        _check(cls.__name__, (base_factor, target), correlation_length)
        inputs = [base_factor, target]
        return super().__new__(cls, inputs=inputs, window_length=correlation_length, mask=mask)

    def compute(self, today: Any, assets: Any, out: Any, *inputs: Any, **params: Any) -> None:
        """Rank both windows and correlate the ranks."""
        base, target = np.broadcast_arrays(*inputs)
        ranks = []
        for window in (base, target):
            usable = ~(np.isnan(base) | np.isnan(target)).any(axis=0)
            every = np.broadcast_to(usable[:, None], window.T.shape)
            ranks.append(rowwise.rank(window.T.astype(FLOAT), every, None, "average", True).T)
        covariance, of_base, of_target, _ = _moments((ranks[0], ranks[1]), len(base))
        out[:] = (covariance / np.sqrt(of_base * of_target))[0]


class RollingLinearRegression(RolledFactor):
    """The least-squares line of one term on another, asset by asset.

    The output ``p_value`` needs SciPy.
    """

    outputs = ("alpha", "beta", "r_value", "p_value", "stderr")

    def __new__(
        cls, dependent: Any, independent: Any, regression_length: int, mask: Any = NotSpecified
    ) -> Any:
        _check(cls.__name__, (dependent, independent), regression_length)
        inputs = [dependent, independent]
        return super().__new__(cls, inputs=inputs, window_length=regression_length, mask=mask)

    def __getattr__(self, name: str) -> Any:
        if name == "p_value":
            _student()
        return super().__getattr__(name)

    def roll(self, *series: Values) -> dict[str, Values]:
        length = self.window_length
        covariance, of_y, of_x, (mean_y, mean_x) = _moments(series, length)
        beta = covariance / of_x
        flat = of_y == 0
        r = np.where(flat, 0.0, np.clip(covariance / np.sqrt(of_x * of_y), -1, 1))
        if length == 2:
            p_value, error = np.where(flat, 1.0, 0.0), np.zeros(r.shape)
        else:
            p_value = _p_value(r, length - 2)
            error = np.sqrt((1 - r**2) * of_y / of_x / (length - 2))
        known = ~np.isnan(covariance)
        found = {
            "alpha": mean_y - beta * mean_x,
            "beta": beta,
            "r_value": r,
            "p_value": p_value,
            "stderr": error,
        }
        return {name: np.where(known, values, np.nan) for name, values in found.items()}


def _p_value(r: Floats, freedom: int) -> Floats:
    """Return how likely a correlation at least as large is by chance; NaN without SciPy."""
    try:
        distribution = _student()
    except UsageError:
        return np.full(r.shape, np.nan)
    t = r * np.sqrt(freedom / ((1 - r + _TINY) * (1 + r + _TINY)))
    return np.asarray(2 * distribution(freedom, -np.abs(t)))


def _student() -> Any:
    try:
        from scipy.special import stdtr
    except ImportError:
        raise UsageError("p_value of a linear regression needs SciPy (pip install scipy)") from None
    return stdtr


def _returns_beside(target: Asset, length: int) -> Any:
    """Return the returns of all assets, those of `target` also while it is not listed."""
    if not isinstance(target, Asset):
        raise UsageError(f"target is {target!r}; it must be an asset, such as symbol('SPY')")
    return Returns(window_length=length, mask=AssetExists() | SingleAsset(target))


class RollingPearsonOfReturns(RollingPearson):
    """The correlation of every asset's returns with those of one."""

    def __new__(
        cls, target: Asset, returns_length: int, correlation_length: int, mask: Any = NotSpecified
    ) -> Any:
        returns = _returns_beside(target, returns_length)
        return super().__new__(cls, returns, returns[target], correlation_length, mask)


class RollingSpearmanOfReturns(RollingSpearman):
    """The rank correlation of every asset's returns with those of one."""

    def __new__(
        cls, target: Asset, returns_length: int, correlation_length: int, mask: Any = NotSpecified
    ) -> Any:
        returns = _returns_beside(target, returns_length)
        return super().__new__(cls, returns, returns[target], correlation_length, mask)


class RollingLinearRegressionOfReturns(RollingLinearRegression):
    """The regression of every asset's returns on those of one."""

    window_safe = True

    def __new__(
        cls, target: Asset, returns_length: int, regression_length: int, mask: Any = NotSpecified
    ) -> Any:
        returns = _returns_beside(target, returns_length)
        return super().__new__(cls, returns, returns[target], regression_length, mask)


class SimpleBeta(RolledFactor):
    """The slope of every asset's daily returns on those of one.

    Parameters
    ----------
    target
        The asset to compare with.
    regression_length
        How many daily returns; 3 or more.
    allowed_missing_percentage
        Which part of an asset's returns may be missing, from 0 to 1.
    """

    window_safe = True
    params: Any = ("allowed_missing_count",)

    def __new__(
        cls, target: Asset, regression_length: int, allowed_missing_percentage: float = 0.25
    ) -> Any:
        returns = _returns_beside(target, 2)
        _check(cls.__name__, (returns, returns[target]), regression_length, shortest=3)
        if not 0 <= allowed_missing_percentage <= 1:
            raise UsageError(
                f"SimpleBeta: allowed_missing_percentage is {allowed_missing_percentage}; it must "
                f"lie between 0 and 1"
            )
        return super().__new__(
            cls,
            inputs=[returns, returns[target]],
            window_length=regression_length,
            allowed_missing_count=int(allowed_missing_percentage * regression_length),
        )

    @property
    def target(self) -> Any:
        """The asset to compare with."""
        return self.inputs[1].asset

    def roll(self, *series: Values) -> Values:
        length = self.window_length
        returns, target = series[0], np.where(np.isnan(series[0]), np.nan, series[1])
        count, mean = rolled_count(target, length), rolled_nanmean(target, length)
        # Of the product either may be missing, of the square only the target's return.
        covariance = fold(_product_or_0, length, (target, returns), (mean,))
        covariance = covariance / rolled_count(target + returns, length)
        variance = fold(_square_or_0, length, (target,), (mean,)) / count
        beta: Values = covariance / variance
        return np.where(length - count > self.params["allowed_missing_count"], np.nan, beta)


def _product_or_0(target: Floats, returns: Floats, mean: Floats) -> Floats:
    product = (target - mean) * returns
    return np.where(np.isnan(product), 0.0, product)


def _square_or_0(target: Floats, mean: Floats) -> Floats:
    return _product_or_0(target, target - mean, mean)
