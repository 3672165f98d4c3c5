"""Twenty built-in factors, with the arguments that Zipline's users give them."""

from __future__ import annotations

from typing import Any


def make_columns(factors: Any, prices: Any, market_asset: Any) -> dict[str, Any]:
    """Return the columns of a pipeline.

    Parameters
    ----------
    factors, prices
        An engine's ``pipeline.factors`` and ``USEquityPricing``.
    market_asset
        What the betas are against.
    """
    close = [prices.close]
    named = {
        "returns": factors.Returns(window_length=60),
        "change": factors.PercentChange(inputs=close, window_length=20),
        "daily": factors.DailyReturns(),
        "average": factors.SimpleMovingAverage(inputs=close, window_length=100),
        "exponential": factors.EWMA.from_span(inputs=close, window_length=60, span=20),
        "deviation": factors.EWMSTD.from_span(inputs=close, window_length=60, span=20),
        "linear": factors.LinearWeightedMovingAverage(inputs=close, window_length=20),
        "vwap": factors.VWAP(window_length=20),
        "rsi": factors.RSI(),
        "band": factors.BollingerBands(window_length=20, k=2).upper,
        "aroon": factors.Aroon(window_length=25).up,
        "stochastic": factors.FastStochasticOscillator(),
        "ichimoku": factors.IchimokuKinkoHyo().tenkan_sen,
        "rate": factors.RateOfChangePercentage(inputs=close, window_length=10),
        "range": factors.TrueRange(),
        "macd": factors.MovingAverageConvergenceDivergenceSignal(),
        "dollars": factors.AverageDollarVolume(window_length=20),
        "volatility": factors.AnnualizedVolatility(),
        "drawdown": factors.MaxDrawdown(inputs=close, window_length=60),
        "beta": factors.SimpleBeta(target=market_asset, regression_length=60),
    }
    assert len(named) == 20
    return named


def sum_up(frame: Any) -> tuple[int, float]:
    """Return how many rows a frame has, and one number that moves when a column does by 1e-6.

    Zipline stores prices with noise, which decides ties: a few deepest falls lie elsewhere.
    """
    return len(frame), 100 * float((frame.mean() / frame.std()).sum())
