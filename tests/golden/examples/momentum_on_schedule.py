"""Every week: go long in what rose most over a quarter of a year, short in what fell most."""

import zipline.api as z
from zipline.api import date_rules, time_rules


def initialize(context):
    context.universe = z.symbols(*(f"A{number:03d}" for number in range(10)))
    context.ranked = []
    z.schedule_function(rebalance, date_rules.week_start(), time_rules.market_open(hours=1))
    z.schedule_function(note, date_rules.month_end(), time_rules.market_close(), half_days=False)


def before_trading_start(context, data):
    context.ranked = []


def rebalance(context, data):
    prices = data.history(context.universe, "price", 60, "1d")
    change = prices.pct_change(59).iloc[-1].sort_values()
    context.ranked = list(change.index)
    longs, shorts = context.ranked[-3:], context.ranked[:3]
    for asset in context.portfolio.positions:
        if asset not in longs and asset not in shorts:
            z.order_target_percent(asset, 0)
    for asset in longs:
        if data.can_trade(asset):
            z.order_target_percent(asset, 0.25)
    for asset in shorts:
        if data.can_trade(asset):
            z.order_target_percent(asset, -0.1)


def note(context, data):
    z.record(
        leverage=context.account.leverage,
        held=len(context.portfolio.positions),
        cash=context.portfolio.cash,
    )
