"""Factors: numbers to rank, compare and trade by."""

from holdfast.pipeline.factors.basic import (
    EWMA,
    EWMSTD,
    VWAP,
    AnnualizedVolatility,
    AverageDollarVolume,
    DailyReturns,
    ExponentialWeightedMovingAverage,
    ExponentialWeightedMovingStdDev,
    LinearWeightedMovingAverage,
    MaxDrawdown,
    PercentChange,
    Returns,
    SimpleMovingAverage,
    WeightedAverageValue,
)
from holdfast.pipeline.factors.crosswise import PeerCount
from holdfast.pipeline.factors.custom import CustomFactor, Latest
from holdfast.pipeline.factors.factor import Factor
from holdfast.pipeline.factors.functions import add_methods
from holdfast.pipeline.factors.statistical import (
    RollingLinearRegressionOfReturns,
    RollingPearson,
    RollingPearsonOfReturns,
    RollingSpearman,
    RollingSpearmanOfReturns,
    SimpleBeta,
)
from holdfast.pipeline.factors.technical import (
    RSI,
    Aroon,
    BollingerBands,
    FastStochasticOscillator,
    IchimokuKinkoHyo,
    MACDSignal,
    MovingAverageConvergenceDivergenceSignal,
    RateOfChangePercentage,
    TrueRange,
)

__all__ = [
    "EWMA",
    "EWMSTD",
    "RSI",
    "VWAP",
    "AnnualizedVolatility",
    "Aroon",
    "AverageDollarVolume",
    "BollingerBands",
    "CustomFactor",
    "DailyReturns",
    "ExponentialWeightedMovingAverage",
    "ExponentialWeightedMovingStdDev",
    "Factor",
    "FastStochasticOscillator",
    "IchimokuKinkoHyo",
    "Latest",
    "LinearWeightedMovingAverage",
    "MACDSignal",
    "MaxDrawdown",
    "MovingAverageConvergenceDivergenceSignal",
    "PeerCount",
    "PercentChange",
    "RateOfChangePercentage",
    "Returns",
    "RollingLinearRegressionOfReturns",
    "RollingPearson",
    "RollingPearsonOfReturns",
    "RollingSpearman",
    "RollingSpearmanOfReturns",
    "SimpleBeta",
    "SimpleMovingAverage",
    "TrueRange",
    "WeightedAverageValue",
]

add_methods()
