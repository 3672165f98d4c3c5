"""Every hour: buy what fell below its average of the day before; sell at the close."""

from zipline.api import (
    EODCancel,
    cancel_order,
    date_rules,
    get_datetime,
    get_open_orders,
    order_percent,
    order_target,
    record,
    schedule_function,
    set_cancel_policy,
    symbols,
    time_rules,
)


def initialize(context):
    context.universe = symbols("A000", "A001", "A002")
    context.average = None
    set_cancel_policy(EODCancel(warn_on_cancel=False))
    for hours in range(1, 6):
        schedule_function(buy, date_rules.every_day(), time_rules.market_open(hours=hours))
    schedule_function(sell, date_rules.every_day(), time_rules.market_close(minutes=20))


def before_trading_start(context, data):
    context.average = data.history(context.universe, "price", 390, "1m").mean()


def buy(context, data):
    prices = data.current(context.universe, "price")
    for asset in context.universe:
        if prices[asset] < context.average[asset] * 0.995:
            order_percent(asset, 0.1, limit_price=prices[asset] * 0.999)
    record(hour=get_datetime("America/New_York").hour)


def sell(context, data):
    for waiting in get_open_orders().values():
        for order in waiting:
            cancel_order(order.id)
    for asset in context.portfolio.positions:
        order_target(asset, 0)
