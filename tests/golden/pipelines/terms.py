"""Every built-in term and transform, by the name of its column."""

from __future__ import annotations

from typing import Any

from golden.pipelines.names import Names


def all_terms(names: Names) -> dict[str, Any]:
    """Return the columns of one large pipeline."""
    parts = (windows, technical, statistics, arithmetic, across, groups, filters, odd)
    return {name: term for part in parts for name, term in part(names).items()}


def windows(names: Names) -> dict[str, Any]:
    f, p = names.factors, names.prices
    close, volume = [p.close], [p.volume]
    ewma, ewmstd = f.ExponentialWeightedMovingAverage, f.ExponentialWeightedMovingStdDev
    return {
        "open": p.open.latest,
        "high": p.high.latest,
        "low": p.low.latest,
        "close": p.close.latest,
        "volume": p.volume.latest,
        "latest": f.Latest(inputs=close),
        "returns": f.Returns(window_length=5),
        "returns_open": f.Returns(inputs=[p.open], window_length=2),
        "daily_returns": f.DailyReturns(),
        "percent_change": f.PercentChange(inputs=[p.volume], window_length=4),
        "sma": f.SimpleMovingAverage(inputs=close, window_length=10),
        "sma_volume": f.SimpleMovingAverage(inputs=volume, window_length=7),
        "sma_of_one": f.SimpleMovingAverage(inputs=[p.low], window_length=1),
        "weighted": f.WeightedAverageValue(inputs=[p.open, p.volume], window_length=6),
        "vwap": f.VWAP(window_length=8),
        "dollar_volume": f.AverageDollarVolume(window_length=9),
        # Equal falls in cents are told apart by noise; here are none.
        "drawdown": f.MaxDrawdown(inputs=close, window_length=15),
        "drawdown_high": f.MaxDrawdown(inputs=[p.high], window_length=12),
        "volatility": f.AnnualizedVolatility(window_length=11),
        "volatility_of": f.AnnualizedVolatility(
            inputs=[f.Returns(window_length=3)], window_length=6, annualization_factor=12.0
        ),
        "lwma": f.LinearWeightedMovingAverage(inputs=close, window_length=9),
        "ewma": ewma(inputs=close, window_length=8, decay_rate=0.8),
        "ewma_span": ewma.from_span(inputs=close, window_length=6, span=4),
        "ewma_halflife": f.EWMA.from_halflife(inputs=[p.high], window_length=5, halflife=3),
        "ewma_mass": ewma.from_center_of_mass(inputs=volume, window_length=5, center_of_mass=4),
        "ewmstd": ewmstd(inputs=close, window_length=8, decay_rate=0.9),
        "ewmstd_span": f.EWMSTD.from_span(inputs=[p.low], window_length=4, span=3),
        "sma_of_returns": f.SimpleMovingAverage(
            inputs=[f.Returns(window_length=3)], window_length=4
        ),
    }


def technical(names: Names) -> dict[str, Any]:
    f = names.factors
    bands, aroon = f.BollingerBands(window_length=7, k=1.5), f.Aroon(window_length=6)
    cloud = f.IchimokuKinkoHyo(
        window_length=13, tenkan_sen_length=4, kijun_sen_length=7, chikou_span_length=6
    )
    return {
        "rsi": f.RSI(),
        "rsi_of_volume": f.RSI(inputs=[names.prices.volume], window_length=5),
        **{f"bands_{name}": getattr(bands, name) for name in bands.outputs},
        **{f"cloud_{name}": getattr(cloud, name) for name in cloud.outputs},
        **{f"aroon_{name}": getattr(aroon, name) for name in aroon.outputs},
        "oscillator": f.FastStochasticOscillator(),
        "rate_of_change": f.RateOfChangePercentage(inputs=[names.prices.close], window_length=5),
        "true_range": f.TrueRange(),
        "macd": f.MovingAverageConvergenceDivergenceSignal(
            fast_period=3, slow_period=7, signal_period=4
        ),
    }


def statistics(names: Names) -> dict[str, Any]:
    f, target = names.factors, names.assets[0]
    returns = f.Returns(window_length=2)
    of_open = f.Returns(inputs=[names.prices.open], window_length=2)
    regression = f.RollingLinearRegressionOfReturns(
        target=target, returns_length=2, regression_length=6
    )
    return {
        "beta": f.SimpleBeta(target=target, regression_length=8),
        "beta_strict": f.SimpleBeta(target, 5, allowed_missing_percentage=0.0),
        "pearson": f.RollingPearsonOfReturns(target, returns_length=2, correlation_length=6),
        "spearman": f.RollingSpearmanOfReturns(target, returns_length=2, correlation_length=6),
        "pearsonr": returns.pearsonr(target=of_open, correlation_length=5),
        "spearmanr": returns.spearmanr(target=of_open, correlation_length=5),
        **{f"line_{name}": getattr(regression, name) for name in regression.outputs},
        "line_of": returns.linear_regression(target=of_open, regression_length=5).beta,
    }


def arithmetic(names: Names) -> dict[str, Any]:
    f, p = names.factors, names.prices
    close, opened = p.close.latest, p.open.latest
    returns = f.Returns(window_length=3)
    mean = f.SimpleMovingAverage(inputs=[p.close], window_length=5)
    columns = {
        "sum": close + opened,
        "difference": close - mean,
        "product": returns * 100 * close,
        "ratio": close / opened,
        "inverse": 1 / returns,
        "power": close**2,
        "root": 2**returns,
        "rest": close % 7,
        "rest_negative": returns % 0.01,
        "negative": -returns,
        "twice": close + close,
        "nested": (close - mean) / (close + mean) * 3 - 1,
        "with_summary": close - close.mean(),
        "with_slice": returns - returns[names.assets[0]],
        "clipped": returns.clip(-0.01, 0.02),
        "filled": returns.fillna(0.25),
        "filled_by": mean.fillna(close),
    }
    for name in ("abs", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "exp", "expm1"):
        columns[name] = getattr(returns, name)()
    for name in ("arcsin", "arccos", "arcsinh", "arctanh", "log1p"):
        columns[name] = getattr(returns, name)()
    for name in ("log", "log10", "sqrt", "arccosh"):
        columns[name] = getattr(close, name)()
    return columns


def across(names: Names) -> dict[str, Any]:
    f, p = names.factors, names.prices
    returns, close = f.Returns(window_length=3), p.close.latest
    half = p.volume.latest > 20_000
    columns = {
        "rank": returns.rank(),
        "rank_down": close.rank(ascending=False),
        "rank_masked": returns.rank(mask=half),
        "zscore": returns.zscore(),
        "zscore_masked": returns.zscore(mask=half),
        "demean": close.demean(),
        "demean_masked": close.demean(mask=half),
        "winsorize": close.winsorize(0.2, 0.7),
        "winsorize_low": close.winsorize(0.4, 1.0, mask=half),
        "sma_of_rank": f.SimpleMovingAverage(inputs=[returns.rank()], window_length=3),
        "quartiles": returns.quartiles(),
        "quintiles": close.quintiles(),
        "deciles": close.deciles(),
        "terciles": returns.quantiles(3, mask=p.volume.latest.notnull()),
        "masked": f.SimpleMovingAverage(inputs=[p.close], window_length=4, mask=half),
    }
    for name in ("mean", "stddev", "max", "min", "median", "sum", "notnull_count"):
        columns[f"of_{name}"] = close * 0 + getattr(f.Returns(window_length=4), name)()
    return columns


def groups(names: Names) -> dict[str, Any]:
    f, p = names.factors, names.prices
    ranks = p.volume.latest.quantiles(2)
    present = f.Returns(window_length=3).fillna(0.001)
    return {
        "rank_grouped": present.rank(groupby=ranks),
        "rank_average_grouped": present.rank("average", groupby=ranks),
        "zscore_grouped": f.Returns(window_length=3).zscore(groupby=ranks),
        "demean_grouped": p.close.latest.demean(groupby=ranks),
        "winsorize_grouped": p.close.latest.winsorize(0.3, 0.9, groupby=ranks),
        "peers": ranks.peer_count(),
        "label": ranks,
        "top_grouped": present.top(2, groupby=ranks),
        "label_is": ranks.eq(1),
        "label_is_not": ranks != 1,
        "label_among": p.close.latest.quantiles(4).element_of([0, 3]),
        "label_missing": ranks.isnull(),
        "label_known": ranks.notnull(),
    }


def filters(names: Names) -> dict[str, Any]:
    f, p, of = names.factors, names.prices, names.filters
    close, returns = p.close.latest, f.Returns(window_length=3)
    mean = f.SimpleMovingAverage(inputs=[p.close], window_length=5)
    up, dear = returns > 0, close > 100
    return {
        "above": close > mean,
        "not_above": ~(close > mean),
        "at_least": close >= mean,
        "below": returns < -0.005,
        "at_most": mean <= close,
        "equal": close.eq(p.high.latest),
        "unequal": close != p.low.latest,
        "both": up & dear,
        "either": up | dear,
        "neither": ~(up | dear),
        "isnan": returns.isnan(),
        "notnan": returns.notnan(),
        "isfinite": (1 / returns).isfinite(),
        "isnull": mean.isnull(),
        "notnull": mean.notnull(),
        "top": returns.top(2),
        "top_one": close.top(1),
        "bottom": returns.bottom(2),
        "top_masked": close.top(2, mask=up),
        "between": returns.percentile_between(20, 70),
        "between_masked": close.percentile_between(50, 100, mask=dear),
        "all": of.All(inputs=[close > p.open.latest], window_length=2),
        "any": of.Any(inputs=[up], window_length=3),
        "at_least_2": of.AtLeastN(inputs=[up], window_length=4, N=2),
        "all_present": of.AllPresent(inputs=[p.close], window_length=5),
        "static": of.StaticAssets([names.assets[0], names.assets[3]]),
        "sids": of.StaticSids([1, 2]),
        "single": of.SingleAsset(names.assets[0]),
        "chosen": up.if_else(returns, -returns),
    }


def odd(names: Names) -> dict[str, Any]:
    f, p = names.factors, names.prices
    returns = f.Returns(window_length=2)
    mean = f.SimpleMovingAverage(inputs=[p.close], window_length=4)

    class Spread(f.CustomFactor):
        """High less low, its mean and its number, weighted."""

        inputs = (p.high, p.low)
        outputs = ("middle", "newest")
        params = {"weight": 2.0}
        window_length = 3

        def compute(self, today, assets, out, highs, lows, weight):
            out.middle[:] = (highs - lows).mean(axis=0) * weight
            out.newest[:] = highs[-1] - lows[-1] + today.day + len(assets)

    class Rising(names.filters.CustomFilter):
        """Whether the volume rose."""

        inputs = (p.volume,)
        window_length = 2

        def compute(self, today, assets, out, volumes):
            out[:] = volumes[-1] > volumes[0]

    class Digit(names.classifiers.CustomClassifier):
        """The whole part of the price by 50."""

        inputs = (p.close,)
        window_length = 1
        dtype = "int64"
        missing_value = -1

        def compute(self, today, assets, out, closes):
            known = closes[-1] == closes[-1]
            out[known] = closes[-1][known] // 50

    class Beside(f.CustomFactor):
        """Returns less those of one asset."""

        inputs = (returns, returns[names.assets[0]])
        window_length = 2

        def compute(self, today, assets, out, every, one):
            out[:] = (every - one).sum(axis=0)

    return {
        "spread_mean": Spread(weight=3.0).middle,
        "spread_last": Spread(mask=p.close.latest > 60).newest,
        "rising": Rising(),
        "digit": Digit(),
        "digit_rank": mean.demean(groupby=Digit()),
        "beside": Beside(),
        "monthly": mean.downsample("month_start"),
        "weekly": (mean - p.close.latest).downsample("week_start"),
        "weekly_filter": (returns > 0).downsample("week_start"),
        "alias": returns.alias("change"),
    }
