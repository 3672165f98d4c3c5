"""Returns, averages and volumes over a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline.computable import Values
from holdfast.pipeline.data import EquityPricing
from holdfast.pipeline.factors.custom import RolledFactor
from holdfast.pipeline.rolling import (
    Floats,
    first,
    fold,
    in_blocks,
    last,
    rolled_nanmean,
    rolled_nanstd,
    rolled_nansum,
    weighted_mean,
)


class OneInput(RolledFactor):
    """A factor of a single input, over a window of `shortest` sessions or more."""

    shortest = 1

    def _validate(self) -> None:
        super()._validate()
        if len(self.inputs) != 1:
            raise UsageError(
                f"{type(self).__name__} takes one input, not {len(self.inputs)}: "
                f"{', '.join(map(repr, self.inputs))}"
            )
        if self.window_length < self.shortest:
            raise UsageError(
                f"{type(self).__name__}: window_length is {self.window_length}; at least "
                f"{self.shortest} is needed"
            )


class Returns(OneInput):
    """The change from the first to the last value of the window, as a part of the first."""

    inputs = (EquityPricing.close,)
    window_safe = True
    shortest = 2

    def roll(self, *series: Values) -> Values:
        before, now = first(series[0], self.window_length), last(series[0], self.window_length)
        return np.asarray((now - before) / before)


class DailyReturns(Returns):
    """The change since the session before."""

    window_length = 2


class PercentChange(OneInput):
    """The change from the first to the last value of the window, as a part of the first's size."""

    window_safe = True
    shortest = 2

    def roll(self, *series: Values) -> Values:
        before, now = first(series[0], self.window_length), last(series[0], self.window_length)
        return np.asarray((now - before) / np.abs(before))


class SimpleMovingAverage(OneInput):
    """The mean of what is not NaN in the window."""

    def roll(self, *series: Values) -> Values:
        return rolled_nanmean(series[0], self.window_length)


class WeightedAverageValue(RolledFactor):
    """The mean of the first input, weighted by the second."""

    def roll(self, *series: Values) -> Values:
        weighted = rolled_nansum(series[0] * series[1], self.window_length)
        return np.asarray(weighted / rolled_nansum(series[1], self.window_length))


class VWAP(WeightedAverageValue):
    """The mean close of the window, weighted by volume."""

    inputs = (EquityPricing.close, EquityPricing.volume)


class AverageDollarVolume(RolledFactor):
    """The mean of close times volume; a session without a bar counts as 0."""

    inputs = (EquityPricing.close, EquityPricing.volume)

    def roll(self, *series: Values) -> Values:
        return rolled_nansum(series[0] * series[1], self.window_length) / self.window_length


class MaxDrawdown(OneInput):
    """The largest fall from a peak within the window, as a part of the value it fell to."""

    def roll(self, *series: Values) -> Values:
        return in_blocks(_deepest_fall, self.window_length, series[0])


def _deepest_fall(values: Floats, length: int) -> Floats:
    n_windows = len(values) - length + 1
    peak = values[:n_windows].copy()
    largest = np.full(peak.shape, -np.inf)
    value_then = peak.copy()
    for row in range(length):
        value = values[row : row + n_windows]
        np.fmax(peak, value, out=peak)
        fall = peak - value
        deeper = fall > largest
        np.copyto(largest, fall, where=deeper)
        np.copyto(value_then, value, where=deeper)
    return np.asarray(largest / value_then)


class AnnualizedVolatility(RolledFactor):
    """The standard deviation of daily returns, times the root of the sessions in a year."""

    inputs = (Returns(window_length=2),)
    params: Any = {"annualization_factor": 252.0}
    window_length = 252

    def roll(self, *series: Values) -> Values:
        spread = rolled_nanstd(series[0], self.window_length)
        return np.asarray(spread * self.params["annualization_factor"] ** 0.5)


class LinearWeightedMovingAverage(OneInput):
    """The mean of the window, the newest value counting most; NaN counts as 0."""

    def roll(self, *series: Values) -> Values:
        length = self.window_length
        known = np.where(np.isnan(series[0]), 0.0, series[0])
        total = fold(lambda values: values, length, (known,), weights=np.arange(1.0, length + 1))
        return np.asarray(total / (length * (length + 1) / 2))


class _ExponentialWeighted(OneInput):
    params: Any = ("decay_rate",)

    @classmethod
    def from_span(cls, inputs: Any, window_length: int, span: float, **kwargs: Any) -> Any:
        """Return the factor whose decay rate is ``1 - 2 / (1 + span)``; `span` more than 1."""
        if span <= 1:
            raise UsageError(f"{cls.__name__}: span is {span}; it must be more than 1")
        return cls._decaying(inputs, window_length, 1.0 - 2.0 / (1.0 + span), kwargs)

    @classmethod
    def from_halflife(cls, inputs: Any, window_length: int, halflife: float, **kwargs: Any) -> Any:
        """Return the factor whose weights halve after `halflife` sessions; more than 0."""
        if halflife <= 0:
            raise UsageError(f"{cls.__name__}: halflife is {halflife}; it must be more than 0")
        rate = float(np.exp(np.log(0.5) / halflife))
        return cls._decaying(inputs, window_length, rate, kwargs)

    @classmethod
    def from_center_of_mass(
        cls, inputs: Any, window_length: int, center_of_mass: float, **kwargs: Any
    ) -> Any:
        """Return the factor whose decay rate is ``1 - 1 / (1 + center_of_mass)``."""
        rate = 1.0 - 1.0 / (1.0 + center_of_mass)
        return cls._decaying(inputs, window_length, rate, kwargs)

    @classmethod
    def _decaying(cls, inputs: Any, window_length: int, rate: float, more: dict[str, Any]) -> Any:
        return cls(inputs=inputs, window_length=window_length, decay_rate=rate, **more)

    @property
    def weights(self) -> Floats:
        """The weight of each row of a window, shape (window_length,)."""
        return exponential_weights(self.window_length, self.params["decay_rate"])


def exponential_weights(length: int, decay_rate: float) -> Floats:
    """Return weights that decay from the newest to the oldest of `length` values."""
    return np.full(length, float(decay_rate)) ** np.arange(length + 1, 1, -1)


class ExponentialWeightedMovingAverage(_ExponentialWeighted):
    """The mean of the window, older values counting less; NaN where it holds one."""

    def roll(self, *series: Values) -> Values:
        return weighted_mean(series[0], self.weights)


class ExponentialWeightedMovingStdDev(_ExponentialWeighted):
    """The standard deviation about the exponentially weighted mean, corrected for bias."""

    def roll(self, *series: Values) -> Values:
        weights = self.weights
        mean = weighted_mean(series[0], weights)
        squares = fold(_squared, len(weights), (series[0],), (mean,), weights) / weights.sum()
        whole = weights.sum() ** 2
        return np.sqrt(squares * (whole / (whole - (weights**2).sum())))


def _squared(values: Floats, mean: Floats) -> Floats:
    difference = values - mean
    difference *= difference
    return difference


EWMA = ExponentialWeightedMovingAverage
EWMSTD = ExponentialWeightedMovingStdDev
