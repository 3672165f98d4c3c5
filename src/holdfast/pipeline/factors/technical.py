"""Indicators of technical analysis over a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline.computable import Values
from holdfast.pipeline.data import EquityPricing
from holdfast.pipeline.factors.basic import OneInput, exponential_weights
from holdfast.pipeline.factors.custom import RolledFactor
from holdfast.pipeline.rolling import (
    Floats,
    extreme,
    first,
    last,
    rolled_nanmean,
    rolled_nanstd,
    weighted_mean,
    where_first,
)


class RSI(OneInput):
    """The relative strength index: how large gains are beside losses, from 0 to 100."""

    inputs = (EquityPricing.close,)
    window_length = 15
    window_safe = True
    shortest = 2

    def roll(self, *series: Values) -> Values:
        changes, length = np.diff(series[0], axis=0), self.window_length - 1
        gains = rolled_nanmean(np.clip(changes, 0, np.inf), length)
        losses = np.abs(rolled_nanmean(np.clip(changes, -np.inf, 0), length))
        return np.asarray(100 - 100 / (1 + gains / losses))


class BollingerBands(RolledFactor):
    """The moving average, and `k` standard deviations below and above it."""

    inputs = (EquityPricing.close,)
    outputs = ("lower", "middle", "upper")
    params: Any = ("k",)

    def roll(self, *series: Values) -> dict[str, Values]:
        middle = rolled_nanmean(series[0], self.window_length)
        width = self.params["k"] * rolled_nanstd(series[0], self.window_length)
        return {"lower": middle - width, "middle": middle, "upper": middle + width}


class Aroon(RolledFactor):
    """How recent the window's low and high are, from 0 (its start) to 100 (its end)."""

    inputs = (EquityPricing.low, EquityPricing.high)
    outputs = ("down", "up")

    def _validate(self) -> None:
        super()._validate()
        if self.window_length < 2:
            raise UsageError(f"Aroon: window_length is {self.window_length}; at least 2 is needed")

    def roll(self, *series: Values) -> dict[str, Values]:
        (lows, highs), length = series, self.window_length
        lowest = where_first(lows, length, extreme(lows, length, np.fmin))
        highest = where_first(highs, length, extreme(highs, length, np.fmax))
        return {"down": 100 * lowest / (length - 1), "up": 100 * highest / (length - 1)}


class FastStochasticOscillator(RolledFactor):
    """Where the last close lies between the window's low (0) and high (100)."""

    inputs = (EquityPricing.close, EquityPricing.low, EquityPricing.high)
    window_length = 14
    window_safe = True

    def roll(self, *series: Values) -> Values:
        closes, lows, highs = series
        lowest = extreme(lows, self.window_length, np.fmin)
        highest = extreme(highs, self.window_length, np.fmax)
        return np.asarray((last(closes, self.window_length) - lowest) / (highest - lowest) * 100)


class IchimokuKinkoHyo(RolledFactor):
    """The five lines of the Ichimoku cloud."""

    inputs = (EquityPricing.high, EquityPricing.low, EquityPricing.close)
    outputs = ("tenkan_sen", "kijun_sen", "senkou_span_a", "senkou_span_b", "chikou_span")
    params: Any = {"tenkan_sen_length": 9, "kijun_sen_length": 26, "chikou_span_length": 26}
    window_length = 52

    def _validate(self) -> None:
        super()._validate()
        for name, value in self.params.items():
            if value > self.window_length:
                raise UsageError(
                    f"IchimokuKinkoHyo: {name} is {value}; at most window_length, "
                    f"{self.window_length}, is possible"
                )

    def roll(self, *series: Values) -> dict[str, Values]:
        highs, lows, closes = series
        n_windows = len(highs) - self.window_length + 1

        def middle(length: int) -> Floats:
            start = self.window_length - length
            top = extreme(highs[start:], length, np.maximum)
            return np.asarray((top + extreme(lows[start:], length, np.minimum)) / 2)

        tenkan = middle(self.params["tenkan_sen_length"])
        kijun = middle(self.params["kijun_sen_length"])
        start = min(self.params["chikou_span_length"], self.window_length - 1)
        return {
            "tenkan_sen": tenkan,
            "kijun_sen": kijun,
            "senkou_span_a": (tenkan + kijun) / 2,
            "senkou_span_b": middle(self.window_length),
            "chikou_span": closes[start : start + n_windows],
        }


class RateOfChangePercentage(OneInput):
    """The change from the first to the last value of the window, in percent of the first."""

    def roll(self, *series: Values) -> Values:
        before, now = first(series[0], self.window_length), last(series[0], self.window_length)
        return np.asarray((now - before) / before * 100)


class TrueRange(RolledFactor):
    """The session's range, widened to the close before."""

    inputs = (EquityPricing.high, EquityPricing.low, EquityPricing.close)
    window_length = 2

    def roll(self, *series: Values) -> Values:
        highs, lows, closes = (each[1:] if n < 2 else each[:-1] for n, each in enumerate(series))
        widest = np.fmax(highs - lows, np.abs(highs - closes))
        return np.fmax(widest, np.abs(lows - closes))


class MovingAverageConvergenceDivergenceSignal(OneInput):
    """The exponential average of the difference between a fast and a slow one.

    Parameters
    ----------
    fast_period, slow_period, signal_period
        Lengths of the three averages, in sessions.
    """

    inputs = (EquityPricing.close,)
    params: Any = ("fast_period", "slow_period", "signal_period")

    def __new__(
        cls,
        fast_period: int = 12,
        slow_period: int = 26,
        signal_period: int = 9,
        **kwargs: Any,
    ) -> Any:
        for name, period in (("fast_period", fast_period), ("signal_period", signal_period)):
            if period < 1:
                raise UsageError(f"MACDSignal: {name} is {period}; at least 1 is needed")
        if slow_period <= fast_period:
            raise UsageError(
                f"MACDSignal: slow_period is {slow_period}; it must be more than fast_period, "
                f"{fast_period}"
            )
        kwargs |= {"fast_period": fast_period, "slow_period": slow_period}
        kwargs |= {"signal_period": signal_period}
        return super().__new__(cls, window_length=slow_period + signal_period - 1, **kwargs)

    def roll(self, *series: Values) -> Values:
        slow, fast = self.params["slow_period"], self.params["fast_period"]
        slow_average = weighted_mean(series[0], _weights(slow))
        fast_average = weighted_mean(series[0][slow - fast :], _weights(fast))
        return weighted_mean(fast_average - slow_average, _weights(self.params["signal_period"]))


def _weights(period: int) -> Floats:
    return exponential_weights(period, 1.0 - 2.0 / (1.0 + period))


MACDSignal = MovingAverageConvergenceDivergenceSignal
