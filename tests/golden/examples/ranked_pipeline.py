"""Every week: weights by a score of reversal and calm, among what is traded enough."""

from zipline.api import (
    attach_pipeline,
    date_rules,
    order_target_percent,
    pipeline_output,
    record,
    schedule_function,
    time_rules,
)
from zipline.pipeline import CustomFactor, Pipeline
from zipline.pipeline.data import USEquityPricing
from zipline.pipeline.factors import AverageDollarVolume, Returns, SimpleMovingAverage


class Calm(CustomFactor):
    inputs = [Returns(window_length=2)]
    window_length = 8

    def compute(self, today, assets, out, returns):
        out[:] = -returns.std(axis=0)


def make_pipeline():
    close = USEquityPricing.close.latest
    traded = AverageDollarVolume(window_length=10).percentile_between(20, 100)
    reversal = SimpleMovingAverage(inputs=[USEquityPricing.close], window_length=10) / close - 1
    score = reversal.zscore(mask=traded) + Calm(mask=traded).rank(mask=traded).zscore()
    return Pipeline(
        columns={"score": score, "place": score.rank(ascending=False), "close": close},
        screen=traded & score.notnull() & (close > 5),
    )


def initialize(context):
    attach_pipeline(make_pipeline(), "ranked", chunks=7)
    schedule_function(rebalance, date_rules.week_start(), time_rules.market_open())


def rebalance(context, data):
    table = pipeline_output("ranked")
    weights = table.score - table.score.mean()
    weights = weights / max(weights.abs().sum(), 1e-9)
    record(size=len(table), closes=table["close"].sum(), best=table.score.max())
    for asset in context.portfolio.positions:
        if asset not in weights.index and data.can_trade(asset):
            order_target_percent(asset, 0)
    for asset, weight in weights.items():
        if data.can_trade(asset):
            order_target_percent(asset, weight)
