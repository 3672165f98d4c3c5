"""Every day: long in the two assets of the strongest RSI, short in the two of the weakest."""

from zipline.api import (
    attach_pipeline,
    date_rules,
    order_target_percent,
    pipeline_output,
    record,
    schedule_function,
)
from zipline.pipeline import Pipeline
from zipline.pipeline.factors import RSI


def initialize(context):
    strength = RSI(window_length=10)
    columns = {"strong": strength.top(2), "weak": strength.bottom(2)}
    attach_pipeline(Pipeline(columns=columns), "strength")
    schedule_function(rebalance, date_rules.every_day())


def before_trading_start(context, data):
    context.table = pipeline_output("strength")


def rebalance(context, data):
    assets = context.table.index
    longs, shorts = assets[context.table.strong], assets[context.table.weak]
    record(n_assets=len(assets))
    for asset in longs:
        order_target_percent(asset, 0.4)
    for asset in shorts:
        order_target_percent(asset, -0.4)
    for asset in context.portfolio.positions.keys() - set(longs.union(shorts)):
        if data.can_trade(asset):
            order_target_percent(asset, 0)
