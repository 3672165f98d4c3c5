"""Random pipelines: the same seed is the same graph of terms, in either engine.

What is known to differ (docs/pipeline-differences.md) is not drawn: ranks of equal values among
missing ones, the single largest of negative values, groups by quantiles of what may be missing.
Nor is a limit of 1: a z-score in a group of two is 1 up to its last bit.
"""

from __future__ import annotations

from random import Random
from typing import Any

from golden.pipelines.names import Names

LONGEST = 9


class RandomTerms:
    """Draws terms.

    Parameters
    ----------
    names
        The engine's.
    seed
        Of the graph.
    """

    def __init__(self, names: Names, seed: int) -> None:
        self.names, self.random = names, Random(seed)

    def pipeline(self) -> Any:
        """Return a pipeline of a few columns, with a screen in half of all cases."""
        columns = {
            "factor": self.factor(3),
            "other": self.factor(2),
            "filter": self.filter(2),
            "label": self.label(),
        }
        screen = self.filter(2) if self.random.random() < 0.5 else None
        return self.names.pipeline(columns, screen)

    def factor(self, depth: int) -> Any:
        if depth == 0:
            return self.random.choice([self.price, self.returns])()
        kinds = [self.windowed, self.arithmetic, self.across, self.nested, self.conditional]
        return self.random.choice(kinds)(depth)

    def price(self) -> Any:
        return getattr(self.names.prices, self._field()).latest

    def returns(self) -> Any:
        return self.names.factors.Returns(window_length=self._length())

    def windowed(self, depth: int) -> Any:
        f, length = self.names.factors, self._length()
        column, span = [getattr(self.names.prices, self._field())], self.random.randint(2, 9)
        bands = f.BollingerBands(window_length=length, k=self.random.choice([1, 2.5]))
        choices = [
            lambda: f.SimpleMovingAverage(inputs=column, window_length=length),
            lambda: f.LinearWeightedMovingAverage(inputs=column, window_length=length),
            lambda: f.EWMA.from_span(inputs=column, window_length=length, span=span),
            lambda: f.EWMSTD.from_halflife(inputs=column, window_length=length, halflife=span),
            lambda: f.PercentChange(inputs=column, window_length=length),
            lambda: f.RateOfChangePercentage(inputs=column, window_length=length),
            lambda: f.VWAP(window_length=length),
            lambda: f.AverageDollarVolume(window_length=length),
            lambda: f.RSI(window_length=length + 1),
            lambda: f.FastStochasticOscillator(window_length=length),
            lambda: f.TrueRange(),
            lambda: self.random.choice(list(bands)),
            lambda: self.random.choice(list(f.Aroon(window_length=length))),
            lambda: f.AnnualizedVolatility(window_length=length),
            lambda: f.MovingAverageConvergenceDivergenceSignal(2, length + 1, span),
            lambda: f.SimpleBeta(self.names.assets[0], length + 2),
            lambda: f.RollingPearsonOfReturns(self.names.assets[0], 2, length + 1),
            lambda: f.SimpleMovingAverage(
                inputs=column, window_length=length, mask=self.filter(depth - 1)
            ),
        ]
        return self.random.choice(choices)()

    def nested(self, depth: int) -> Any:
        """Return a window over ranks, scores or returns."""
        f = self.names.factors
        inner = self.factor(depth - 1)
        safe = self.random.choice(
            [lambda: self._apart(inner).rank(), lambda: inner.zscore(), self.returns]
        )()
        choices = [
            lambda: f.SimpleMovingAverage(inputs=[safe], window_length=self._length()),
            lambda: f.EWMA.from_span(inputs=[safe], window_length=self._length(), span=3),
            lambda: f.AnnualizedVolatility(inputs=[safe], window_length=self._length()),
            lambda: self._apart(inner).rank().pearsonr(target=self.returns(), correlation_length=5),
            lambda: f.WeightedAverageValue(
                inputs=[safe, self.names.prices.volume], window_length=self._length()
            ),
        ]
        return self.random.choice(choices)()

    def arithmetic(self, depth: int) -> Any:
        left, right = self.factor(depth - 1), self.factor(depth - 1)
        number = self.random.choice([0.5, 2, 3, -1.25])
        choices = [
            lambda: left + right,
            lambda: left - right,
            lambda: left * number,
            lambda: number / left,
            lambda: left / right,
            lambda: -left,
            lambda: left.abs().sqrt(),
            lambda: left.abs().log1p(),
            lambda: left.clip(-abs(number), abs(number)),
            lambda: left.fillna(number),
            lambda: left.fillna(right),
            lambda: left - right.mean(),
            lambda: left / right.max(),
            lambda: left * right[self.names.assets[0]],
        ]
        return self.random.choice(choices)()

    def across(self, depth: int) -> Any:
        inner = self.factor(depth - 1)
        mask = {"mask": self.filter(depth - 1)} if self.random.random() < 0.4 else {}
        grouped = {"groupby": self.groups()} if self.random.random() < 0.4 else {}
        choices = [
            lambda: self._apart(inner).rank(ascending=self.random.random() < 0.5, **mask),
            lambda: inner.zscore(**mask, **grouped),
            lambda: inner.demean(**mask, **grouped),
            lambda: inner.winsorize(0.1, 0.8, **mask, **grouped),
            lambda: inner.downsample(self.random.choice(["week_start", "month_start"])),
        ]
        return self.random.choice(choices)()

    def conditional(self, depth: int) -> Any:
        return self.filter(depth - 1).if_else(self.factor(depth - 1), self.factor(depth - 1))

    def filter(self, depth: int) -> Any:
        of, inner = self.names.filters, self.factor(max(0, depth - 1))
        length = self._length()
        choices = [
            lambda: inner > self.factor(max(0, depth - 1)),
            lambda: inner <= self.random.choice([0.0, 0.9, 50.0]),
            lambda: self._apart(inner).top(self.random.randint(2, 4)),
            lambda: self._apart(inner).bottom(self.random.randint(1, 4)),
            lambda: inner.percentile_between(*self.random.choice([(0, 60), (25, 75), (40, 100)])),
            lambda: inner.notnull(),
            lambda: inner.isnull(),
            lambda: of.StaticSids(self.random.sample(range(8), 4)),
            lambda: of.AllPresent(inputs=[self.names.prices.close], window_length=length),
            lambda: self.groups().eq(1),
        ]
        if depth > 0:
            choices += [
                lambda: self.filter(depth - 1) & self.filter(depth - 1),
                lambda: self.filter(depth - 1) | self.filter(depth - 1),
                lambda: ~self.filter(depth - 1),
                lambda: of.Any(inputs=[self.filter(depth - 1)], window_length=length),
                lambda: of.All(inputs=[self.filter(depth - 1)], window_length=length),
                lambda: of.AtLeastN(inputs=[self.filter(depth - 1)], window_length=length, N=2),
            ]
        return self.random.choice(choices)()

    def _apart(self, factor: Any) -> Any:
        """Return a factor without equal values, whose order would hang on the last bit."""
        return factor + self.names.factors.Returns(window_length=5) * 1e-3

    def groups(self) -> Any:
        """Return a classifier of what every asset has on every session."""
        volume = self.names.prices.volume.latest
        by = self.random.choice([volume, volume + 0.5, volume * 2])
        return by.quantiles(self.random.choice([2, 3]))

    def label(self) -> Any:
        choices = [self.groups, lambda: self.groups().peer_count()]
        return self.random.choice(choices)()

    def _length(self) -> int:
        return self.random.randint(2, LONGEST)

    def _field(self) -> str:
        return self.random.choice(["open", "high", "low", "close", "volume"])
