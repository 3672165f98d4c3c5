"""The daily scenario with any two windows, as tables of what to hold at each bar."""

from benchmarks.strategies.daily import initialize

__all__ = ["initialize", "targets"]


def mean(prices, count):
    return prices.close.rolling(count).mean()


def targets(prices, fast, slow):
    return (prices.cached(mean, fast) > prices.cached(mean, slow)) * 100
