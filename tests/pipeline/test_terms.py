"""Terms are values, and one that cannot be computed is refused when it is made."""

import datetime

import pytest

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.pipeline import CustomClassifier, CustomFactor, CustomFilter, Pipeline
from holdfast.pipeline.data import EquityPricing, USEquityPricing
from holdfast.pipeline.domain import GENERIC, US_EQUITIES
from holdfast.pipeline.factors import (
    RSI,
    Aroon,
    BollingerBands,
    ExponentialWeightedMovingAverage,
    IchimokuKinkoHyo,
    MACDSignal,
    Returns,
    RollingLinearRegressionOfReturns,
    SimpleBeta,
    SimpleMovingAverage,
)
from holdfast.pipeline.filters import AllPresent, SingleAsset, StaticAssets

CLOSE = USEquityPricing.close
DAY = datetime.datetime(2024, 1, 2)
ASSET = Asset(0, "AAA", "AAA", "XNYS", DAY, DAY, DAY)


class Plain(CustomFactor):
    inputs = (CLOSE,)
    window_length = 2


class Weighted(Plain):
    params = ("weight",)


def test_the_same_computation_is_the_same_object():
    one, other = RSI(window_length=9), RSI(inputs=[EquityPricing.close], window_length=9)
    assert one is other
    assert one.top(3) is other.top(3)
    assert (one + 1) is (other + 1.0)
    assert (one > 50) & CLOSE.latest.notnull() is (other > 50) & CLOSE.latest.notnull()
    assert BollingerBands(window_length=5, k=2).upper is BollingerBands(window_length=5, k=2).upper
    assert one is not RSI(window_length=10)
    assert (one + 1) is not (1 + one)
    assert one.rank() is not one.rank(ascending=False)
    assert Weighted(weight=1) is not Weighted(weight=2)


def test_only_terms_without_code_of_a_user_are_pure():
    assert RSI().zscore().pure
    assert not Plain().pure
    assert not Plain().rank().pure
    assert not RSI(mask=Plain() > 0).pure
    assert not SimpleMovingAverage(inputs=[Plain().rank()], window_length=3).pure


WRONG = {
    "no inputs": (lambda: SimpleMovingAverage(window_length=3), "needs inputs"),
    "no window": (lambda: SimpleMovingAverage(inputs=[CLOSE]), "needs window_length"),
    "window of 0": (lambda: Plain(window_length=0), "window_length is 0"),
    "window of a text": (lambda: Plain(window_length="3"), "window_length is '3'"),
    "one input, bare": (lambda: Plain(inputs=CLOSE), r"such as \[EquityPricing.close\]"),
    "an input of a number": (lambda: Plain(inputs=[3]), "input 3, which is not a column"),
    "two inputs": (lambda: RSI(inputs=[CLOSE, CLOSE]), "takes one input, not 2"),
    "short returns": (lambda: Returns(window_length=1), "window_length is 1; at least 2"),
    "unsafe input": (
        lambda: SimpleMovingAverage(
            inputs=[SimpleMovingAverage(inputs=[CLOSE], window_length=2)], window_length=2
        ),
        "not comparable across splits",
    ),
    "unknown column": (lambda: USEquityPricing.closing, "no column 'closing'; it has close, high"),
    "unknown parameter": (lambda: Plain(speed=2), "no parameter 'speed'"),
    "missing parameter": (lambda: Weighted(), "needs the parameter weight"),
    "unhashable parameter": (lambda: Weighted(weight=[1]), "must be hashable"),
    "unknown output": (lambda: BollingerBands(window_length=5, k=2).top_line, "lower, middle"),
    "mask of numbers": (lambda: RSI(mask=CLOSE.latest), "mask is .*; it must be a filter"),
    "mask of one column": (
        lambda: RSI(mask=(RSI() > 50)[ASSET]),
        "mask .* has one column for all assets",
    ),
    "rank mask": (lambda: RSI().rank(mask=RSI()), "it must be a filter"),
    "groupby of a factor": (lambda: RSI().rank(groupby=RSI()), "it must be a classifier"),
    "unknown rank": (lambda: RSI().rank("best"), "choose from average, min"),
    "percentiles": (lambda: RSI().percentile_between(80, 20), "between 0 and 100"),
    "winsorize": (lambda: RSI().winsorize(0.5, 5), "between 0 and 1"),
    "quantiles": (lambda: RSI().quantiles(0), "bins must be 1 or more"),
    "and a factor": (lambda: (RSI() > 1) & RSI(), "needs a filter on both sides"),
    "plus a text": (lambda: RSI() + "1", "factors or numbers"),
    "compared to a text": (lambda: RSI() > "1", "a factor or a number on the right"),
    "ordered labels": (lambda: RSI().quartiles() < 2, "no order"),
    "label of a text": (lambda: RSI().quartiles().eq("a"), "labels of int64"),
    "label that is missing": (lambda: RSI().quartiles().eq(-1), r"use isnull\(\)"),
    "text of numbers": (lambda: RSI().quartiles().startswith("a"), "classifiers of texts"),
    "null of a filter": (lambda: (RSI() > 1).isnull(), "not on the filter"),
    "filled by a column": (lambda: RSI().fillna(CLOSE), "append .latest"),
    "filled by a text": (lambda: RSI().fillna("a"), "does not fit"),
    "two kinds": (lambda: (RSI() > 1).if_else(RSI(), RSI() > 2), "two terms of one kind"),
    "slice by a text": (lambda: RSI()["AAPL"], "needs an asset, not 'AAPL'"),
    "static texts": (lambda: StaticAssets(["AAPL"]), "needs assets, not 'AAPL'"),
    "single text": (lambda: SingleAsset("AAPL"), "needs an asset, not 'AAPL'"),
    "beta of a text": (lambda: SimpleBeta("SPY", 10), "must be an asset"),
    "short beta": (lambda: SimpleBeta(ASSET, 2), "at least 3"),
    "missing part": (lambda: SimpleBeta(ASSET, 9, 25), "between 0 and 1"),
    "short line": (lambda: RollingLinearRegressionOfReturns(ASSET, 2, 1), "at least 2"),
    "two masks": (
        lambda: RSI(mask=RSI() > 1).pearsonr(RSI(), 5),
        "different masks",
    ),
    "downsample": (lambda: RSI().downsample("daily"), "choose from week_start"),
    "shift": (lambda: RSI().shift(0), "must be 1 or more"),
    "short aroon": (lambda: Aroon(window_length=1), "at least 2"),
    "fast over slow": (lambda: MACDSignal(26, 12), "more than fast_period, 26"),
    "cloud": (lambda: IchimokuKinkoHyo(window_length=20), "kijun_sen_length is 26"),
    "span": (
        lambda: ExponentialWeightedMovingAverage.from_span([CLOSE], 5, span=1),
        "span is 1; it must be more than 1",
    ),
    "filter of floats": (
        lambda: CustomFilter(inputs=[CLOSE], window_length=1, dtype=float),
        "only bool will do",
    ),
    "factor of bools": (
        lambda: CustomFactor(inputs=[CLOSE], window_length=1, dtype=bool),
        "derive it from CustomFilter",
    ),
    "classifier of floats": (
        lambda: CustomClassifier(inputs=[CLOSE], window_length=1, dtype=float),
        "choose int64 or object",
    ),
    "output named as a method": (
        lambda: CustomFactor(inputs=[CLOSE], window_length=1, outputs=["alias"]),
        "cannot be named 'alias'",
    ),
    "column of raw data": (lambda: Pipeline({"close": CLOSE}), "append .latest"),
    "column of a summary": (lambda: Pipeline({"mean": RSI().mean()}), "one number for all"),
    "column of a number": (lambda: Pipeline({"five": 5}), "'five' is 5, not a factor"),
    "screen of a factor": (lambda: Pipeline(screen=RSI()), "the screen is RSI"),
    "all present of a filter": (
        lambda: AllPresent(inputs=[RSI() > 1], window_length=2),
        "not the filter",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_computed_says_why(wrong):
    make, message = WRONG[wrong]
    with pytest.raises((UsageError, AttributeError), match=message):
        make()


def test_columns_are_added_replaced_and_removed():
    pipeline = Pipeline({"rsi": RSI()}, domain=US_EQUITIES)
    with pytest.raises(UsageError, match="has a column 'rsi' already"):
        pipeline.add(RSI(), "rsi")
    pipeline.add(RSI(window_length=5), "rsi", overwrite=True)
    assert pipeline.columns == {"rsi": RSI(window_length=5)}
    assert pipeline.remove("rsi") is RSI(window_length=5)
    with pytest.raises(UsageError, match="has no column 'rsi'; it has none"):
        pipeline.remove("rsi")
    pipeline.set_screen(RSI() > 5)
    with pytest.raises(UsageError, match="has a screen already"):
        pipeline.set_screen(RSI() > 6)
    assert (pipeline.domain(GENERIC), Pipeline().domain(GENERIC)) == (US_EQUITIES, GENERIC)
